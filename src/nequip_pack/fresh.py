"""Questions to a fresh process in which the packaged code cannot be imported from this environment.

It starts from what this process was before any of that code ran in it (:mod:`nequip_pack.start`), and
imports nothing from the folder that we were called in. Request and answer go through pipes, so that no disk
has to have room for them. The process keeps its standard output for the answer and gives packaged code its
standard error instead, because that may print.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from nequip_lint.api import command
from nequip_pack import start
from nequip_pack.failure import described
from nequip_pack.garbage import no_collection
from nequip_pack.scratch import Scratch

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from importlib.machinery import ModuleSpec
    from types import ModuleType


class Blocker:
    """A finder that lets none of some top-level packages be imported."""

    def __init__(self, packages: Sequence[str]) -> None:
        self._packages = frozenset(packages)

    def find_spec(
        self, name: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Refuse blocked names, know nothing of others."""
        if name.partition(".")[0] in self._packages:
            raise ModuleNotFoundError(
                f"{name} must come from the package, not from this environment", name=name
            )
        return None


@dataclass(frozen=True, slots=True)
class Answer:
    """What a fresh process said.

    Attributes:
        content: the answer.
        failure: why there is none.
        lacked: what the process did not have and this one has, a line each; if a failure names some of that,
            only these.
    """

    content: bytes = b""
    failure: str = ""
    lacked: tuple[str, ...] = ()


def ask(
    module: str, blocked: frozenset[str], request: Mapping[str, Any], latest: start.Moment = start.IMPORTED
) -> Answer:
    """Run the ``main`` of a module, which calls :func:`answer`, in an empty working directory.

    Args:
        module: its dotted name.
        blocked: top-level packages that the process must not be able to import.
        request: plain data.
        latest: the state to start from, unless one of these packages had been imported by then: then it is
            the one in which nequip_pack was imported.

    Raises:
        OutputError: if there is no place for a temporary folder.
    """
    question = json.dumps({**request, "blocked": sorted(blocked)}).encode()
    moment = start.before(blocked, latest)
    with Scratch() as place:
        done = subprocess.run(
            command(module),
            cwd=place,
            env={**moment.environment, "PYTHONPATH": os.pathsep.join(moment.path)},
            input=question,
            capture_output=True,
            check=False,
        )
    if done.returncode == 0 and done.stdout:
        return Answer(done.stdout, lacked=_lacked("", moment))
    lines = (done.stdout or done.stderr).decode(errors="replace").strip().splitlines()
    failure = lines[-1] if lines else f"the process ended with status {done.returncode}"
    return Answer(failure=failure, lacked=_lacked(failure, moment))


def _lacked(failure: str, moment: start.Moment) -> tuple[str, ...]:
    lines = start.changes(moment)
    named = [line for name, line in lines.items() if name in failure]
    return tuple(named or lines.values())


def answer(handle: Callable[[Mapping[str, Any]], bytes]) -> int:
    """Answer the one request of this process; returns the exit status.

    Args:
        handle: makes the answer. What it raises is the failure that the asking process is told.
    """
    request = json.load(sys.stdin)
    with os.fdopen(os.dup(1), "wb") as output:
        os.dup2(2, 1)
        sys.meta_path.insert(0, Blocker(request["blocked"]))
        try:
            with no_collection():
                output.write(handle(request))
        except (Exception, SystemExit) as error:
            output.write(described(error).encode(errors="backslashreplace"))
            return 1
    return 0


def tensors(content: Any) -> bytes:
    """Tensors in plain containers as an answer."""
    import io

    import torch

    buffer = io.BytesIO()
    torch.save(content, buffer)
    return buffer.getvalue()


def as_tensors(content: bytes) -> Any:
    """What :func:`tensors` was given."""
    import io

    import torch

    return torch.load(io.BytesIO(content), weights_only=True)
