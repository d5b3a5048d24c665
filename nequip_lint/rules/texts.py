"""The linted files that rules look into again, beyond their facts."""

from __future__ import annotations

from pathlib import Path

from nequip_lint.facts.source import Problem, decode, read
from nequip_lint.facts.values import Facts
from nequip_lint.project.model import Project

_BUILDERS = ("model_builder", "save_checkpoint")


def text_of(facts: Facts) -> str:
    """The text of a linted file; '' where it cannot be read."""
    try:
        text = decode(read(Path(facts.path)))
    except OSError:
        return ""
    return "" if isinstance(text, Problem) else text


def builders(project: Project) -> list[Facts]:
    """The linted files in which models may be made: packaged, run at import, or with a model builder."""
    found = {facts.module: facts for facts in project.files if _has_builder(facts)}
    return [project.sources.detailed(facts) for facts in (found | project.executed).values()]


def _has_builder(facts: Facts) -> bool:
    return any(name.rpartition(".")[2] in _BUILDERS for item in facts.functions for name in item.decorators)
