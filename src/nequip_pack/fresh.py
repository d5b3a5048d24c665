"""Questions to a fresh process in which the packaged code cannot be imported from this environment.

It starts from what this process was before any of that code ran in it (:mod:`nequip_pack.start`), and
imports nothing from the folder that we were called in. What is hidden here is hidden there. Request and
answer go through pipes, so that no disk has to have room for them. The process keeps its standard output for
the answer and gives packaged code its standard error instead, because that may print.
"""

from __future__ import annotations

import contextlib
import faulthandler
import json
import os
import subprocess
import sys
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from nequip_lint.api import command
from nequip_pack import absent, start
from nequip_pack.causes import advice
from nequip_pack.errors import DamagedError, FormatError
from nequip_pack.failure import crashed, described
from nequip_pack.garbage import no_collection
from nequip_pack.installed import distributions_of
from nequip_pack.scratch import Scratch

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from importlib.machinery import ModuleSpec
    from pathlib import Path
    from types import ModuleType


_FAILED: Final = 1
"""The exit status of a process that says why it has no answer."""

_STEP: Final = "nequip-pack begins: "
"""Before the name of a step on the standard error of the process that tries it."""


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
        advice: which rule's page tells what to do about it.
        lacked: what the process did not have and this one has, a line each; if a failure names some of that,
            only these, and none of them if the file itself is wrong.
        is_damaged: whether the file is what is wrong, before anything of it ran.
    """

    content: bytes = b""
    failure: str = ""
    advice: str = ""
    lacked: tuple[str, ...] = ()
    is_damaged: bool = False


class Machine(NamedTuple):
    """Where a process shall believe to be.

    Attributes:
        absent: the installed libraries that it shall not see, beside those that are hidden here.
        variables: environment variables that differ from this process's.
    """

    absent: absent.Absent = absent.Absent()
    variables: Mapping[str, str] = MappingProxyType({})


HERE: Final = Machine()


def ask(
    module: str,
    packages: frozenset[str],
    request: Mapping[str, Any],
    latest: start.Moment = start.IMPORTED,
    *,
    hidden: bool = True,
    machine: Machine = HERE,
    folder: Path | None = None,
) -> Answer:
    """Run the ``main`` of a module, which calls :func:`answer`.

    Args:
        module: its dotted name.
        packages: top-level packages of the model's code.
        request: plain data.
        latest: the state to start from, unless one of these packages had been imported by then: then it is
            the one in which nequip_pack was imported.
        hidden: whether the process must not be able to import the packages, nor find their metadata.
        machine: what it shall believe.
        folder: the working directory; by default an empty one.

    Raises:
        OutputError: if there is no place for a temporary folder.
    """
    blocked = packages if hidden else frozenset()
    unnamed = absent.Absent(distributions=distributions_of(blocked))
    lacking = absent.hidden().union(machine.absent).union(unnamed).plain()
    question = json.dumps({**request, "blocked": sorted(blocked), "absent": lacking}).encode()
    moment = start.before(packages, latest)
    with contextlib.nullcontext(folder) if folder else Scratch() as place:
        done = _run(
            command(module),
            place,
            {**moment.environment, "PYTHONPATH": os.pathsep.join(moment.path), **machine.variables},
            question,
        )
    if done.returncode == 0 and done.stdout:
        return Answer(done.stdout, lacked=_lacked("", moment))
    failure, advice, is_damaged = _failure(done)
    lacked = () if is_damaged else _lacked(failure, moment)
    return Answer(failure=failure, advice=advice, lacked=lacked, is_damaged=is_damaged)


def _failure(done: subprocess.CompletedProcess[bytes]) -> tuple[str, str, bool]:
    """Why there is no answer, as the process said or else as it ended; what to do; is the file why?"""
    if done.returncode == _FAILED and done.stdout:
        failure, advice, is_damaged = json.loads(done.stdout)
        return failure, advice, is_damaged
    said = done.stderr.decode(errors="replace").strip()
    if done.returncode < 0:
        return f"the process ended with status {done.returncode}{_begun(said)}", "", False
    return (said.splitlines()[-1] if said else f"the process ended with status {done.returncode}"), "", False


def _begun(said: str) -> str:
    """What a process that was ended had begun last, and where in the model's code it was."""
    steps = [line.removeprefix(_STEP) for line in said.splitlines() if line.startswith(_STEP)]
    place = crashed(said)
    return (f" in its {steps[-1]}" if steps else "") + (f", at {place}" if place else "")


def begin(step: str) -> None:
    """Let the asking process know what is tried now, in case that ends this one."""
    print(f"{_STEP}{step}", file=sys.stderr, flush=True)


def _run(
    words: list[str], folder: Path, environment: Mapping[str, str], question: bytes
) -> subprocess.CompletedProcess[bytes]:
    """Like ``subprocess.run``, but what is interrupted can clean up, and end what it has started itself."""
    pipe = subprocess.PIPE
    with subprocess.Popen(
        words, cwd=folder, env=environment, stdin=pipe, stdout=pipe, stderr=pipe
    ) as process:
        try:
            output, error = process.communicate(question)
        except BaseException:
            process.terminate()
            process.wait()
            raise
    return subprocess.CompletedProcess(words, process.returncode, output, error)


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
    faulthandler.enable(all_threads=False)
    absent.hide(absent.Absent.of(request["absent"]))
    with os.fdopen(os.dup(1), "wb") as output:
        os.dup2(2, 1)
        sys.meta_path.insert(0, Blocker(request["blocked"]))
        try:
            with no_collection():
                output.write(handle(request))
        except (Exception, SystemExit) as error:
            is_damaged = isinstance(error, (DamagedError, FormatError))
            output.write(json.dumps([described(error), advice(error), is_damaged]).encode())
            return _FAILED
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
