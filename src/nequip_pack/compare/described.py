"""Values of pickles in a few words."""

from __future__ import annotations

from typing import Any, Final

from nequip_lint.api import escaped
from nequip_pack.pickles.values import Global, Inert, Key, Ordered, Persistent, Tensor

_LONGEST: Final = 60
_SEGMENTS: Final = 12
_BITS: Final = 256

Path = tuple["Path", str] | None
"""How an object was reached: the way to what holds it, and the last step."""

_IMPLIED: Final = frozenset({"_modules", "_parameters", "_buffers"})


def described(value: Any, depth: int = 3) -> str:
    """A value in one short line, without what lies deeper in it than ``depth``."""
    if isinstance(value, Global):
        return clipped(str(value))
    if isinstance(value, Tensor):
        return f"{clipped(value.kind)} {list(value.shape)}"
    if isinstance(value, Key):
        return described(value.value, depth)
    if isinstance(value, (Inert, Persistent)):
        held = value.callable if isinstance(value, Inert) else value.identifier
        inner = described(held, depth - 1) if depth else "…"
        return f"{inner}(…)" if isinstance(value, Inert) else f"what {inner} means outside of the pickle"
    return _plain(value)


def _plain(value: Any) -> str:
    if isinstance(value, str):
        return clipped(repr(value[: _LONGEST + 1]))
    if isinstance(value, int) and value.bit_length() > _BITS:
        return f"an integer of {value.bit_length()} bits"
    if isinstance(value, (bytes, bytearray)):
        return f"{len(value)} bytes"
    if isinstance(value, (list, tuple)):
        return f"{type(value).__name__} of {len(value)}"
    if isinstance(value, dict):
        return f"{'OrderedDict' if isinstance(value, Ordered) else 'dict'} of {len(value)}"
    return repr(value)


def clipped(text: str) -> str:
    """A text for one line of a terminal."""
    return escaped(text[:_LONGEST]) + ("…" if len(text) > _LONGEST else "")


def step(path: Path, name: Any) -> Path:
    """The way to what a mapping holds under ``name``; the groups that modules of torch have are implied."""
    if isinstance(name, str) and name in _IMPLIED:
        return path
    plain = isinstance(name, (str, int)) and not isinstance(name, bool)
    return (path, clipped(str(name)) if plain else f"[{described(name)}]")


def text_of(path: Path) -> str:
    """A way in words; only the end of a long one."""
    found: list[str] = []
    while path is not None and len(found) < _SEGMENTS:
        path, segment = path
        found.append(segment)
    text = ".".join(reversed(found)).replace(".[", "[").replace(".(", "(")
    return f"….{text}" if path is not None else text or "the whole"
