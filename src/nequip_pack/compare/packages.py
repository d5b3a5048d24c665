"""Two packages against each other: code, configuration, versions, externals, weights, stored predictions."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from nequip_pack.compare.pickled import read_pickle, tensors
from nequip_pack.compare.predictions import example_data, predictions
from nequip_pack.compare.values import Storages, pair
from nequip_pack.format.closure import read_closure
from nequip_pack.format.metadata import extern_modules, model_member

if TYPE_CHECKING:
    from nequip_pack.format import Archive, Metadata

_CONFIG = "model/config.yaml"


def compare_packages(
    first: tuple[Archive, Metadata], second: tuple[Archive, Metadata]
) -> dict[str, list[str]]:
    """The differences by kind, one line each; a kind without any has an empty list."""
    (a, of_a), (b, of_b) = first, second
    return {
        "code": list(_code(a, b)),
        "configuration": _text(a, b, _CONFIG),
        "versions": list(_mappings(_facts(of_a), _facts(of_b))),
        "externals": list(_externals(a, b)),
        "closure": list(_closure(a, b)),
        "weights": list(_weights(a, b, of_a, of_b)),
        "example data": list(example_data(a, b)),
        "stored predictions": list(predictions(a, b)),
    }


def _code(a: Archive, b: Archive) -> Iterator[str]:
    names = sorted(name for name in {*a.members, *b.members} if name.endswith(".py"))
    for name in names:
        if name not in a.members or name not in b.members:
            yield f"{name}: only in the {'first' if name in a.members else 'second'}"
        elif a.members[name].crc != b.members[name].crc or a.read(name) != b.read(name):
            lines = list(difflib.unified_diff(_lines(a, name), _lines(b, name), lineterm="", n=0))[2:]
            added = sum(line.startswith("+") for line in lines)
            removed = sum(line.startswith("-") for line in lines)
            yield f"{name}: {added} lines added, {removed} removed"


def _text(a: Archive, b: Archive, name: str) -> list[str]:
    if not (name in a.members and name in b.members):
        return [f"{name}: only in one of the two"] if (name in a.members) != (name in b.members) else []
    return list(difflib.unified_diff(_lines(a, name), _lines(b, name), lineterm="", n=1))[2:]


def _lines(archive: Archive, name: str) -> list[str]:
    return archive.read(name).decode(errors="replace").splitlines()


def _facts(metadata: Metadata) -> dict[str, Any]:
    return {
        "format": metadata.package_version_id,
        "models": ", ".join(metadata.available_models),
        "atom types": ", ".join(metadata.type_names),
        **metadata.versions,
    }


def _mappings(a: Mapping[str, Any], b: Mapping[str, Any]) -> Iterator[str]:
    for name in sorted({*a, *b}):
        if a.get(name) != b.get(name):
            yield f"{name}: {a.get(name, 'not recorded')} -> {b.get(name, 'not recorded')}"


def _externals(a: Archive, b: Archive) -> Iterator[str]:
    in_a, in_b = set(extern_modules(a)), set(extern_modules(b))
    yield from (f"{name}: only in the first" for name in sorted(in_a - in_b))
    yield from (f"{name}: only in the second" for name in sorted(in_b - in_a))


def _closure(a: Archive, b: Archive) -> Iterator[str]:
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


def _weights(a: Archive, b: Archive, of_a: Metadata, of_b: Metadata) -> Iterator[str]:
    for mode in of_a.available_models:
        if mode in of_b.available_models:
            yield from _weights_of(a, b, mode)


def _weights_of(a: Archive, b: Archive, mode: str) -> Iterator[str]:
    in_a, in_b = (tensors(read_pickle(archive, model_member(mode)).content) for archive in (a, b))
    first, second = Storages(a), Storages(b)
    for name in sorted({*in_a, *in_b}):
        if name not in in_a or name not in in_b:
            yield f"{mode} {name}: only in the {'first' if name in in_a else 'second'}"
        elif (line := pair(first, in_a[name], second, in_b[name])) is not None:
            yield f"{mode} {name}: {line}"
