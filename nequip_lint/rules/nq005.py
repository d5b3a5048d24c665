"""NQ005 nothing-judged: a project of models in which no class is known to belong to one."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from nequip_lint import disk
from nequip_lint.contents import read_bytes
from nequip_lint.declared.metadata import FILES, GROUP
from nequip_lint.project.candidates import Candidate
from nequip_lint.project.model import Project
from nequip_lint.project.registrations import CORE
from nequip_lint.rules.base import Hit, at, rule
from nequip_lint.values import Span

_SETTING = "internal-packages"
_UNKNOWN = "what a package of this project holds is not known, and nothing in it was judged"
_NOT_FOUND = "no class of a model is found behind it"
_NO_CLASS = "but no class here is known to belong to a model"
_HELP = 'name the modules of its model classes: roots = ["MODULE"] in [tool.nequip-lint], or --root MODULE'
_NONE = '; if it has none, set ignore = ["NQ005"]'


@rule("NQ005")
def nothing_judged(project: Project) -> Iterator[Hit]:
    """One hit where roots are looked for and none is found, at what shows that there should be some.

    A builder that is named as a root, and that leads to no class, is one too. nequip and e3nn are packaged
    with the models of others, which are judged then.
    """
    if any(facts.problem for facts in project.files) or not project.tops.isdisjoint(CORE):
        return
    if not project.infers_roots:
        yield from _lost(project)
    elif not project.judged:
        yield from list(_lost(project)) or list(_class(project)) or _declared(project)


def _lost(project: Project) -> Iterator[Hit]:
    """At the first builder of the project behind which no class is found."""
    lost = [place for place in project.lost if place[0] in project.owned]
    for module, name in lost[:1]:
        facts = project.owned[module]
        more = f"; the same holds for {len(lost) - 1} more" if lost[1:] else ""
        message = f"what {name}() makes is not known, and was not judged: {_NOT_FOUND}{more}"
        others = _unjudged(project)
        root = f"{others[0].module}:{others[0].name}" if others else "MODULE:CLASS"
        help = f'name the class that it makes: roots = ["{root}"] in [tool.nequip-lint], or --root {root}'
        spans = {item.name: item.span for item in facts.bindings}
        yield at(facts, spans.get(name, Span(1, 1, 1, 1)), message, help)


def _unjudged(project: Project) -> list[Candidate]:
    """The `nn.Module`s of the project that no root is."""
    judged = {module for module, _ in project.judged}
    return [c for c in project.candidates if project.is_shipped(c.module) and c.module not in judged]


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
