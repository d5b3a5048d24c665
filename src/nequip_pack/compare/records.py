"""What two packages record of themselves: versions, the rest of the metadata, externals, actions."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, Final

from nequip_pack.compare.described import clipped, described
from nequip_pack.format.closure import read_closure
from nequip_pack.format.metadata import extern_modules

if TYPE_CHECKING:
    from nequip_pack.format import Archive, Metadata

_NOT_RECORDED: Final = "not recorded"
_VALUES: Final = 20_000
_IN_FACTS: Final = frozenset({"package_version_id", "available_models", "atom_types", "versions"})


def versions(a: Metadata, b: Metadata) -> Iterator[str]:
    """The differing facts, one line each."""
    first, second = _facts(a), _facts(b)
    for name in sorted({*first, *second}):
        old, new = (facts.get(name, _NOT_RECORDED) for facts in (first, second))
        if old != new:
            yield f"{name}: {old} -> {new}"


def other_metadata(a: Metadata, b: Metadata) -> Iterator[str]:
    """The differing values of everything else in the metadata, one line each."""
    first, second = dict(_values(a.raw)), dict(_values(b.raw))
    told: set[str] = set()
    for name in (*first, *(name for name in second if name not in first)):
        old, new = first.get(name, _NOT_RECORDED), second.get(name, _NOT_RECORDED)
        if old != new and name.rpartition(".")[0] not in told:
            yield f"{clipped(name)}: {old} -> {new}"
        if old != new and _NOT_RECORDED in (old, new):
            told.add(name)


def externals(a: Archive, b: Archive) -> Iterator[str]:
    """The modules that only one package leaves to the target, one line each."""
    in_a, in_b = set(extern_modules(a)), set(extern_modules(b))
    yield from (f"{name}: only in the first" for name in sorted(in_a - in_b))
    yield from (f"{name}: only in the second" for name in sorted(in_b - in_a))


def closure(a: Archive, b: Archive) -> Iterator[str]:
    """The modules with which something else was done, one line each."""
    in_a, in_b = read_closure(a), read_closure(b)
    if not in_a or not in_b:
        if in_a or in_b:
            yield f"only the {'first' if in_a else 'second'} tells what was done with each module"
        return
    for name in sorted({*in_a, *in_b}):
        if name not in in_a or name not in in_b:
            action = in_a.get(name) or in_b.get(name)
            yield f"{name}: only in the {'first' if name in in_a else 'second'} ({action})"
        elif in_a[name] != in_b[name]:
            yield f"{name}: {in_a[name]} -> {in_b[name]}"


def _facts(metadata: Metadata) -> dict[str, Any]:
    return {
        "format": metadata.package_version_id,
        "models": ", ".join(metadata.available_models),
        "atom types": ", ".join(metadata.type_names),
        **metadata.versions,
    }


def _values(raw: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """The values in the metadata by their keys, no more than any metadata have, and each part once."""
    waiting: list[tuple[str, Any]] = [(str(name), raw[name]) for name in raw if name not in _IN_FACTS][::-1]
    seen: set[int] = set()
    for _ in range(_VALUES):
        if not waiting:
            return
        name, value = waiting.pop()
        if isinstance(value, (Mapping, list, tuple)) and value:
            if id(value) not in seen:
                waiting += [(f"{name}.{key}", part) for key, part in _parts(value)][::-1]
            seen.add(id(value))
            yield name, "recorded"
        else:
            yield name, described(value)


def _parts(value: Any) -> list[tuple[str, Any]]:
    pairs = value.items() if isinstance(value, Mapping) else enumerate(value)
    return [(described(key).strip("'"), part) for key, part in pairs]
