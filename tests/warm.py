"""Python processes for tests: new ones, and forks of one that has imported torch and lightning.

``import nequip`` takes four seconds of CPU time, almost all of it for the libraries below it. A fork has
these from its start; nequip, e3nn, the packager and the code of the test it imports itself. What a test says
of the start of a process, of what it imports, of its memory, or of its own processes needs a new one.
"""

from __future__ import annotations

import atexit
import json
import os
import signal
import subprocess
import sys
import tempfile
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

Done = subprocess.CompletedProcess[str]
SERVER = Path(__file__).with_name("warm_server.py")
_READ_AT_START = ("PYTHON", "LC_", "LANG", "LD_", "OMP_", "MKL_", "CUDA_", "HIP_")
"""Variables that begin so count when Python or a library starts, so that a fork is too late for them."""
_FIRST = dict(os.environ)


def new_python(*words: str, cwd: Path, **options: Any) -> Done:
    """Run Python in a new process."""
    command = [sys.executable, *words]
    return subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=False, **options)


def warm_python(
    *words: str, cwd: Path, env: Mapping[str, str] | None = None, site: Path | None = None
) -> Done:
    """Run ``-m MODULE``, ``-c TEXT`` or a script in a fork, or in a new process where a fork would not do.

    Args:
        words: for Python.
        cwd: the working directory.
        env: all variables.
        site: a folder, which ``PYTHONPATH`` must name, in place of all site packages.
    """
    environment = dict(os.environ if env is None else env)
    flags = () if site is None else ("-S",)
    if _read_at_start(environment) or _has_gpu():
        return new_python(*flags, *words, cwd=cwd, env=env)
    return _server(*flags, str(SERVER), *([] if site is None else [str(site)])).run(words, cwd, environment)


def _read_at_start(environment: Mapping[str, str]) -> bool:
    names = {*environment, *_FIRST} - {"PYTHONPATH", "PYTHONNOUSERSITE"}
    changed = [name for name in names if environment.get(name) != _FIRST.get(name)]
    return any(name.startswith(_READ_AT_START) for name in changed)


def _has_gpu() -> bool:
    """Whether there may be one: a process that looked for it spoils it for its forks."""
    return any(Path("/dev", name).exists() for name in ("nvidiactl", "kfd", "dxg"))


class _Server:
    def __init__(self, *words: str) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="warm-")
        self._process = subprocess.Popen(
            [sys.executable, *words],
            cwd=self._folder.name,
            env={},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        self._send(_FIRST)
        atexit.register(self.close)

    def run(self, words: tuple[str, ...], cwd: Path, environment: Mapping[str, str]) -> Done:
        streams = {name: Path(self._folder.name) / name for name in ("stdout", "stderr")}
        request = {"words": words, "cwd": str(cwd), "environment": environment}
        try:
            status = self._ask({**request, **{name: str(path) for name, path in streams.items()}})
        except BaseException:
            self._kill()
            raise
        texts = {name: path.read_text(encoding="utf-8") for name, path in streams.items()}
        for path in streams.values():
            path.unlink()
        return subprocess.CompletedProcess([sys.executable, *words], status, **texts)

    def _ask(self, request: object) -> int:
        self._send(request)
        assert self._process.stdout is not None
        return int(self._process.stdout.readline())

    def _send(self, message: object) -> None:
        assert self._process.stdin is not None
        print(json.dumps(message), file=self._process.stdin, flush=True)

    def _kill(self) -> None:
        """End it with the fork that a test no longer waits for; the next test gets another one."""
        os.killpg(self._process.pid, signal.SIGKILL)
        _server.cache_clear()

    def close(self) -> None:
        self._process.communicate()
        self._folder.cleanup()


@cache
def _server(*words: str) -> _Server:
    return _Server(*words)
