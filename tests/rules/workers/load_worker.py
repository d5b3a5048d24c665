"""Load one archive in a process that has no source of it, and say what happened.

The job names the files ``archive`` and ``output`` (the tensors of the unpackaged model, if it gave any),
``loads`` (how often to load the archive in this process), ``modifier`` (a classmethod of the model to
call, or null), ``then`` (``copy`` the model, ``compile`` it, or null), ``later`` (modules to import in the
end, as a function of the model would, out of every archive that was loaded), ``device`` and ``steps``
(`same`).
"""

from __future__ import annotations

import copy
from typing import Any


def forward(model: Any, device: str) -> Any:
    import torch

    return model({"pos": torch.ones(4, 3, device=device)})


def same(result: Any, job: dict[str, Any]) -> bool:
    """Whether every tensor that the unpackaged model gave is there, and equal.

    With ``steps`` above 0 a float may differ by so many steps of its type at 1, or at the largest number of
    its tensor if that is above 1: sums that cancel are off by steps of their parts.
    """
    import torch

    expected = torch.load(job["output"], weights_only=True)
    return bool(expected) and all(
        torch.equal(result[key], value) or near(result[key], value, job["steps"])
        for key, value in expected.items()
    )


def near(found: Any, expected: Any, steps: int) -> bool:
    """Whether two tensors of floats of one type and shape differ by a few of its steps only."""
    import torch

    alike = found.dtype == expected.dtype and found.shape == expected.shape
    if not (steps and alike and expected.is_floating_point() and expected.numel()):
        return False
    largest = max(1.0, expected.abs().max().item())
    allowed = steps * torch.finfo(expected.dtype).eps * largest
    return bool(((found - expected).abs() <= allowed).all())


def compiled(model: Any) -> Any:
    """As the compiler takes it in, without the code that it would generate."""
    import torch

    return torch.compile(model, backend="aot_eager")


THEN = {"copy": copy.deepcopy, "compile": compiled}


def run(job: dict[str, Any]) -> dict[str, Any]:
    """Load, evaluate, compare, and what else the job asks; the answer has the stage that failed, if any."""
    stage = "load"
    try:
        from torch.package import PackageImporter

        importers = [PackageImporter(job["archive"]) for _ in range(job["loads"])]
        model = [importer.load_pickle("model", "model.pkl") for importer in importers][-1]
        stage, device = "forward", job["device"]
        result = forward(model, device)
        if not same(result, job):
            return {"stage": "wrong", "error": "the packaged model gives other numbers than its source"}
        if job["modifier"]:
            stage = "modifier"
            modified = getattr(type(model), job["modifier"])(model)
            if not same(forward(modified, device), job):
                return {"stage": "wrong", "error": "the modified model gives other numbers"}
        if job["then"]:
            stage = job["then"]
            if not same(forward(THEN[stage](model), device), job):
                return {"stage": "wrong", "error": "the copied or compiled model gives other numbers"}
        stage = "later"
        for importer in importers:
            for name in job["later"]:
                importer.import_module(name)
    except (Exception, SystemExit) as error:
        return {"stage": stage, "error": f"{type(error).__name__}: {error}"}
    return {"stage": None, "error": ""}
