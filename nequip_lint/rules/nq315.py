"""NQ315 random-number-at-import: a random value that a module makes when it is imported."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

from nequip_lint.facts.details.needs import Invocation
from nequip_lint.facts.names import last_part
from nequip_lint.facts.values import Facts
from nequip_lint.project.model import Project
from nequip_lint.rules.base import Hit, rule
from nequip_lint.rules.live import hit, live
from nequip_lint.runs.at_import import is_certain_at_import
from nequip_lint.runs.bound import is_made_read, is_set_read
from nequip_lint.runs.callees import own_name
from nequip_lint.runs.functions import Key
from nequip_lint.runs.later import later, read_in_forward
from nequip_lint.runs.life import packaged_files
from nequip_lint.runs.making import building_files, making

_TORCH = frozenset(
    {
        *("rand", "randn", "randint", "randperm", "normal", "rand_like", "randn_like"),
        *("bernoulli", "multinomial", "poisson"),
    }
)
_IN_PLACE = frozenset({"normal_", "uniform_", "random_", "exponential_", "bernoulli_"})
_UNSEEDED = (
    "numpy.random",
    "random",
    "secrets",
    "numpy.random.default_rng()",
    "numpy.random.RandomState()",
    "random.Random()",
)
_LAYERS = frozenset({"Linear", "Bilinear", "Embedding", "Conv1d", "Conv2d", "Conv3d", "LSTM", "GRU"})
"""Classes of torch.nn whose objects begin with random weights."""

_HELP = "keep them in a buffer, or give the generator a seed"


@rule("NQ315")
def random_number_at_import(project: Project) -> Iterator[Hit]:
    """One hit for each call at import that draws from a generator without a seed."""
    for facts, call in live(project, lambda details: details.invocations):
        is_layer = _is_layer(call.name) and _is_read(project, facts, call)
        if not (_draws(call.name) or is_layer) or _is_seeded(facts, call):
            continue
        if not (
            call.spot.place.at_import or _is_given(project, facts, call) or _is_set(project, facts, call)
        ):
            continue
        if not _is_probe(project, facts, call) and not _is_for_making(project, facts, call):
            message = (
                f"a loaded package computes with other numbers than your model: {call.name} is called when "
                f"{facts.module} is imported, and again at each load"
            )
            yield hit(project, facts, call.spot, message, _HELP)


def _draws(function: str) -> bool:
    owner, _, name = function.rpartition(".")
    is_torch = owner == "torch" and name in _TORCH
    is_filled = name in _IN_PLACE or (owner == "torch.nn.init" and name.endswith("_"))
    return is_torch or is_filled or owner in _UNSEEDED


def _is_layer(function: str) -> bool:
    owner, _, name = function.rpartition(".")
    return owner == "torch.nn" and name in _LAYERS


def _is_read(project: Project, facts: Facts, call: Invocation) -> bool:
    """Whether a call of the model reads the name that is bound where a call stands."""
    line = call.spot.span.line
    names = (f"{facts.module}.{item.name}" for item in facts.bindings if item.span.line == line)
    return call.spot.place.at_import and not read_in_forward(project).isdisjoint(names)


def _is_for_making(project: Project, facts: Facts, call: Invocation) -> bool:
    """Whether only what makes a model has what a call at import draws: by a default, or by names it reads."""
    if not call.spot.place.at_import:
        return False
    if _is_default_of_maker(project, facts, call):
        return True
    line = call.spot.span.line
    names = [item.name for item in facts.bindings if item.span.line == line]
    full = {f"{facts.module}.{name}" for name in names}
    if full.isdisjoint(_read_in_functions(project)):
        return False
    is_later = any(is_made_read(project, facts, name) for name in names)
    return not is_later and full.isdisjoint(_read_at_top(project))


def _is_default_of_maker(project: Project, facts: Facts, call: Invocation) -> bool:
    line = call.spot.span.line
    bodies = (body for body in project.sources.details(facts).bodies if body.name)
    around = (body for body in bodies if body.span.line <= line <= body.span.end_line)
    return any(Key(facts.module, body.owner, body.name) in making(project) for body in around)


@lru_cache(maxsize=4)
def _read_in_functions(project: Project) -> frozenset[str]:
    files = {facts.module: facts for facts in (*building_files(project), *packaged_files(project))}
    return frozenset(
        own_name(facts, name)
        for facts in files.values()
        for body in project.sources.details(facts).bodies
        if body.name
        for name in body.reads
    )


@lru_cache(maxsize=4)
def _read_at_top(project: Project) -> frozenset[str]:
    """What modules read beside what they bind to names: it may be the default of an argument."""
    found: set[str] = set()
    for facts, body in later(project):
        if not body.name:
            held = (item.names for item in project.sources.details(facts).held)
            found.update(own_name(facts, name) for name in body.reads.difference(*held))
    return frozenset(found)


def _is_given(project: Project, facts: Facts, call: Invocation) -> bool:
    """Whether a function draws for a name at module level."""
    details = project.sources.details(facts)
    is_bound = any(item.how == "call" and item.called == call.spot.function for item in details.made)
    gives = any(body.gives for body in details.bodies if not body.owner and body.name == call.spot.function)
    return is_bound and gives and is_certain_at_import(project, facts, call.spot)


def _is_set(project: Project, facts: Facts, call: Invocation) -> bool:
    """Whether a function that a load calls draws, and sets what a call of the model reads."""
    spot = call.spot
    is_certain = not spot.place.at_import and is_certain_at_import(project, facts, spot)
    return is_certain and is_set_read(project, Key(facts.module, spot.owner, spot.function))


def _is_probe(project: Project, facts: Facts, call: Invocation) -> bool:
    """Whether a call is tried only to see whether something works: no function reads what comes of it."""
    if not call.spot.place.caught:
        return False
    details = project.sources.details(facts)
    drawn = (item for item in details.held if call.name in {own_name(facts, name) for name in item.names})
    found = {item.name for item in drawn}
    held = {item.name: frozenset(map(_head, item.names)) for item in details.held}
    while more := {name for name, parts in held.items() if name not in found and not found.isdisjoint(parts)}:
        found |= more
    free = {item.name for item in facts.bindings if not item.place.guards}
    read = {item.name for item in facts.guarded_reads if not item.place.at_import}
    given = {(item.owner, item.name): item.arguments for item in details.conducts}
    for body in filter(lambda body: body.name, details.bodies):
        read |= free & set(map(_head, body.reads)).difference(given.get((body.owner, body.name), ()))
    read |= {name for file in packaged_files(project) for name in _imported(file, facts.module)}
    return found.isdisjoint(read)


def _imported(file: Facts, module: str) -> Iterator[str]:
    return (name for item in file.imports if item.module == module for name, _ in item.names)


def _head(name: str) -> str:
    return name.partition(".")[0]


def _is_seeded(facts: Facts, call: Invocation) -> bool:
    is_given = "generator" in dict(call.keywords)
    return is_given or any(last_part(facts, other.name).endswith("seed") for other in facts.calls)
