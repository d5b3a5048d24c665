"""A survey: each package is looked at once, and its line is written as soon as it is done."""

from __future__ import annotations

import contextlib
import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, wait
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from nequip_pack.failure import described
from nequip_pack.signing.beside import signature_path
from nequip_pack.survey.lines import CRASH, NOT_REACHED, Limits, Line, Outcome
from nequip_pack.survey.output import Output, briefly, read_lines
from nequip_pack.survey.package import Job
from nequip_pack.survey.pools import gone
from nequip_pack.survey.steps import versions

if TYPE_CHECKING:
    from nequip_pack.survey.pools import Pool

Show = Callable[[Line], None]


@dataclass(frozen=True, slots=True)
class Plan:
    """What a survey is to do.

    Attributes:
        paths: of the packages, absolute.
        steps: their names, in order.
        limits: for each package.
        output: the file of lines.
        ship: send the bytes of packages instead of their paths.
    """

    paths: Sequence[str]
    steps: tuple[str, ...]
    limits: Limits
    output: Path
    ship: bool = False


def survey(plan: Plan, pool: Pool, show: Show) -> list[Line]:
    """Look at packages.

    Args:
        plan: what to do.
        pool: where.
        show: told of each package as it is done.

    Returns:
        What is known of each package now, in their order, without what the steps found.

    Raises:
        EnvironmentLacksError: if the cluster is gone.
        InputError: if the output is none of a survey's.
        OutputError: if a line cannot be written.
    """
    known = {line.path: briefly(line) for line in read_lines(plan.output)}
    with Output(plan.output) as output:
        for job, line in _done(pool, _jobs(plan, known, show)):
            if line is not None:
                output.append(line)
                known[job.path] = briefly(line)
            show(known[job.path])
    return [known[path] for path in plan.paths]


def _jobs(plan: Plan, known: Mapping[str, Line], show: Show) -> Iterator[Job]:
    """The jobs; bytes that are known are not sent."""
    for path in plan.paths:
        job = _job(path, plan, known.get(path))
        if job.files and job.known == hashlib.sha256(job.files.get(Path(path).name, b"")).hexdigest():
            show(known[path])
        else:
            yield job


def _job(path: str, plan: Plan, before: Line | None) -> Job:
    holds = before is not None and before.answers(versions(plan.steps), plan.limits)
    known = before.sha256 if before is not None and holds else None
    return Job(path, plan.steps, plan.limits, known, bytes_of(Path(path)) if plan.ship else None)


def bytes_of(package: Path) -> dict[str, bytes]:
    """The bytes to send; none of what cannot be read, which the worker will find missing."""
    found: dict[str, bytes] = {}
    for path in filter(Path.is_file, (package, signature_path(package))):
        with contextlib.suppress(OSError):
            found[path.name] = path.read_bytes()
    return found


def _done(pool: Pool, jobs: Iterator[Job]) -> Iterator[tuple[Job, Line | None]]:
    """Jobs with their results as they come; only few more than can run are handed over at a time."""
    waiting: dict[Future[Line | None], Job] = {}
    while True:
        while len(waiting) < 2 * max(pool.width(), 1) and (job := next(jobs, None)):
            waiting[pool.submit(job)] = job
        if not waiting:
            return
        for future in wait(waiting, return_when=FIRST_COMPLETED).done:
            job = waiting.pop(future)
            yield job, _result(job, future)


def _result(job: Job, future: Future[Line | None]) -> Line | None:
    """What came back. A worker that died is what Dask tells when three in a row have died of a package."""
    if future.cancelled():
        raise gone()
    error = future.exception()
    if error is None:
        return future.result()
    first, *others = versions(job.steps).items()
    steps = {first[0]: Outcome(first[1], error=described(error), stopped=CRASH)}
    steps |= {name: Outcome(version, stopped=NOT_REACHED) for name, version in others}
    return Line(job.path, None, None, 0.0, job.limits, steps)
