"""All details of one module."""

from typing import NamedTuple

from nequip_lint.facts.details.bodies import Alias, Body, Conduct, LateGpuCall, LateImport, LateUse
from nequip_lint.facts.details.choices import Choice, LookedUp, Selected
from nequip_lint.facts.details.kept import Kept, Planted
from nequip_lint.facts.details.needs import (
    Demand,
    FileRead,
    Implicit,
    Invocation,
    SpecRead,
    Unbound,
    Variable,
)
from nequip_lint.facts.details.state import (
    Assigned,
    Claim,
    Constant,
    Identity,
    Item,
    Made,
    Numbered,
    Strict,
    Unstable,
    Wrapped,
)
from nequip_lint.facts.details.syntax import Foreign, Syntax
from nequip_lint.facts.details.wording import (
    Chain,
    ClassText,
    Comparison,
    Embedded,
    Field,
    Held,
    Imported,
    Misnamed,
    Moved,
)


class Details(NamedTuple):
    """All of this for one module.

    `filled` are the containers that hold something from the start, `shared` the names that the bodies of
    classes assign, as `Class.name`, `derived` the classes with bases, `constructs` the names that it calls
    and that look like those of classes; `beside` the functions and names that give a path beside the source.
    """

    invocations: tuple[Invocation, ...] = ()
    reads: tuple[FileRead, ...] = ()
    items: tuple[Item, ...] = ()
    assigned: tuple[Assigned, ...] = ()
    identities: tuple[Identity, ...] = ()
    made: tuple[Made, ...] = ()
    variables: tuple[Variable, ...] = ()
    demands: tuple[Demand, ...] = ()
    unstable: tuple[Unstable, ...] = ()
    claims: tuple[Claim, ...] = ()
    class_texts: tuple[ClassText, ...] = ()
    numbered: tuple[Numbered, ...] = ()
    late_imports: tuple[LateImport, ...] = ()
    late_gpu_calls: tuple[LateGpuCall, ...] = ()
    wrapped: tuple[Wrapped, ...] = ()
    imported: tuple[Imported, ...] = ()
    embedded: tuple[Embedded, ...] = ()
    fields: tuple[Field, ...] = ()
    comparisons: tuple[Comparison, ...] = ()
    misnamed: tuple[Misnamed, ...] = ()
    strict: tuple[Strict, ...] = ()
    chains: tuple[Chain, ...] = ()
    kept: tuple[Kept, ...] = ()
    constants: tuple[Constant, ...] = ()
    moved: tuple[Moved, ...] = ()
    planted: tuple[Planted, ...] = ()
    unbound: tuple[Unbound, ...] = ()
    bodies: tuple[Body, ...] = ()
    filled: tuple[str, ...] = ()
    shared: tuple[str, ...] = ()
    derived: frozenset[str] = frozenset()
    constructs: tuple[str, ...] = ()
    conducts: tuple[Conduct, ...] = ()
    late_uses: tuple[LateUse, ...] = ()
    aliases: tuple[Alias, ...] = ()
    implicit: tuple[Implicit, ...] = ()
    syntax: tuple[Syntax, ...] = ()
    foreign: tuple[Foreign, ...] = ()
    held: tuple[Held, ...] = ()
    beside: tuple[str, ...] = ()
    spec_reads: tuple[SpecRead, ...] = ()
    choices: tuple[Choice, ...] = ()
    selected: tuple[Selected, ...] = ()
    looked_up: tuple[LookedUp, ...] = ()
    problem: str = ""
