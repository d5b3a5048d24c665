"""Where packages are looked at: in processes of this machine, or on a Dask cluster that exists."""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import nequip_pack
from nequip_lint.api import install_command
from nequip_pack.errors import EnvironmentLacksError, InputError
from nequip_pack.failure import described
from nequip_pack.survey.isolated import stop_all
from nequip_pack.survey.lines import Line
from nequip_pack.survey.package import Job, survey_package

_POLL: Final = 0.05
_PATIENCE: Final = "30s"
_SETTINGS: Final = {"distributed.admin.large-graph-warning-threshold": "1 TB"}
"""Bytes that are sent are meant to be; only few packages are on their way at a time."""


@dataclass(frozen=True, slots=True)
class Pool:
    """Takes jobs.

    Attributes:
        executor: runs them.
        width: how many run at a time, which may change.
    """

    executor: Executor
    width: Callable[[], int]

    def submit(self, job: Job) -> Future[Line | None]:
        """Do a job later."""
        return self.executor.submit(survey_package, job)


def available() -> int:
    """How many processors this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


@contextlib.contextmanager
def local(workers: int) -> Iterator[Pool]:
    """So many processes of this machine at a time, each for one package, with a thread that waits for it."""
    executor = ThreadPoolExecutor(workers)
    try:
        yield Pool(executor, lambda: workers)
    finally:
        executor.shutdown(wait=False, cancel_futures=True)
        while any(thread.is_alive() for thread in executor._threads):
            stop_all()
            time.sleep(_POLL)


@contextlib.contextmanager
def cluster(address: str | None, file: Path | None) -> Iterator[Pool]:
    """The workers of a Dask cluster.

    Args:
        address: of its scheduler; None for the one that a file names.
        file: what a scheduler wrote (``--scheduler-file``), or settings of Dask with a ``scheduler-address``.

    Raises:
        EnvironmentLacksError: without Dask, without an answer, or where workers have another nequip-pack.
        InputError: if the file names no scheduler.
    """
    with _client(address, file) as client:
        _same_version(client)
        executor = client.get_executor(pure=False)
        try:
            yield Pool(executor, lambda: _threads(client))
        finally:
            executor.shutdown(wait=False)


def gone() -> EnvironmentLacksError:
    """What is said when the scheduler of a cluster has died."""
    return EnvironmentLacksError("the Dask cluster is gone", remedy="run it again: it goes on from here")


def _threads(client: Any) -> int:
    try:
        return sum(client.nthreads().values())
    except OSError as error:
        raise gone() from error


@contextlib.contextmanager
def _client(address: str | None, file: Path | None) -> Iterator[Any]:
    try:
        import dask
        from distributed import Client
    except ImportError as error:
        remedy = f"run `{install_command('survey')}`"
        raise EnvironmentLacksError("a Dask cluster needs Dask", why=str(error), remedy=remedy) from error
    options = {} if file is None else _options(file)
    with dask.config.set(_SETTINGS), dask.config.set(options.pop("config", {})):
        try:
            client = Client(address, timeout=_PATIENCE, **options)
        except (OSError, ValueError, RuntimeError) as error:
            what, remedy = (
                "the Dask cluster does not answer",
                "check its address, and that it runs",
            )
            where = address or str(file)
            raise EnvironmentLacksError(what, where=where, why=described(error), remedy=remedy) from error
        with client:
            yield client


def _options(file: Path) -> dict[str, Any]:
    """How a client is to find the scheduler that a file names."""
    import yaml

    try:
        content = yaml.safe_load(file.read_text(encoding="utf-8"))
    except (OSError, ValueError, yaml.YAMLError) as error:
        raise InputError("the file cannot be read", where=file, why=described(error)) from error
    if isinstance(content, dict) and "address" in content:
        return {"scheduler_file": str(file)}
    if isinstance(content, dict) and {"scheduler-address", "scheduler_address"} & content.keys():
        return {"config": content}
    what, remedy = (
        "the file names no scheduler",
        "`address` or `scheduler-address` would be its key",
    )
    raise InputError(what, where=file, remedy=remedy)


def _same_version(client: Any) -> None:
    found = client.run(_version, on_error="return")
    here = _version()
    for worker, version in found.items():
        if version != here:
            has = described(version) if isinstance(version, Exception) else f"it has nequip-pack {version}"
            what, remedy = "a worker cannot do this", f"install nequip-pack {here} there"
            raise EnvironmentLacksError(what, where=worker, why=has, remedy=remedy)


def _version() -> str:
    return nequip_pack.__version__
