"""Hide installed libraries from this process, as if they were not installed."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_AT_START = frozenset(sys.modules)
"""What Python itself has imported, for a ``.pth`` file say: on such a machine it is always there."""
_hidden: set[str] = set()


class _Filtered:
    """A finder of ``sys.meta_path`` that does not find the hidden top-level names."""

    def __init__(self, finder: Any) -> None:
        self._finder = finder

    def find_spec(self, name: str, path: Any = None, target: Any = None) -> Any:
        if name.partition(".")[0] in _hidden:
            return None
        return self._finder.find_spec(name, path, target)

    def find_distributions(self, *context: Any) -> Iterator[Any]:
        """The installed distributions, without those of hidden names."""
        find = getattr(self._finder, "find_distributions", None)
        for item in find(*context) if find is not None else ():
            if _hidden.isdisjoint(_tops(item)):
                yield item

    def __getattr__(self, name: str) -> Any:
        return getattr(self._finder, name)


def _tops(distribution: Any) -> list[str]:
    """The top-level names of a distribution, by its own list, else by its name."""
    listed = (distribution.read_text("top_level.txt") or "").split()
    return listed or [distribution.metadata["Name"].replace("-", "_")]


def hide(names: Iterable[str]) -> None:
    """Let the import of exactly these top-level names end in ``ModuleNotFoundError`` from now on.

    Raises:
        RuntimeError: one of them is imported already, so that hiding it would prove nothing.
    """
    loaded = sorted((set(names) & set(sys.modules)) - _AT_START)
    if loaded:
        raise RuntimeError(f"already imported, cannot be hidden: {', '.join(loaded)}")
    if not _hidden:
        sys.meta_path[:] = [_Filtered(finder) for finder in sys.meta_path]
    _hidden.clear()
    _hidden.update(names)
