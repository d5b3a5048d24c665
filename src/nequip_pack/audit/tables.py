"""What audits allow and what they look for, from the tables in ``rules/``; read when an audit asks."""

from __future__ import annotations

import sys
from collections.abc import Collection, Mapping
from functools import cache
from typing import Any, Final, NamedTuple

from nequip_lint.api import table

_OWN: Final = frozenset({"self", "cls"})
_WORDS: Final = frozenset({"system"})
"""Attributes that models of physics have too."""
_MODULES: Final = frozenset(
    {"subprocess", "socket", "ctypes", "posix", "pty", "runpy", "shutil", "tempfile", "zipfile", "marshal"}
)


class Allowed(NamedTuple):
    """A class or function that pickles may name.

    Attributes:
        use: ``value``: it may be named alone; ``class``: objects of it may be made as unpickling does;
            ``type``: it may be called, too; ``call``: it may be called, and handed to nobody; ``shape``: it
            may be called with arguments of a certain form, and handed to nobody.
        reason: why.
    """

    use: str
    reason: str


class Effect(NamedTuple):
    """Something that source does beyond computing.

    Attributes:
        kind: ``process``, ``network``, ``write``, ...
        does: the end of a sentence that begins with the code.
        refused: whether code of unknown origin may not do it when the package is loaded.
    """

    kind: str
    does: str
    refused: bool


CHANGE: Final = Effect("change", "is replaced, for all that is loaded after it", False)
"""Something that a module imports, and changes."""


@cache
def callables() -> Mapping[tuple[str, str], Allowed]:
    """By module and name, what pickles may name."""
    return {
        (entry["module"], name): Allowed(entry["use"], entry["reason"])
        for entry in table("pickles")["callable"]
        for name in entry["names"]
    }


@cache
def methods() -> frozenset[str]:
    """The methods of `torch.nn.Module`, which torch may call by their names."""
    return frozenset(table("pickles")["methods"])


@cache
def generated() -> Mapping[str, Any]:
    """What generated source may consist of."""
    return table("generated")


def mocks() -> frozenset[str]:
    """SHA-256 of what torch.package writes for mocked modules, by its releases."""
    return frozenset(table("generated")["mocks"])


def endings() -> frozenset[str]:
    """Endings of the names of files that some program would run or unpickle."""
    return frozenset(table("effects")["endings"])


_UNUSUAL: Final = Effect("unusual", "is nothing that models compute with", False)
"""Something of Python's library, torch or numpy that nobody has judged."""
_OF_SYSTEM: Final = Effect("write", "may open or change files, or more", True)
_OF_PATHS: Final = Effect("write", "opens or changes files, if it is a method of a path", True)


def effect_at_load(name: str, imported: Collection[str]) -> Effect | None:
    """The effect of a name where a load runs it: what models do not compute with counts, too.

    Args:
        name: as for :func:`effect_of`.
        imported: the top-level names of the modules that the file imports.
    """
    top, _, rest = name.partition(".")
    found, known = effect_of(name), table("effects")
    if found is not None or not rest:
        return found
    if top == "os" and rest.partition(".")[0] not in known["of_os"]:
        return _OF_SYSTEM
    if "pathlib" in imported and name.rpartition(".")[2] in known["of_paths"]:
        return _OF_PATHS
    return _UNUSUAL if top in imported and _is_unusual(name) else None


def _is_unusual(name: str) -> bool:
    known = table("effects")
    if any(calm.startswith(f"{name}.") for calm in known["calm"]):
        return False
    parts = name.split(".")
    for count in range(len(parts), 0, -1):
        start = ".".join(parts[:count])
        if start in known["calm"] or start in known["beyond"]:
            return start in known["beyond"]
    return parts[0] in sys.stdlib_module_names


@cache
def _effects() -> tuple[Mapping[str, Effect], Mapping[str, Effect]]:
    names: dict[str, Effect] = {}
    attributes: dict[str, Effect] = {}
    for entry in table("effects")["effect"]:
        effect = Effect(entry["kind"], entry["does"], entry["at_load"] == "refuse")
        names.update(dict.fromkeys(entry["names"], effect))
        attributes.update(dict.fromkeys(entry["attributes"], effect))
    return names, attributes


def effect_of(name: str) -> Effect | None:
    """What the use of a name does beyond computing; ``None`` for all other names.

    Args:
        name: absolute and dotted, as far as it is known.
    """
    names, attributes = _effects()
    parts = name.split(".")
    known = (".".join(parts[:count]) for count in range(len(parts), 0, -1))
    found = next((names[start] for start in known if start in names), None)
    if found is None and len(parts) > 1 and (parts[0] not in _OWN or parts[-1] not in _WORDS):
        found = attributes.get(parts[-1]) or _through_others(parts, names)
    return found


def _through_others(parts: list[str], names: Mapping[str, Effect]) -> Effect | None:
    """The effect of a module that is reached as an attribute of another one, as in ``random._os.popen``."""
    parts = [part.lstrip("_") or part for part in parts]
    for start in range(1, len(parts)):
        for stop in range(len(parts), start + 1, -1):
            if (found := names.get(".".join(parts[start:stop]))) is not None:
                return found
        if parts[start] in _MODULES and start < len(parts) - 1 and parts[start] in names:
            return names[parts[start]]
    return None
