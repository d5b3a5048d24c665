"""Where an entry of a defaults list leads, as hydra 1.3 has it (`hydra/core/default_element.py`)."""

from __future__ import annotations

from typing import NamedTuple

from nequip_lint.trainings.defaults import Default

_GLOBAL = "_global_"


class Placed(NamedTuple):
    """An entry in its place.

    Attributes:
        entry: with one option or none.
        base: the folder of the file with the entry, below that of the configurations.
        above: the package of that file, '' for the whole configuration.
    """

    entry: Default
    base: str
    above: str

    @property
    def folder(self) -> str:
        """The folder of the file that it names, below that of the configurations."""
        own = self._own()
        return own[1:] if own.startswith("/") else "/".join(filter(None, (self.base, own)))

    @property
    def path(self) -> str:
        """The file that it names, without its ending."""
        name = str(self.entry.option)
        name = name if self.entry.group else name.rpartition("/")[2]
        return "/".join(filter(None, (self.folder, name)))

    @property
    def key(self) -> str:
        """What an override of it says: its group, and its package where that is another."""
        package = self.package(None)
        is_plain = package == self.folder.replace("/", ".")
        return self.folder if is_plain else f"{self.folder}@{package or _GLOBAL}"

    def package(self, header: str | None) -> str:
        """The package in which the values of its file are put, '' for the whole configuration.

        Args:
            header: the package that the file itself names.
        """
        given = self._given(header)
        joined = ".".join(filter(None, (self.above, given)))
        _, is_global, rest = joined.rpartition(_GLOBAL)
        return rest.removeprefix(".") if is_global else joined

    def _own(self) -> str:
        return self.entry.group or str(self.entry.option or "").rpartition("/")[0]

    def _given(self, header: str | None) -> str:
        """What the entry says, else the file, else its folder."""
        named = self.entry.package
        if named is not None and "_group_" in named:
            return f"{_GLOBAL}.{named.replace('_group_', self.folder.replace('/', '.'))}"
        if named is not None:
            return "" if named == "_here_" else named
        if header is not None:
            return f"{_GLOBAL}.{header}"
        return self._own().removeprefix("/").replace("/", ".")
