"""The fresh process of a verification: ``python -m nequip_pack.verify.child``."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nequip_pack.errors import NequipPackError
from nequip_pack.fresh import answer
from nequip_pack.verify.report import FAILED, PASSED, UNCHECKED, Check

if TYPE_CHECKING:
    from nequip_pack.format import Archive


def _answer(request: Mapping[str, Any]) -> bytes:
    found: dict[str, Any]
    try:
        checks = list(_checks(Path(request["package"]), request["physics"], request["dtype"]))
        found = {"checks": [asdict(check) for check in checks]}
    except NequipPackError as error:
        found = {"code": error.exit_code, "what": error.what, "why": error.why, "remedy": error.remedy}
    except Exception as error:
        why = f"{type(error).__name__}: {error}"
        found = {"code": 8, "what": "the model does not run on its example data", "why": why, "remedy": ""}
    return json.dumps(found).encode()


def _checks(package: Path, with_physics: bool, dtype: str | None) -> Iterator[Check]:
    import torch

    from nequip_pack.format import open_archive, read_metadata
    from nequip_pack.format.references import THREADS
    from nequip_pack.load import ModelFromPackage, load_package
    from nequip_pack.load.outputs import outputs
    from nequip_pack.verify.physics import physics

    torch.set_num_threads(THREADS)
    archive = open_archive(package)
    loaded = load_package(package)
    for mode in read_metadata(archive).available_models:
        models = loaded.models if mode == "eager" else ModelFromPackage(package, mode)
        yield _devices(mode, models)
    found = outputs(loaded.models, loaded.example_data)
    yield _finite(found)
    yield from _references(archive, found, dtype or _dtype(loaded.models))
    for key, model in loaded.models.items() if with_physics else ():
        model.eval()
        for check in physics(model, loaded.example_data, dtype or _dtype(loaded.models)):
            prefix = "" if len(loaded.models) == 1 else f"{key}: "
            yield Check(f"{prefix}{check.name}", check.status, check.detail)


def _devices(mode: str, models: Any) -> Check:
    tensors = [*models.parameters(), *models.buffers()]
    elsewhere = sorted({str(tensor.device) for tensor in tensors} - {"cpu"})
    detail = f"{len(tensors)} tensors, all on the CPU" if not elsewhere else f"tensors on {elsewhere}"
    note = "" if mode == "eager" else "; not run, because running it compiles it"
    return Check(f"{mode} model loads", FAILED if elsewhere else PASSED, detail + note)


def _finite(found: Mapping[str, Any]) -> Check:
    odd = [name for name, value in found.items() if value.is_floating_point() and not value.isfinite().all()]
    if odd:
        return Check("forward", FAILED, f"not finite: {', '.join(odd)}")
    return Check("forward", PASSED, f"{len(found)} outputs for the example data, all finite")


def _references(archive: Archive, found: Mapping[str, Any], dtype: str) -> Iterator[Check]:
    import torch

    from nequip_pack.format.references import read_references

    references = read_references(archive)
    if not references:
        yield Check("predictions", UNCHECKED, "the package holds no reference predictions")
    for name, reference in references.items():
        expected = torch.tensor(reference.values, dtype=getattr(torch, reference.dtype))
        yield _compared(name, expected.reshape(reference.shape), found.get(name), dtype)


def _compared(name: str, expected: Any, found: Any, dtype: str) -> Check:
    from nequip_pack.load.outputs import same_bits
    from nequip_pack.verify.tolerance import BITWISE, OTHER, limit, reached, relative

    if found is None:
        return Check(name, FAILED, "the model does not give this output")
    if same_bits(expected, found):
        return Check(name, PASSED, f"{BITWISE} equal to the reference")
    gap = relative(expected, found)
    kind = reached(gap, dtype)
    if kind is None:
        return Check(name, FAILED, f"off by {gap:.1e} (limit {limit(OTHER, dtype):.0e}, {dtype} model)")
    return Check(name, PASSED, f"not bitwise; within the class {kind!r}: off by {gap:.1e} ({dtype} model)")


def _dtype(models: Any) -> str:
    import torch

    kinds = {value.dtype for value in models.parameters() if value.is_floating_point()}
    return "float32" if torch.float32 in kinds or not kinds else "float64"


if __name__ == "__main__":
    sys.exit(answer(_answer))
