"""The defaults list of a configuration, as hydra 1.3 reads it (`hydra/_internal/defaults_list.py`)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

SELF = "_self_"
_GLOBAL = "_global_"
_MISSING = "???"


class Default(NamedTuple):
    """One entry: a file by its group and its option, and the package that the entry gives to it.

    `group` is '' for a file that is named without one; `option` is None where nothing is chosen.
    """

    group: str
    option: str | None
    package: str | None = None
    is_override: bool = False
    is_optional: bool = False

    @property
    def key(self) -> str:
        """What an override names."""
        return self.group if self.package is None else f"{self.group}@{self.package}"


def defaults_of(content: Mapping[str, Any]) -> list[Default]:
    """The entries in order; the file itself comes last where the list does not say (hydra 1.2 and later)."""
    given = content.get("defaults")
    entries = (
        [entry for item in given if given for entry in _entries(item)] if isinstance(given, list) else []
    )
    has_self = any(entry.option == SELF and not entry.group for entry in entries)
    return entries if has_self else [*entries, Default("", SELF)]


def _entries(item: Any) -> Iterator[Default]:
    if isinstance(item, str):
        name, _, package = item.partition("@")
        yield Default("", name, package or None)
    elif isinstance(item, Mapping):
        for key, value in item.items():
            yield from _of_group(str(key), value)


def _of_group(key: str, value: Any) -> Iterator[Default]:
    *words, place = key.split()
    group, _, package = place.partition("@")
    options = value if isinstance(value, list) else [value]
    for option in options:
        chosen = None if option is None or option == _MISSING else str(option)
        yield Default(group, chosen, package or None, "override" in words, "optional" in words)


def package_of(default: Default, group: str, header: str | None, parent: str) -> str:
    """The package in which a file's values are put, '' for the whole configuration.

    Args:
        default: the entry that names the file.
        group: the folder of the file, below that of the configurations.
        header: the package that the file itself names.
        parent: the package of the file with the entry.
    """
    own = default.group if default.group else default.option.rpartition("/")[0] if default.option else ""
    plain = own.strip("/").replace("/", ".")
    given = default.package if default.package is not None else header
    if given is None:
        return _joined("" if own.startswith("/") else parent, plain)
    if given.partition(".")[0] == _GLOBAL:
        return given.partition(".")[2]
    if given == "_here_":
        return parent
    named = given.replace("_group_", group.strip("/").replace("/", "."))
    named = named.replace("_name_", (default.option or "").rpartition("/")[2])
    return named if default.package is None else _joined(parent, named)


def _joined(parent: str, name: str) -> str:
    return ".".join(filter(None, (parent, name)))
