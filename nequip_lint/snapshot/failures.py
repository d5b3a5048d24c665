"""What fails when a package is loaded on some machine, and what the package has lost for all machines."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping, Sequence

from nequip_lint.closure.import_time import import_time_set
from nequip_lint.closure.packaged import packaged_set, span_of
from nequip_lint.engine.run import as_finding
from nequip_lint.facts.values import Facts, Import
from nequip_lint.hazards.cause import Reason
from nequip_lint.hazards.imports import ABSENT, UNREADABLE
from nequip_lint.hazards.scene import Failure
from nequip_lint.machine.evaluate import Judge, catches
from nequip_lint.machine.target import covers
from nequip_lint.rules.base import Hit
from nequip_lint.snapshot.world import PackageWorld
from nequip_lint.values import Chain, Finding, Severity, Span, Step


def failures(roots: Sequence[str], facts: Mapping[str, Facts], world: PackageWorld) -> Iterator[Finding]:
    """A finding for each statement at which importing a module of the package fails.

    A load ends there unless a handler around the import of the module does without it.
    Of a library that is not installed there is one, at the first of the modules that need it.

    Args:
        roots: the modules that the pickles name, which a load imports.
        facts: of every module in the package.
        world: the package on the machine.
    """
    machine = world.target._replace(absent=frozenset()).machine
    at_load = {*roots, *import_time_set(roots, world, follows=_is_needed)}
    told: set[Reason | tuple[str, int]] = set()
    others = (name for name in sorted(facts) if name not in roots)
    for module in [*roots, *sorted(others, key=lambda name: name not in at_load)]:
        failure = world.failure(module)
        if failure is None or failure.why.cause is UNREADABLE or _unit(failure) in told:
            continue
        told.add(_unit(failure))
        finding = _failure(
            module, failure, machine, Severity.ERROR if module in at_load else Severity.WARNING
        )
        last = failure.chain[-1]
        yield finding._replace(span=span_of(last, facts.get(last.module)))


def _is_needed(item: Import) -> bool:
    return not catches(item.place.caught, "ImportError")


def unread(facts: Mapping[str, Facts]) -> Iterator[Finding]:
    """A finding for each file that the Python which lints cannot read; another one may."""
    here = f"{sys.version_info[0]}.{sys.version_info[1]}"
    for module, known in sorted(facts.items()):
        if known.problem:
            message = f"this file {known.problem}, so that nothing in it was checked"
            help = f"lint its project, or use the Python that loads the package, if that is not {here}"
            yield as_finding("NQ001", Hit(known.path, known.problem_span, message, help, module))


def lost(
    roots: Sequence[str],
    facts: Mapping[str, Facts],
    world: PackageWorld,
    told: set[tuple[str, int]],
    mocks: frozenset[str],
) -> Iterator[Finding]:
    """A finding for each import, on whatever machine it runs, of what the package does not have.

    A mock that was not installed raises where it is used, as one that was does.

    Args:
        roots: the modules that the pickles name.
        facts: of every module in the package.
        world: the package on a machine that has everything.
        told: paths and lines of which other findings tell already.
        mocks: the registered mocks that the build did not find.
    """
    closure = packaged_set(roots, world)
    seen: set[str] = set()
    for module, item, name in _lacking(facts, world):
        unit = name if world.is_internal(name) else name.partition(".")[0]
        if unit in seen or covers(mocks, name) or (facts[module].path, item.span.line) in told:
            continue
        seen.add(unit)
        here = Step(module, facts[module].path, item.span.line, item.statement)
        yield _loss(name, item, (*closure.chain(module), here), world)


def _lacking(facts: Mapping[str, Facts], world: PackageWorld) -> Iterator[tuple[str, Import, str]]:
    for module, known in sorted(facts.items()):
        judge = Judge(known, world.target, world.importable)
        for item in known.imports:
            if judge.all(item.place.guards) is not False:
                yield from ((module, item, name) for name in world.lacking(item))


def _loss(name: str, item: Import, chain: Chain, world: PackageWorld) -> Finding:
    is_caught = catches(item.place.caught, "ModuleNotFoundError")
    is_internal = world.is_internal(name)
    what = name if is_internal else name.partition(".")[0]
    then = f"the package does without {what}" if is_caught else f"what needs {what} here fails"
    why = world.why_lacking(name)
    message, help = f"on every machine {then}: {why}", why.cause.help_for_package
    finding = as_finding(why.cause.code, Hit(chain[-1].path, item.span, message, help, name, chain))
    return finding._replace(severity=Severity.WARNING if is_caught else Severity.ERROR)


def _failure(module: str, failure: Failure, machine: str, severity: Severity) -> Finding:
    what = "loading the package" if severity is Severity.ERROR else f"importing {module} out of the package"
    message, help = f"{what} fails on {machine}: {failure.reason}", failure.why.cause.help_for_package
    last = failure.chain[-1]
    hit = Hit(last.path, Span(last.line, 1, last.line, 1), message, help, module, failure.chain)
    return as_finding(failure.code, hit)._replace(severity=severity)


def _unit(failure: Failure) -> Reason | tuple[str, int]:
    """What one finding is enough for: a library that is not installed, or a statement."""
    last = failure.chain[-1]
    return failure.why if failure.why.cause is ABSENT else (last.path, last.line)
