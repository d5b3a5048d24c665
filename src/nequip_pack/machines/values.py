"""How builds and loads on machines ended."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from nequip_pack.errors import EnvironmentLacksError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

EXTERN: Final = "extern"
INTERN: Final = "intern"


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a build or a load ended.

    Attributes:
        code: the exit code that a command would have had.
        error: the line that says why, '' where all went well.
        details: what comes before that line.
        closure: module name to action of what was packaged; empty for a load.
    """

    code: int
    error: str = ""
    details: str = ""
    closure: Mapping[str, str] = field(default_factory=dict)

    @property
    def passed(self) -> bool:
        """Whether all went well."""
        return self.code == 0

    @property
    def lacked(self) -> bool:
        """Whether the machine lacks something that is needed."""
        return self.code == EnvironmentLacksError.exit_code


@dataclass(frozen=True, slots=True)
class Untried:
    """A machine that was not tried, and why."""

    name: str
    why: str


@dataclass(frozen=True, slots=True)
class Tried:
    """A machine that was tried.

    Attributes:
        name: what it lacks, in words.
        action: what the registrations say of the library that it lacks; '' for the GPU.
        load: of the package that was built here.
        build: a whole rehearsal there; ``None`` where an installed extension requires the library.
        required_by: that extension.
        lost: the internal modules of the package built here that the one built there lacks.
    """

    name: str
    action: str
    load: Outcome
    build: Outcome | None
    required_by: str = ""
    lost: tuple[str, ...] = ()

    @property
    def must_load(self) -> bool:
        """Whether a package has to load there; an external library may be asked for."""
        return self.action != EXTERN

    def broken(self) -> Iterator[tuple[str, Outcome]]:
        """What failed although the registrations promise it, with the word for it."""
        if self.build is not None and not self.build.passed:
            yield "build", self.build
        if self.must_load and not self.load.passed:
            yield "load", self.load
