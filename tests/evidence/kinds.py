"""Kinds of mutants, read from ``kinds/*.toml``: hazards of a rule, and harmless edits that look like them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from machines import STAND_INS
from page import read_page
from reproduce import Machines

from nequip_lint.toml import read_toml

FOLDER = Path(__file__).parent / "kinds"
RULES = Path(__file__).parents[2] / "rules"
WHERE = ("top", "function", "class", "init", "forward", "result", "package", "package-first")
"""Where lines can be put.

`top` is after the imports of a module, `function` first in some function, `class` last in the body of a
class that the pickled model holds, `init` after the base's constructor in the constructor of such a class,
`forward` first in its forward method, `result` before the `return data` at the end of that; `package` and
`package-first` are the end and the start of the top package's `__init__`.
"""
NEQUIP = ("nequip", "allegro", "softcore")
LINT_ONLY = "lint-only"


@dataclass(frozen=True)
class Kind:
    """What is done to a subject.

    `rule` is the rule whose hazard it is, '' for a harmless edit, and then `like` the rule that could take it
    for one. `edits` are lines by place, `files` more files by path, in which `{module}`, `{package}`,
    `{folder}`, `{class}`, `{top}` and `{distribution}` stand for those of the changed module and its subject.
    `requires` and `extras` are added to the project's requirements, `entries` are its entry points where they
    are others; `build` and `load` say what is installed where, `loads` how often a package is loaded, and
    `python` which other Python gets the source. `archive` are the added modules that belong into the archive,
    `fails` the stages at which the hazard may bite: the one of the rule's page, if nothing is said.
    """

    name: str
    rule: str
    like: str
    fails: tuple[str, ...]
    edits: Mapping[str, str]
    files: Mapping[str, str]
    subjects: tuple[str, ...] = NEQUIP
    requires: tuple[str, ...] = ()
    extras: tuple[str, ...] = ()
    build: tuple[str, ...] = ()
    load: tuple[str, ...] = ()
    loads: int = 1
    python: str = ""
    archive: tuple[str, ...] = ()
    entries: Mapping[str, str] | None = None

    @property
    def family(self) -> str:
        """The rule that a kind is about; '' for edits that look like no hazard."""
        return self.rule or self.like

    @property
    def is_lint_only(self) -> bool:
        """Whether only the linter has anything to say of this hazard."""
        return self.fails == (LINT_ONLY,)

    def machines(self, nequip: bool) -> Machines:
        """What is installed where, for a subject with or without nequip."""
        return Machines(nequip, self.build, self.load, STAND_INS)


@cache
def kinds() -> tuple[Kind, ...]:
    """All kinds, in the order of the files.

    Raises:
        ValueError: an entry has a key that means nothing, or neither `rule` nor `like`.
    """
    return tuple(
        _kind(name, entry)
        for path in sorted(FOLDER.glob("*.toml"))
        for name, entry in read_toml(path).items()
    )


def _kind(name: str, entry: Mapping[str, Any]) -> Kind:
    lists = ("subjects", "requires", "extras", "build", "load", "archive")
    others = ("rule", "like", "fails", "files", "loads", "python", "entries")
    unknown = entry.keys() - {*WHERE, *lists, *others}
    if unknown or ("rule" in entry) == ("like" in entry):
        raise ValueError(f"{name}: {', '.join(unknown) or 'one of rule and like is needed'}")
    rule = str(entry.get("rule", ""))
    return Kind(
        name,
        rule,
        str(entry.get("like", "")),
        tuple(entry.get("fails", [stage_of(rule)] if rule else [])),
        {key: str(entry[key]).strip("\n") for key in WHERE if key in entry},
        entry.get("files", {}),
        loads=entry.get("loads", 1),
        python=entry.get("python", ""),
        entries=entry.get("entries"),
        **{key: tuple(entry[key]) for key in lists if key in entry},
    )


@cache
def stage_of(rule: str) -> str:
    """The stage at which the bad example of a rule's page fails."""
    return str(read_page(RULES / f"{rule}.md").meta["fails"])


def named(names: Iterable[str]) -> tuple[Kind, ...]:
    """The kinds of these names."""
    by_name = {kind.name: kind for kind in kinds()}
    return tuple(by_name[name] for name in names)
