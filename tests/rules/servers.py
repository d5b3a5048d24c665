"""The two processes that do the real builds and the real loads, each job in a fork of its own.

``import nequip`` takes four seconds of CPU time, almost all of it for the libraries below it. The build
server has imported these, but neither nequip nor any example; the load server has imported torch and what
every loader of a package needs.
"""

from __future__ import annotations

import atexit
import json
import os
import subprocess
import sys
import tempfile
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from libraries import LOADERS, OPTIONAL, not_needed_to_load

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

WORKERS = Path(__file__).parent / "workers"
BELOW_NEQUIP = (
    "torch.package",
    "lightning",
    "torchmetrics",
    "hydra",
    "omegaconf",
    "ase",
    "matscipy",
    "e3nn.o3",
)


class Server:
    """A process that does jobs, with nothing of this process on its path, and without a GPU unless told."""

    def __init__(
        self, worker: str, preload: Sequence[str], hidden: Iterable[str], *, with_gpu: bool = False
    ) -> None:
        start = {"worker": worker, "preload": list(preload), "hidden": sorted(hidden)}
        environment = {key: value for key, value in os.environ.items() if not key.startswith("PYTHON")}
        environment |= {"PYTHONDONTWRITEBYTECODE": "1", "OMP_NUM_THREADS": "1"}
        if not with_gpu:
            environment |= {"CUDA_VISIBLE_DEVICES": "", "HIP_VISIBLE_DEVICES": ""}
        self._folder = tempfile.TemporaryDirectory(prefix="rules-")
        start_file = Path(self._folder.name) / "start.json"
        start_file.write_text(json.dumps(start), encoding="utf-8")
        self._process = subprocess.Popen(
            [sys.executable, str(WORKERS / "server.py"), str(start_file)],
            cwd=self._folder.name,
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        atexit.register(self.close)

    def do(
        self, name: str, job: Mapping[str, Any], path: Sequence[Path], hidden: Iterable[str], folder: Path
    ) -> dict[str, Any]:
        """Do ``job`` with ``path`` on the module path and return the answer; its files stay in ``folder``.

        Raises:
            RuntimeError: the process of the job ended without an answer.
        """
        request, result, log = (folder / f"{name}.{kind}" for kind in ("job", "result", "log"))
        more = {"path": [str(one) for one in path], "hidden": sorted(hidden)}
        files = {"result": str(result), "log": str(log)}
        request.write_text(json.dumps({**job, **more, **files}), encoding="utf-8")
        status = self._submit(request)
        if status != "0":
            said = log.read_text(encoding="utf-8") if log.is_file() else ""
            raise RuntimeError(f"{name} ended with status {status or 'unknown'} and no answer\n{said}")
        answer: dict[str, Any] = json.loads(result.read_text(encoding="utf-8"))
        return answer

    def _submit(self, request: Path) -> str:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(f"{request}\n")
        self._process.stdin.flush()
        return self._process.stdout.readline().strip()

    def close(self) -> None:
        self._process.communicate()
        self._folder.cleanup()


@cache
def build_server(device: str = "cpu") -> Server:
    return _server("build_worker", BELOW_NEQUIP, OPTIONAL, device)


@cache
def load_server(device: str = "cpu", *, is_warm: bool = True) -> Server:
    """The process that loads; it has imported nothing where a library of these has another version."""
    preload = ("torch.package", *LOADERS) if is_warm else ()
    return _server("load_worker", preload, not_needed_to_load() | OPTIONAL, device)


def _server(worker: str, preload: Sequence[str], hidden: Iterable[str], device: str) -> Server:
    """For a GPU nothing is imported beforehand: a process that looked for one spoils it for its forks."""
    if device == "cpu":
        return Server(worker, preload, hidden)
    return Server(worker, (), hidden, with_gpu=True)
