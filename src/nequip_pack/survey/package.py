"""The survey of one package: the function that is called here, or sent to a cluster."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from nequip_pack.scratch import Scratch
from nequip_pack.survey.isolated import Ended, ask
from nequip_pack.survey.lines import NOT_REACHED, Limits, Line, Outcome
from nequip_pack.survey.steps import versions


@dataclass(frozen=True, slots=True)
class Job:
    """What is to be done.

    Attributes:
        path: of the package, absolute.
        steps: their names, in order.
        limits: for the package.
        known: the SHA-256 of content that need not be looked at again.
        files: the package and its signature by name, for workers that cannot read the path; empty for others.
    """

    path: str
    steps: tuple[str, ...]
    limits: Limits
    known: str | None = None
    files: Mapping[str, bytes] | None = None


def survey_package(job: Job) -> Line | None:
    """Look at one package; ``None`` if its content is known. Nothing that a package causes is raised."""
    start = time.monotonic()
    with _place(job) as path:
        request = {
            "path": str(path),
            "steps": job.steps,
            "known": job.known,
            "gigabytes": job.limits.gigabytes,
        }
        ended = ask("nequip_pack.survey.child", request, job.limits.seconds)
    read: dict[str, Any] = {}
    for answer in ended.answers:
        read |= answer
    if job.known is not None and read.get("sha256") == job.known:
        return None
    steps = dict(_outcomes(job, ended, read))
    seconds = round(time.monotonic() - start, 3)
    return Line(job.path, read.get("sha256"), read.get("size"), seconds, job.limits, steps)


def _outcomes(job: Job, ended: Ended, read: Mapping[str, Any]) -> Iterator[tuple[str, Outcome]]:
    """Of each step; the first that gave none is the one in which the process ended."""
    stopped, why = ended.by, ended.why
    for name, version in versions(job.steps).items():
        if name in read:
            yield name, Outcome(**read[name])
        else:
            yield name, Outcome(version, error=why, stopped=stopped)
            stopped, why = NOT_REACHED, ""


@contextlib.contextmanager
def _place(job: Job) -> Iterator[Path]:
    if job.files is None:
        yield Path(job.path)
        return
    with Scratch() as folder:
        for name, content in job.files.items():
            (folder / name).write_bytes(content)
        yield folder / Path(job.path).name
