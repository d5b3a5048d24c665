"""From the source text of a module to its facts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from nequip_lint.facts.conduct.bodies import Bodies, Constructs, Derived
from nequip_lint.facts.conduct.choices import Choices, LookUps, Selections
from nequip_lint.facts.conduct.conducts import Conducts
from nequip_lint.facts.conduct.demands import Demands
from nequip_lint.facts.conduct.employments import Employments
from nequip_lint.facts.conduct.implicit import Implicits
from nequip_lint.facts.conduct.invocations import Invocations
from nequip_lint.facts.conduct.late_uses import Aliases, LateUses
from nequip_lint.facts.conduct.later import LateGpuCalls, LateImports
from nequip_lint.facts.conduct.paths import FileReads, PathGivers, ReadsThrough
from nequip_lint.facts.conduct.specs import SpecReads
from nequip_lint.facts.conduct.unbound import UnboundReads
from nequip_lint.facts.conduct.variables import Variables
from nequip_lint.facts.details.bodies import Employment
from nequip_lint.facts.details.module import Details
from nequip_lint.facts.flow import walk_file
from nequip_lint.facts.keeping.kept import KeptAttributes
from nequip_lint.facts.keeping.planted import PlantedClasses
from nequip_lint.facts.kind import File, Kind, wanted
from nequip_lint.facts.of.bindings import Bindings, Literals
from nequip_lint.facts.of.calls import Calls, Registrars, Stops
from nequip_lint.facts.of.definitions import Classes, Decorations, Functions, Modifiers
from nequip_lint.facts.of.environment import Settings
from nequip_lint.facts.of.folders import Folders
from nequip_lint.facts.of.gpu import GpuCalls
from nequip_lint.facts.of.guarded_reads import GuardedReads
from nequip_lint.facts.of.imports import DunderImports, Imports, is_too_long
from nequip_lint.facts.of.library_uses import LibraryUses
from nequip_lint.facts.of.made_modules import MadeModules
from nequip_lint.facts.of.pragmas import pragmas_of
from nequip_lint.facts.state.assignments import Assignments
from nequip_lint.facts.state.claims import Claims
from nequip_lint.facts.state.constants import Constants
from nequip_lint.facts.state.filled import Filled, Shared
from nequip_lint.facts.state.identities import Identities, MadeAttributes, MadeObjects
from nequip_lint.facts.state.items import Items
from nequip_lint.facts.state.numbered import NumberedThings
from nequip_lint.facts.state.strictness import StrictWarnings
from nequip_lint.facts.state.unstable import MadeSets, Unstables
from nequip_lint.facts.state.wrapping import Wrappings
from nequip_lint.facts.syntax.encoding import foreign
from nequip_lint.facts.syntax.syntax import newer_syntax
from nequip_lint.facts.values import Facts
from nequip_lint.facts.wording.addresses import Addresses
from nequip_lint.facts.wording.class_texts import ClassTexts
from nequip_lint.facts.wording.comparisons import Chains, Comparisons, FirstParts, LoaderChains, NameParts
from nequip_lint.facts.wording.embedded import EmbeddedPickles
from nequip_lint.facts.wording.fields import Fields, MovedClasses
from nequip_lint.facts.wording.held import Holdings
from nequip_lint.facts.wording.misnamed import MisnamedThings
from nequip_lint.facts.wording.source_texts import SourceTexts
from nequip_lint.source.text import Problem, decode
from nequip_lint.source.tree import Parse, parse

_FIRST: tuple[type[Kind], ...] = (
    *(Imports, DunderImports, Literals, Bindings, Classes, Functions, Decorations, Modifiers),
    *(Calls, Registrars, Stops, MadeModules, Folders),
)
_SECOND: tuple[type[Kind], ...] = (LibraryUses, GpuCalls, Settings, GuardedReads)
"""Kinds that ask what the imports of the file bind."""
_TOO_DEEP = "is nested too deeply to be checked"
_TOO_LONG = "imports a module whose name is too long for a file"


def facts_of(data: bytes, module: str, path: str, is_package: bool, parse: Parse = parse) -> Facts:
    """The facts of one source file.

    Args:
        data: the bytes of the file.
        module: its dotted name.
        path: where it lies, kept for reports.
        is_package: whether it is an `__init__.py`.
        parse: makes the tree of its text, or has it already.
    """
    text = decode(data)
    tree = text if isinstance(text, Problem) else parse(text)
    if isinstance(text, Problem) or isinstance(tree, Problem):
        problem = tree if isinstance(tree, Problem) else Problem("cannot be read")
        return Facts(module, path, is_package, problem=problem.reason, problem_span=problem.span)
    empty = Facts(module, path, is_package)
    try:
        first = empty._replace(pragmas=pragmas_of(text), **_found(File(tree, text, empty), _FIRST))
        facts = first._replace(**_found(File(tree, text, first), _SECOND))
    except RecursionError:
        return empty._replace(problem=_TOO_DEEP)
    return empty._replace(problem=_TOO_LONG) if is_too_long(facts.imports) else facts


def employments_of(data: bytes, facts: Facts) -> tuple[Employment, ...]:
    """What a file does with the libraries that it imports; nothing where it has no tree.

    Args:
        data: the bytes of the file.
        facts: of the file.
    """
    text = decode(data)
    tree = text if isinstance(text, Problem) else parse(text)
    if isinstance(text, Problem) or isinstance(tree, Problem):
        return ()
    found: tuple[Employment, ...] = _found(File(tree, text, facts), (Employments,))["employments"]
    return found


def _found(file: File, kinds: Sequence[type[Kind]]) -> dict[str, Any]:
    """What some kinds find in a file, by the field of the facts that keeps it."""
    asked = wanted(kinds, file)
    walk_file(file, asked)
    found: dict[str, Any] = {}
    for kind in asked:
        facts = kind.facts()
        found[kind.field] = found[kind.field] + facts if kind.field in found else facts
    return found


_DETAILS: tuple[type[Kind], ...] = (
    *(Invocations, FileReads, PathGivers, ReadsThrough),
    *(Items, Assignments, Fields, MovedClasses, Comparisons, FirstParts, NameParts, Chains),
    *(
        LoaderChains,
        KeptAttributes,
        Constants,
        UnboundReads,
        Bodies,
        Derived,
        Constructs,
        Filled,
        Variables,
        Demands,
        Unstables,
        Claims,
        ClassTexts,
        NumberedThings,
        EmbeddedPickles,
        MisnamedThings,
        PlantedClasses,
        StrictWarnings,
        LateImports,
        LateGpuCalls,
    ),
    *(Wrappings, Identities, MadeObjects, MadeAttributes, MadeSets, Shared, SourceTexts, Holdings, Addresses),
    *(Conducts, LateUses, Aliases, Implicits, SpecReads, Choices, Selections, LookUps),
)


def details_of(data: bytes, facts: Facts, parse: Parse = parse) -> Details:
    """What only rules about packaged files ask of a file; a third walk, which few files need.

    Args:
        data: the bytes of the file.
        facts: of the file.
        parse: makes the tree of its text, or has it already.
    """
    text = decode(data)
    tree = text if isinstance(text, Problem) else parse(text)
    if isinstance(text, Problem) or isinstance(tree, Problem):
        return Details()
    try:
        found = _found(File(tree, text, facts), _DETAILS)
    except RecursionError:
        return Details(problem=_TOO_DEEP)
    return Details(syntax=tuple(newer_syntax(tree, text)), foreign=tuple(foreign(text)), **found)
