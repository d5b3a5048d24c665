"""What a package predicts for its example data, asked of a fresh process without the environment's copies.

Run as ``python -m nequip_pack.rewrite.predictions REQUEST``, where REQUEST is a JSON file; the answer goes
into files beside it.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from nequip_pack.errors import ModelError

if TYPE_CHECKING:
    from nequip_pack.format import Archive

_RESULT: Final = "result.pt"
_FAILURE: Final = "failure.txt"


def predicted(origin: Archive, package: Path) -> dict[str, Any]:
    """Every output of the eager models, tensors by ``model.output``; all other models are loaded as well.

    Args:
        origin: the package whose internal packages must not come from the environment.
        package: the file to load: that package, or one made from it.

    Raises:
        ModelError: if it does not load or run.
    """
    import torch

    from nequip_pack.verify.run import internal_packages

    with tempfile.TemporaryDirectory(prefix="nequip-pack-") as folder:
        request = Path(folder) / "request.json"
        content = {"package": str(package.resolve()), "blocked": sorted(internal_packages(origin))}
        request.write_text(json.dumps(content), encoding="utf-8")
        environment = {**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}
        command = [sys.executable, "-m", "nequip_pack.rewrite.predictions", str(request)]
        done = subprocess.run(
            command, cwd=folder, env=environment, capture_output=True, text=True, check=False
        )
        result, failure = request.with_name(_RESULT), request.with_name(_FAILURE)
        if done.returncode == 0 and result.exists():
            answer: dict[str, Any] = torch.load(result, weights_only=True)
            return answer
        why = failure.read_text(encoding="utf-8") if failure.exists() else done.stderr.strip()[-300:]
    what = "the package does not load" if package == origin.path else "with the new files it does not load"
    raise ModelError(what, where=origin.path, why=why, remedy="nothing was written")


def main(request_path: str) -> int:
    """Answer one request; returns the exit status."""
    from nequip_pack.build.child import Blocker

    request = json.loads(Path(request_path).read_text(encoding="utf-8"))
    sys.meta_path.insert(0, Blocker(request["blocked"]))
    try:
        answer = _outputs(Path(request["package"]))
    except Exception as error:
        text = f"{type(error).__name__}: {error}"
        Path(request_path).with_name(_FAILURE).write_text(text, encoding="utf-8")
        return 1
    import torch

    torch.save(answer, Path(request_path).with_name(_RESULT))
    return 0


def _outputs(package: Path) -> dict[str, Any]:
    import torch

    from nequip_pack.format.references import THREADS
    from nequip_pack.load import ModelFromPackage, load_package
    from nequip_pack.load.outputs import outputs

    torch.set_num_threads(THREADS)
    loaded = load_package(package)
    for mode in loaded.metadata.available_models:
        if mode != "eager":
            ModelFromPackage(package, mode)
    return outputs(loaded.models, loaded.example_data)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
