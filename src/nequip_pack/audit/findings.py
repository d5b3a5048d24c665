"""What an audit finds."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from enum import IntEnum
from typing import Any


class Level(IntEnum):
    """How much a finding weighs."""

    NOTHING = 0
    EYES = 1
    REFUSE = 2

    @property
    def words(self) -> str:
        """For people and for JSON."""
        return ("nothing found", "to review", "refuse")[self]


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that a package has and need not have.

    Attributes:
        level: how much it weighs.
        kind: what it is about: ``member``, ``pickle``, ``generated``, ``external``, ``origin``,
            ``behaviour``, ``against``.
        member: where it is.
        what: one sentence without its full stop.
        line: of a source file; 0 for what has none.
        details: more lines, a difference for example.
    """

    level: Level
    kind: str
    member: str
    what: str
    line: int = 0
    details: tuple[str, ...] = ()

    @property
    def place(self) -> str:
        """The member, with the line if there is one."""
        return f"{self.member}:{self.line}" if self.line else self.member

    def as_json(self) -> dict[str, Any]:
        """For JSON; the level in words, and no line where there is none."""
        return {
            "level": self.level.words,
            "kind": self.kind,
            "member": self.member,
            "line": self.line or None,
            "what": self.what,
            "details": list(self.details),
        }


@dataclass(frozen=True, slots=True)
class Origin:
    """Where the source of one top-level package comes from.

    Attributes:
        name: its import name.
        version: that the package claims for it; ``None`` if it claims none.
        files: the number of its files.
        same: how many are as released.
        known_by: what they were compared with; empty where nothing was at hand.
    """

    name: str
    version: str | None
    files: int
    same: int
    known_by: str


@dataclass(frozen=True, slots=True)
class Audit:
    """The result of an audit.

    Attributes:
        findings: the worst first.
        origins: of packaged source.
        callables: how many classes and functions its pickles name.
        digest: SHA-256 over the hashes of all blocks of the file that was read.
    """

    findings: tuple[Finding, ...]
    origins: tuple[Origin, ...]
    callables: int
    digest: str

    @property
    def level(self) -> Level:
        """The worst of all findings."""
        return max((finding.level for finding in self.findings), default=Level.NOTHING)

    def as_json(self) -> dict[str, Any]:
        """All of it, for JSON."""
        return {
            "verdict": self.level.words,
            "digest": self.digest,
            "callables": self.callables,
            "findings": [finding.as_json() for finding in self.findings],
            "origins": [asdict(origin) for origin in self.origins],
        }


def eyes(kind: str, member: str, what: str, line: int = 0, details: tuple[str, ...] = ()) -> Finding:
    """A finding that somebody has to look at."""
    return Finding(Level.EYES, kind, member, what, line, details)


def refuse(kind: str, member: str, what: str, line: int = 0, details: tuple[str, ...] = ()) -> Finding:
    """A finding for which a package is not to be loaded."""
    return Finding(Level.REFUSE, kind, member, what, line, details)
