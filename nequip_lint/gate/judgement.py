"""The outcome of a gate, and the machine that it is for."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable
from typing import NamedTuple

from nequip_lint import __version__
from nequip_lint.closure.packaged import Closure
from nequip_lint.gate.environment import Environment
from nequip_lint.gate.losses import Loss
from nequip_lint.machine.target import Target
from nequip_lint.values import Finding

Allowed = frozenset[tuple[str, str]]
"""Codes and modules of the findings that the user accepts."""


class Judgement(NamedTuple):
    """The outcome of a gate.

    `errors` refuse the build; `beyond_allowing` are the codes and modules of those with which a build cannot
    end well, whoever allows them: torch.package refuses, or the package does not load. `warnings` would bite
    on another machine. `allowed` are losses that the user accepted, `accepted` the findings that the user
    accepted, though nothing is lost here. `closure` is what torch.package will collect, with the imports that
    lead there; None from gate A. `absent_externals` and `absent_mocks` are registered libraries that are
    reached and not installed here, `implicit_externals` modules that C code imports for packaged code.
    """

    target: Target
    errors: tuple[Finding, ...] = ()
    warnings: tuple[Finding, ...] = ()
    allowed: tuple[Loss, ...] = ()
    accepted: tuple[Finding, ...] = ()
    closure: Closure | None = None
    absent_externals: frozenset[str] = frozenset()
    absent_mocks: frozenset[str] = frozenset()
    beyond_allowing: Allowed = frozenset()
    implicit_externals: frozenset[str] = frozenset()


def building_machine(environment: Environment, gpu: bool) -> Target:
    """This Python, its environment variables, its version of triton and what it lacks, with a GPU or not."""
    return Target(
        f"nequip-pack {__version__}",
        (sys.version_info[0], sys.version_info[1]),
        gpu,
        absent=environment.absent,
        others="installed",
        triton=environment.triton,
        environment=dict(os.environ),
    )


def key(item: Finding | Loss) -> tuple[str, str]:
    """What `--allow CODE:MODULE` names."""
    return item.code, item.module


def sorted_out(
    findings: Iterable[Finding], allowed: Allowed
) -> tuple[tuple[Finding, ...], tuple[Finding, ...]]:
    """The findings that stand, and those that the user accepts by name."""
    listed = list(findings)
    kept = tuple(finding for finding in listed if key(finding) not in allowed)
    return kept, tuple(finding for finding in listed if key(finding) in allowed)
