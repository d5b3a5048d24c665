"""Load one archive in a process that has no source of it, and say what happened.

The job names the files ``archive`` and ``output`` (the tensors of the unpackaged model, if it gave any),
``loads`` (how often to load the archive in this process), ``modifier`` (a classmethod of the model to
call, or null), ``then`` (``copy`` the model, ``compile`` it, or null), ``later`` (modules of the
archive to import in the end) and ``device``.
"""

from __future__ import annotations

import copy
from typing import Any


def forward(model: Any, device: str) -> Any:
    import torch

    return model({"pos": torch.ones(4, 3, device=device)})


def same(result: Any, output: str) -> bool:
    """Whether every tensor that the unpackaged model gave is there, and equal."""
    import torch

    expected = torch.load(output, weights_only=True)
    return bool(expected) and all(torch.equal(result[key], value) for key, value in expected.items())


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
        if not same(result, job["output"]):
            return {"stage": "wrong", "error": "the packaged model gives other numbers than its source"}
        if job["modifier"]:
            stage = "modifier"
            modified = getattr(type(model), job["modifier"])(model)
            if not same(forward(modified, device), job["output"]):
                return {"stage": "wrong", "error": "the modified model gives other numbers"}
        if job["then"]:
            stage = job["then"]
            if not same(forward(THEN[stage](model), device), job["output"]):
                return {"stage": "wrong", "error": "the copied or compiled model gives other numbers"}
        stage = "later"
        for name in job["later"]:
            importers[-1].import_module(name)
    except (Exception, SystemExit) as error:
        return {"stage": stage, "error": f"{type(error).__name__}: {error}"}
    return {"stage": None, "error": ""}
