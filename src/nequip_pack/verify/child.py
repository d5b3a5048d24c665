"""The fresh process of a verification."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

from nequip_pack.errors import DamagedError, ModelError, NequipPackError
from nequip_pack.failure import described, where
from nequip_pack.fresh import answer
from nequip_pack.verify.report import FAILED, PASSED, PREDICTIONS, UNCHECKED, Check, Verdict

if TYPE_CHECKING:
    from nequip_pack.format import Archive
    from nequip_pack.format.references import Reference
    from nequip_pack.load.outputs import Outputs


def _answer(request: Mapping[str, Any]) -> bytes:
    found: dict[str, Any]
    try:
        verdict = _verdict(_same(request), request["physics"], request["dtype"], request["device"])
        found = {
            "checks": [asdict(item) for item in verdict.checks],
            "outputs": [asdict(o) for o in verdict.outputs],
        }
    except NequipPackError as error:
        why, place = error.why, where(error)
        found = {"code": error.exit_code, "what": error.what, "remedy": error.remedy}
        found["why"] = f"{why}, at {place}" if place and place not in why else why
    except Exception as error:
        what = "the model does not run on its example data"
        found = {"code": ModelError.exit_code, "what": what, "why": described(error), "remedy": ""}
    return json.dumps(found).encode()


def _same(request: Mapping[str, Any]) -> Archive:
    """The package, if it is what the asking process has audited."""
    from nequip_pack.format.manifest import check_content
    from nequip_pack.format.sealed import open_sealed

    archive = open_sealed(Path(request["package"]))
    if archive.sealed is not None and request["digest"] not in (None, archive.sealed.digest):
        raise DamagedError("the file was changed after it was audited", where=archive.path)
    check_content(archive)
    return archive


def _verdict(archive: Archive, with_physics: bool, dtype: str | None, device: str) -> Verdict:
    import torch

    from nequip_pack.format.consistency import read_consistent
    from nequip_pack.format.references import MEMBER, THREADS, read_references
    from nequip_pack.load.outputs import moved, outputs
    from nequip_pack.load.package import loaded as of_mode
    from nequip_pack.verify.outputs import compare

    torch.set_num_threads(THREADS)
    metadata, _ = read_consistent(archive)
    loaded = of_mode(archive, metadata, "eager")
    modes = {
        mode: loaded.models if mode == "eager" else of_mode(archive, metadata, mode).models
        for mode in metadata.available_models
    }
    stored = [_devices(mode, models) for mode, models in modes.items()]
    precision = dtype or _dtype(loaded.models)
    models, data = loaded.models.to(device), moved(loaded.example_data, device)
    found = outputs(models, data)
    references = read_references(archive)
    checks = [*stored, _finite(found, references)]
    if not references:
        checks.append(Check(PREDICTIONS, UNCHECKED, "the package holds no reference predictions"))
    if with_physics:
        checks += _physics(models, data, precision)
    try:
        return Verdict(tuple(checks), tuple(compare(references, found, precision)))
    except ValueError as error:
        raise DamagedError(
            f"the member {MEMBER} cannot be used", where=archive.path, why=str(error)
        ) from error


def _physics(models: Any, data: Any, dtype: str) -> Iterator[Check]:
    from nequip_pack.verify.physics import physics

    for key, model in models.items():
        model.eval()
        for check in physics(model, data, dtype):
            prefix = "" if len(models) == 1 else f"{key}: "
            yield Check(f"{prefix}{check.name}", check.status, check.detail)


def _devices(mode: str, models: Any) -> Check:
    tensors = [*models.parameters(), *models.buffers()]
    elsewhere = sorted({str(tensor.device) for tensor in tensors} - {"cpu"})
    detail = f"{len(tensors)} tensors, all on the CPU" if not elsewhere else f"tensors on {elsewhere}"
    note = "" if mode == "eager" else "; not run, because running it compiles it"
    return Check(f"{mode} model loads", FAILED if elsewhere else PASSED, detail + note)


def _finite(found: Outputs, references: Mapping[str, Reference]) -> Check:
    """Whether what has no reference is finite; what has one is compared with it, entry by entry."""
    odd = [name for name, value in found.tensors.items() if name not in references and _is_odd(value)]
    if odd:
        return Check("forward", FAILED, f"not finite: {', '.join(odd)}")
    same = sum(item.odd > 0 for item in references.values())
    finite = f"finite but for {same}, as when it was built" if same else "all finite"
    return Check("forward", PASSED, f"{len(found.tensors)} outputs for the example data, {finite}")


def _is_odd(value: Any) -> bool:
    return bool(value.is_floating_point()) and not bool(value.isfinite().all())


def _dtype(models: Any) -> str:
    import torch

    kinds = {value.dtype for value in models.parameters() if value.is_floating_point()}
    return "float32" if torch.float32 in kinds or not kinds else "float64"


def main() -> NoReturn:
    """Answer the one request of this process."""
    sys.exit(answer(_answer))
