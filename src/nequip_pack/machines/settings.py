"""The options of a rehearsal that hold on every machine."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from nequip_pack.rehearsal import Rehearsed


@dataclass(frozen=True, slots=True)
class Settings:
    """What the command line says, in its own words, since other processes read it too.

    Attributes:
        words: the arguments of nequip-train.
        options: of :func:`nequip_pack.rehearse`, plain data.
    """

    words: tuple[str, ...]
    options: Mapping[str, Any]

    def plain(self) -> dict[str, Any]:
        """The same as JSON values."""
        return asdict(self)

    def rehearse(self, **more: Any) -> Rehearsed:
        """Make the rehearsal.

        Args:
            more: options that hold on this machine only.

        Raises:
            NequipPackError: as :func:`nequip_pack.rehearse`.
        """
        from nequip_pack.rehearsal import rehearse
        from nequip_pack.rehearsal.arguments import arguments
        from nequip_pack.rehearsal.composition import composed

        return rehearse(composed(arguments(self.words)), **self.options, **more)
