"""Build one archive with torch.package, as nequip's own command does it, and say what happened.

The job names ``nequip`` (take the patterns of the installed nequip, else those in ``patterns``), ``device``
and the files ``archive`` and ``output``, the latter for the tensors that the unpackaged model gives.
"""

from __future__ import annotations

import importlib
from typing import Any

ROOT = "mypkg.model"


def nequip_patterns() -> dict[str, list[str]]:
    """The registries once nequip has loaded every extension (nequip 0.19.1, scripts/_package_utils.py)."""
    registry = importlib.import_module("nequip.scripts._package_utils")
    return {
        "mock": sorted(registry._MOCK_MODULES),
        "extern": sorted(registry._EXTERNAL_MODULES),
        "intern": sorted(registry._INTERNAL_MODULES),
    }


def export(model: Any, patterns: dict[str, list[str]], archive: str) -> None:
    from torch.package import PackageExporter

    with PackageExporter(archive) as exporter:
        exporter.mock([f"{name}.**" for name in patterns["mock"]])
        exporter.extern([f"{name}.**" for name in patterns["extern"]])
        exporter.intern([f"{name}.**" for name in patterns["intern"]])
        exporter.save_pickle("model", "model.pkl", model, dependencies=True)


def source_forward(model: Any, output: str, device: str) -> str:
    """Save the output of the unpackaged model; return the error if it has none."""
    import torch

    try:
        result = model({"pos": torch.ones(4, 3, device=device)})
    except (Exception, SystemExit) as error:
        return f"{type(error).__name__}: {error}"
    torch.save({key: value for key, value in result.items() if torch.is_tensor(value)}, output)
    return ""


def run(job: dict[str, Any]) -> dict[str, Any]:
    """Import, construct and build; the answer has the stage that failed, if one did."""
    stage, source_error = "import", ""
    try:
        if job["nequip"]:
            importlib.import_module("nequip")
        model = importlib.import_module(ROOT).make()
        if job["device"] != "cpu":
            model = model.to(job["device"])
        source_error = source_forward(model, job["output"], job["device"])
        stage = "build"
        patterns = nequip_patterns() if job["nequip"] else job["patterns"]
        export(model, patterns, job["archive"])
    except (Exception, SystemExit) as error:
        return {"stage": stage, "error": f"{type(error).__name__}: {error}", "source_error": source_error}
    return {"stage": None, "error": "", "source_error": source_error}
