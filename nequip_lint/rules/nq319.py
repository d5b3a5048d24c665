"""NQ319 state-set-by-builder: a module or class changed while a model is made, and read when it runs."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import partial
from typing import TYPE_CHECKING

from nequip_lint.facts.names import resolve
from nequip_lint.facts.values import Facts, Probe
from nequip_lint.project.model import Project
from nequip_lint.project.roots import definition_of
from nequip_lint.rules.base import Hit, at, rule
from nequip_lint.rules.texts import builders, text_of

if TYPE_CHECKING:
    from nequip_lint.rules.lifetimes import Lifetimes

_ALWAYS_READ = ("forward", "__call__")
_HELP = "keep it on the instance"


@rule("NQ319")
def state_set_by_builder(project: Project) -> Iterator[Hit]:
    """One hit for each attribute and function that sets it."""
    stores = [(facts, probe, _target(project, facts, probe)) for facts, probe in _stores(project)]
    suspect = [(facts, probe, target) for facts, probe, target in stores if target is not None]
    if not suspect or not project.candidates:
        return
    from nequip_lint.rules.lifetimes import lifetimes

    known = lifetimes(project)
    seen: set[tuple[str, ...]] = set()
    for facts, probe, target in suspect:
        key = (facts.module, probe.owner, probe.function)
        if key in known.making and (*key, *target) not in seen and _is_lost(project, known, target, probe):
            seen.add((*key, *target))
            yield at(facts, probe.span, _message(probe, target), _HELP, target[0])


def _stores(project: Project) -> Iterator[tuple[Facts, Probe]]:
    for facts in builders(project):
        for probe in facts.probes:
            if probe.function and (probe.kind == "store" or _is_setattr(probe)):
                yield facts, probe


def _is_setattr(probe: Probe) -> bool:
    literal = len(probe.detail) == 3 and probe.detail[1][:1] in ("'", '"')
    return probe.kind == "call" and probe.name == "setattr" and literal


def _target(project: Project, facts: Facts, probe: Probe) -> tuple[str, str] | None:
    """The packaged module and the name in it that a probe sets; None where it sets something else."""
    name = _full(facts, probe)
    found = definition_of(project.sources, name) or _outside(project, name)
    is_kept = found is not None and found[0] in project.packaged.modules and found[0] in project.owned
    return found if is_kept else None


def _full(facts: Facts, probe: Probe) -> str:
    name = probe.name
    if probe.kind == "call":
        name = f"{resolve(facts, probe.detail[0])}.{probe.detail[1].strip(chr(34) + chr(39))}"
    head, _, rest = name.partition(".")
    if head == "cls":
        return f"{facts.module}.{probe.owner}.{rest}" if probe.owner else ""
    bound = {item.name for item in facts.bindings}
    return f"{facts.module}.{name}" if head in bound or (probe.kind == "store" and not rest) else name


def _outside(project: Project, name: str) -> tuple[str, str] | None:
    """A module and a name that only such a statement gives it."""
    module, _, attribute = name.rpartition(".")
    return (module, attribute) if project.sources.facts(module) is not None else None


def _is_lost(project: Project, known: Lifetimes, target: tuple[str, str], probe: Probe) -> bool:
    """Whether code that runs in a package reads the attribute, and neither it nor instances set it."""
    owner, _, name = target[1].rpartition(".")
    own = re.compile(rf"\bself\.{re.escape(name)}\b[^=\n]*=[^=]")
    if owner and own.search(text_of(project.owned[target[0]])):
        return False
    means = partial(_is_meant, project, target, probe.detail == ("item",))
    is_read = name in _ALWAYS_READ or any(means(*one) for one in known.read.get(name, ()))
    return is_read and not any(means(*one) for one in known.stored.get(name, ()))


def _is_meant(project: Project, target: tuple[str, str], item: bool, facts: Facts, name: str) -> bool:
    """Whether a name in a file stands for the attribute; what an import binds keeps its first value."""
    module, attribute = target
    owner, _, last = attribute.rpartition(".")
    head, *parts = name.split(".")
    if last not in (head, *parts):
        return False
    if owner and last in parts and head in ("self", "cls", "?"):
        return True
    if facts.module == module and f"{name}.".startswith(f"{attribute}."):
        return True
    if not parts and not item:
        return False
    known = ".".join([head, *parts][: [head, *parts].index(last) + 1])
    full = resolve(facts, known)
    return full == f"{module}.{attribute}" or definition_of(project.sources, full) == target


def _message(probe: Probe, target: tuple[str, str]) -> str:
    maker = f"{probe.owner}.{probe.function}" if probe.owner else probe.function
    return (
        f"a loaded package computes with the {target[1]} that the source of {target[0]} gives, not with "
        f"this one: {maker}() sets it while a model is made, and loading a package does not run that"
    )
