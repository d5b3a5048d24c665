"""NQ005 nothing-judged: a project of models in which no class is known to belong to one."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from nequip_lint import disk
from nequip_lint.contents import read_bytes
from nequip_lint.declared.metadata import FILES, GROUP
from nequip_lint.project.model import Project
from nequip_lint.project.registrations import CORE
from nequip_lint.rules.base import Hit, at, rule
from nequip_lint.values import Span

_SETTING = "internal-packages"
_UNKNOWN = "what a package of this project holds is not known, and nothing in it was judged"
_NO_CLASS = "but no class here is known to belong to a model"
_HELP = 'name the modules of its model classes: roots = ["MODULE"] in [tool.nequip-lint], or --root MODULE'
_NONE = '; if it has none, set ignore = ["NQ005"]'


@rule("NQ005")
def nothing_judged(project: Project) -> Iterator[Hit]:
    """One hit where roots are looked for and none is found, at what shows that there should be some.

    nequip and e3nn are packaged with the models of others, which are judged then.
    """
    is_read = not any(facts.problem for facts in project.files)
    if project.infers_roots and not project.roots and is_read and project.tops.isdisjoint(CORE):
        yield from list(_class(project)) or _declared(project)


def _class(project: Project) -> Iterator[Hit]:
    """At the first `nn.Module` of the project."""
    others = [item for item in project.candidates if project.is_shipped(item.module)]
    for first in others[:1]:
        facts = project.owned[first.module]
        more = f" and {len(others) - 1} more" if len(others) > 1 else ""
        message = f"{_UNKNOWN}: {first.name}{more} may be part of a model, but {first.why}"
        root = f"{first.module}:{first.name}"
        help = f'if it is, name it: roots = ["{root}"] in [tool.nequip-lint], or --root {root}'
        span = next(item.span for item in facts.classes if item.name == first.name)
        yield at(facts, span, message, help)


def _declared(project: Project) -> Iterator[Hit]:
    """At what declares that a linted package is packaged."""
    metadata = project.metadata
    for names, what, path, needle in (
        (project.entry_points, "the entry point nequip.extension", metadata.path, GROUP),
        (sorted(project.settings.intern), _SETTING, metadata.root / FILES[0], _SETTING),
    ):
        for name in names:
            if name.partition(".")[0] in project.tops:
                message = f"{_UNKNOWN}: {what} names {name}, {_NO_CLASS}"
                yield Hit(*_place(project, path, needle, name), message, f"{_HELP}{_NONE}", name)
                return


def _place(project: Project, path: Path, needle: str, name: str) -> tuple[str, Span]:
    """The line of a declaration, else the first line of the package that it names."""
    text = read_bytes(path).decode("utf-8", errors="replace") if disk.is_file(path) else ""
    for number, line in enumerate(text.splitlines(), 1):
        if needle in line:
            return str(path), Span(number, 1, number, len(line) + 1)
    top = name.partition(".")[0]
    facts = next(item for item in project.files if item.module.partition(".")[0] == top)
    return facts.path, Span(1, 1, 1, 1)
