"""Two pickles against each other: what they call, and every value that they hold, with the way to it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any, Final

from nequip_pack.compare.described import Path, clipped, described
from nequip_pack.compare.lines import summary
from nequip_pack.compare.pairs import NOTHING, Pair, called, listed, mapped, paired
from nequip_pack.compare.told import Told
from nequip_pack.pickles.nested import DEPTH_LIMIT, Nested, nested, raw, source
from nequip_pack.pickles.tensors import storage
from nequip_pack.pickles.values import Global, Inert, Key, Persistent, Pickled, Tensor
from nequip_pack.pickles.walk import LEAVES, objects

Tensors = Callable[[Tensor, Tensor, Path], str | None]
"""How two tensors differ, in words."""

_VISITS: Final = 8_000_000
_PAIRS: Final = 1_000_000
"""The most pairs of objects, which are kept, so that none is compared twice."""
_DEEPEST: Final = 10_000
_OVER: Final = (None, "")
_DONE: Final[Pair] = (None, None, _OVER)


class Structure:
    """The comparison of two pickles.

    Attributes:
        told: what differs.
        renamed: the storages of the second by the key that the first has for them, where ``torch.save`` wrote
            them into bytes; it names them by their address in memory.
    """

    def __init__(self, tensors: Tensors) -> None:
        self.told = Told()
        self.renamed: dict[str, str] = {}
        self._tensors = tensors
        self._seen: set[tuple[int, int]] = set()
        self._sources: set[tuple[int, int]] = set()
        self._alive: list[Any] = []
        self._depth = 0
        self._visits = 0

    def compare(self, a: Pickled, b: Pickled) -> list[str]:
        """Lines about all that differs, the classes and functions that only one has first."""
        self._pickled(a, b, None)
        return self.told.lines

    def _pickled(self, a: Pickled, b: Pickled, path: Path) -> None:
        self._alive += [a, b]
        for which, only in (("first", a.globals - b.globals), ("second", b.globals - a.globals)):
            for module, name in sorted(only):
                self.told.tell(path, f"only the {which} asks for {clipped(f'{module}.{name}')}")
        self._walk([(a.content, b.content, path)])
        left, right = _thrown_away(a), _thrown_away(b)
        self._walk([(*pair, (path, "(thrown away)")) for pair in paired(left, right)])

    def _walk(self, pairs: Iterable[Pair]) -> None:
        waiting = [iter(pairs)]
        while waiting:
            a, b, path = next(waiting[-1], _DONE)
            if path is _OVER:
                waiting.pop()
                continue
            self._visits += 1
            if type(a) is type(b) and type(a) in LEAVES:
                self._plain(a, b, path)
                continue
            if (id(a), id(b)) in self._seen:
                continue
            if self._visits > _VISITS or len(self._seen) > _PAIRS:
                self.told.tell(path, "not compared further, its objects refer to each other too often")
                return
            if len(waiting) > _DEEPEST:
                self.told.tell(path, f"not compared deeper than {_DEEPEST} objects in each other")
                continue
            self._seen.add((id(a), id(b)))
            waiting.append(iter(self._pair(a, b, path)))

    def _pair(self, a: Any, b: Any, path: Path) -> Iterable[Pair]:
        """Tell how two objects differ, and give the pairs in them that are still to be compared."""
        held = source(a), source(b)
        if held[0] is not None and held[1] is not None:
            self._bytes(held[0], held[1], path)
            return ()
        if type(a) is not type(b):
            return self._other(a, b, path)
        if isinstance(a, (list, tuple)):
            return listed(a, b, path, self.told)
        if isinstance(a, dict):
            return mapped(a, b, path, self.told)
        if isinstance(a, Inert):
            return called(a, b, path, self.told)
        if isinstance(a, Tensor):
            return self._tensor(a, b, path)
        if isinstance(a, Persistent):
            return self._persistent(a, b, path)
        if isinstance(a, Key):
            return [(a.value, b.value, path)]
        return self._plain(a, b, path)

    def _other(self, a: Any, b: Any, path: Path) -> tuple[()]:
        only = "second" if a is NOTHING else "first" if b is NOTHING else ""
        if only:
            self.told.tell(path, f"only in the {only} ({described(b if a is NOTHING else a)})")
        else:
            self.told.tell(path, f"{described(a)} -> {described(b)}")
        return ()

    def _plain(self, a: Any, b: Any, path: Path) -> tuple[()]:
        if isinstance(a, Global):
            same = (a.module, a.name) == (b.module, b.name)
        elif isinstance(a, float):
            same = repr(a) == repr(b)
        else:
            same = a == b
        if same or (isinstance(a, str) and self.renamed.get(a) == b):
            return ()
        if isinstance(a, str) and ("\n" in a or "\n" in b):
            self.told.tell(path, summary(a, b))
            return ()
        return self._other(a, b, path)

    def _tensor(self, a: Tensor, b: Tensor, path: Path) -> Iterable[Pair]:
        """In a nested pickle the numbers are among the bytes beside it, which are compared as they are."""
        if not self._depth:
            text = self._tensors(a, b, path)
        else:
            same = (a.kind, a.offset, a.shape, a.stride) == (b.kind, b.offset, b.shape, b.stride)
            text = None if same else f"{described(a)} -> {described(b)}, or another part of its storage"
            self._rename(a.key, b.key)
        if text is not None:
            self.told.tell(path, text)
        return [(a.rest, b.rest, (path, "(rest)"))]

    def _rename(self, a: str, b: str) -> None:
        if a != b:
            self.renamed.setdefault(a, b)

    def _persistent(self, a: Persistent, b: Persistent, path: Path) -> Iterator[Pair]:
        left, right = storage(a), storage(b)
        if self._depth and left and right:
            self._rename(left.key, right.key)
        yield a.identifier, b.identifier, (path, "(identifier)")

    def _bytes(self, a: bytes | bytearray | str, b: bytes | bytearray | str, path: Path) -> None:
        if (id(a), id(b)) in self._sources:
            return
        self._alive += [a, b]
        self._sources.add((id(a), id(b)))
        left, right = raw(a), raw(b)
        if left == right:
            return
        x, y = (nested(left), nested(right)) if self._depth < DEPTH_LIMIT else (None, None)
        if x is None or y is None:
            self.told.tell(path, f"bytes differ ({len(left)} -> {len(right)})")
            return
        before, named = self.told.count, len(self.renamed)
        self._alive += [x, y]
        self._depth += 1
        self._nested(x, y, (path, "<pickle>"))
        self._depth -= 1
        if self.told.count == before and len(self.renamed) == named:
            self.told.tell(
                path, f"bytes differ ({len(left)} -> {len(right)}), nothing in them is understood to"
            )

    def _nested(self, a: Nested, b: Nested, path: Path) -> None:
        if len(a.pickles) != len(b.pickles):
            self.told.tell(path, f"{len(a.pickles)} pickles -> {len(b.pickles)}")
        for x, y in zip(a.pickles, b.pickles, strict=False):
            self._pickled(x, y, path)
        self._walk(mapped(dict(a.members), dict(b.members), path, self.told))
        if a.rest != b.rest:
            self.told.tell(path, f"the bytes after it differ ({len(a.rest)} -> {len(b.rest)})")


def _thrown_away(pickled: Pickled) -> list[Inert]:
    """The calls whose results are no part of the content; a load makes them all the same."""
    reached = {id(value) for value in objects(pickled.content)}
    return [call for call in pickled.calls if id(call) not in reached]
