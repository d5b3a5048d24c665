"""What to do about one library, and what that leaves to do."""

from __future__ import annotations

from typing import NamedTuple

from nequip_lint.declared.wheels import Wheel
from nequip_lint.rules.decisions import Reason
from nequip_lint.rules.usage import NEEDED, Use
from nequip_lint.values import Chain


class Where(NamedTuple):
    """Who registers a library: `nequip`, `configuration` or `call`, and where the call stands."""

    by: str
    path: str = ""
    line: int = 0


class Proposal(NamedTuple):
    """What to do about one library.

    `library` is its import name, or, of what is registered, the name that is registered.
    status: `registered`, `conflicting` (registered, against what else is registered), `unregistered`,
    `unused` (registered, and nothing that is packaged imports it) or `not run` (a call that registers it is
    not reached). action: of a registered library the one in force;
    else the one proposed: `extern`, `mock`, `intern` (move what is used into the package), `narrow` (import
    less), `avoid` (keep it out), `declare` (an extension: require it) or `unknown`. `registers` is what a
    registration can do about it now: `extern`, `mock` or ''. `reasons` say why, `releases` with which
    releases alone this holds.
    """

    library: str
    status: str
    action: str
    registers: str = ""
    where: Where | None = None
    reasons: tuple[Reason, ...] = ()
    uses: tuple[Use, ...] = ()
    wheel: Wheel | None = None
    chain: Chain = ()
    releases: str = ""


def needs(uses: tuple[Use, ...]) -> tuple[Use, ...]:
    """The first use, if any, that a mock fails."""
    return tuple(use for use in uses if use.where in NEEDED)[:1]


def fails_as_mock(item: Proposal) -> bool:
    """Whether a library is registered as mock although a packaged model needs it."""
    return item.status == "registered" and item.action == "mock" and bool(needs(item.uses))


def is_missing(item: Proposal) -> bool:
    """Whether a library has no action in force, so that the build is refused where it is installed."""
    return item.status in ("unregistered", "not run")


def is_conflicting(item: Proposal) -> bool:
    """Whether a registration contradicts another one, or what is packaged (NQ205)."""
    return item.status == "conflicting"
