"""What the rules of family NQ4xx share: attributes that classes of packaged models set on themselves."""

from __future__ import annotations

from collections.abc import Container, Iterator

from nequip_lint.facts.values import Facts, Probe
from nequip_lint.project.model import Project
from nequip_lint.project.roots import definition_of, resolve_local
from nequip_lint.rules.probed import is_reached, packaged

_PLAIN = ("torch.nn.modules.module", "Module")
"""Has a `__setstate__`, for old pickles, but leaves the state as it is."""


def held(project: Project, category: str) -> Iterator[tuple[Facts, Probe]]:
    """The attributes of one category that a module of a model sets and keeps when it is pickled."""
    classes = {(item.module, item.name) for item in project.candidates}
    for facts in packaged(project):
        for probe in facts.probes:
            if probe.kind != "attribute" or probe.detail[0] != category:
                continue
            key = (facts.module, probe.owner)
            if key in classes and not _decides(project, key) and is_reached(project, facts, probe):
                yield facts, probe


def made_by(project: Project, functions: Container[str]) -> Iterator[tuple[Facts, Probe]]:
    """The calls of some functions in the classes of a model, under no test: behind one they are an option."""
    classes = {(item.module, item.name) for item in project.candidates}
    for facts in packaged(project):
        for probe in facts.probes:
            is_own = probe.kind == "call" and (facts.module, probe.owner) in classes
            if is_own and probe.name in functions and not probe.place.guards:
                yield facts, probe


def _decides(project: Project, key: tuple[str, str], depth: int = 8) -> bool:
    """Whether a class, or one that it inherits from, decides itself what is pickled."""
    facts = project.sources.facts(key[0])
    if facts is None or not depth or key == _PLAIN:
        return False
    item = next((item for item in facts.classes if item.name == key[1]), None)
    if item is None or item.decides:
        return item is not None
    found = (definition_of(project.sources, resolve_local(facts, base)) for base in item.bases if base)
    return any(_decides(project, base, depth - 1) for base in found if base is not None)
