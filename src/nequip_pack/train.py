"""A callback for trainings. It needs lightning, and nothing else of nequip-pack imports this module."""

from __future__ import annotations

import logging
import os
import shlex
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

from lightning.pytorch import Callback

from nequip_pack.errors import NequipPackError, OutputError, UsageError
from nequip_pack.rehearsal.apart import apart
from nequip_pack.scratch import Scratch
from nequip_pack.units import in_bytes
from nequip_pack.writing.draft import check_output

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lightning.pytorch import LightningModule, Trainer

    _Path = str | os.PathLike[str]

STOP: Final = "stop"
WARN: Final = "warn"
_LOG: Final = logging.getLogger(__name__)


class _Options(NamedTuple):
    """How both packages are built."""

    mode: str | None
    sources: list[_Path]
    allow: list[str]

    def words(self) -> list[str]:
        """As options of ``nequip-pack build``."""
        words = [] if self.mode is None else ["--mode", self.mode]
        words += [word for source in self.sources for word in ("--source", str(source))]
        return words + [word for loss in self.allow for word in ("--allow", loss)]


class Rehearsal(Callback):  # type: ignore[misc]
    """Packages the model before the first step of a training, and the best checkpoint after the last one.

    A training configuration names it once::

        trainer:
          callbacks:
            - _target_: nequip_pack.train.Rehearsal

    Packages are built in a process of their own, on the CPU. Random numbers, memory and state of the training
    stay as they are without it. It adds nothing to checkpoints: they load and continue without nequip-pack.

    Args:
        on_failure: what happens if the model does not package: ``"stop"`` ends the process with the exit code
            of :mod:`nequip_pack.errors`, ``"warn"`` lets the training start all the same. Where nothing can
            be written to ``build_to``, ``"stop"`` does so before a rehearsal, and ``"warn"`` rehearses.
        build_to: where to package the best checkpoint when fitting has ended, the last one if none is the
            best. The example is of the training data. If this fails, the training has succeeded nevertheless.
        mode: the packaging mode, a named set of compile modes.
        sources: folders of code that belongs to the user, whatever way it is installed.
        allow: accepted losses, each ``CODE:MODULE``.
        data: whether the example before the training comes from its data; else it is made from the model's
            types and cutoff.

    Raises:
        UsageError: if ``on_failure`` is something else.
    """

    def __init__(
        self,
        on_failure: str = STOP,
        build_to: _Path | None = None,
        mode: str | None = None,
        sources: Sequence[_Path] = (),
        allow: Sequence[str] = (),
        data: bool = False,
    ) -> None:
        if on_failure not in (STOP, WARN):
            raise UsageError(f"on_failure is {on_failure!r}", remedy=f"write {STOP} or {WARN}")
        self._stops = on_failure == STOP
        self._data = data
        self._build_to = None if build_to is None else Path(build_to)
        self._options = _Options(mode, list(sources), list(allow))

    def on_fit_start(self, trainer: Trainer, pl_module: LightningModule) -> None:
        """Rehearse on rank zero while the others wait; they all end if the training shall not start.

        Raises:
            SystemExit: then. Ranks that another one started end with 0: for any other code Lightning's
                launcher kills that one, whose exit code tells what happened (lightning 2.6.6,
                ``fabric/strategies/launchers/subprocess_script.py``).
        """
        try:
            with Scratch() as folder:
                checkpoint = _saved(trainer, folder)  # by all ranks: their states may be in parts
                code = self._rehearse(checkpoint) if trainer.is_global_zero else 0
        except OutputError as error:
            trainer.strategy.barrier("Trainer.save_checkpoint")  # the other ranks wait there for this one
            code = self._failed(error)
        code = trainer.strategy.broadcast(code)
        if code and self._stops:
            raise SystemExit(code if trainer.local_rank == 0 else 0)

    def on_fit_end(self, trainer: Trainer, pl_module: LightningModule) -> None:
        """Package the best checkpoint, on rank zero."""
        if self._build_to is not None and trainer.is_global_zero:
            self._build(_best(trainer), self._build_to)

    def _rehearse(self, checkpoint: Path) -> int:
        """The exit code: 0 if the model packages. An output that is of no use stops before the rehearsal."""
        if (code := self._output()) and self._stops:
            return code
        _LOG.info("packaging the model before the first step, in a process of its own")
        try:
            done = apart("rehearse", checkpoint, data=self._data, **self._options._asdict())
        except NequipPackError as error:
            if error.where == str(checkpoint):
                error.where = "the model of this training"
            return self._failed(error)
        _warn(done.warnings)
        _LOG.info(f"the model packages: {in_bytes(done.value.size)}, models: {', '.join(done.value.models)}")
        return 0

    def _output(self) -> int:
        """The exit code: 0 if a package can be written where it shall be."""
        try:
            if self._build_to is not None:
                check_output(self._build_to)
        except NequipPackError as error:
            return self._failed(error)
        return 0

    def _failed(self, error: NequipPackError) -> int:
        _LOG.log(logging.ERROR if self._stops else logging.WARNING, _told(error))
        return error.exit_code

    def _build(self, checkpoint: str, output: Path) -> None:
        if not checkpoint:
            _LOG.warning(f"{output} was not written: the training has kept no checkpoint")
            return
        try:
            done = apart("build_package", checkpoint, output, **self._options._asdict())
        except Exception as error:  # whatever it is, the training has succeeded
            command = shlex.join(["nequip-pack", "build", checkpoint, str(output), *self._options.words()])
            _LOG.warning(
                f"{_told(error)}\nthe training has succeeded; package its checkpoint with\n{command}"
            )
            return
        _warn(done.warnings)
        _LOG.info(f"{output}: {in_bytes(done.value.size)}, from {checkpoint}")


def _saved(trainer: Trainer, folder: Path) -> Path:
    """The model before the first step, in a checkpoint."""
    checkpoint = folder / "start.ckpt"
    try:
        trainer.save_checkpoint(checkpoint, weights_only=True)
    except OSError as error:
        what, remedy = (
            "the model could not be written for its rehearsal",
            "set TMPDIR to a folder that has room",
        )
        raise OutputError(what, where=folder, why=os.strerror(error.errno or 0), remedy=remedy) from error
    return checkpoint


def _best(trainer: Trainer) -> str:
    """The checkpoint that nequip-train tests after fitting, the last one if none is the best; '' for none."""
    kept = trainer.checkpoint_callback
    found = (getattr(kept, name, "") for name in ("best_model_path", "last_model_path"))
    return next((str(path) for path in found if path), "")


def _told(error: Exception) -> str:
    details = error.details if isinstance(error, NequipPackError) else ""
    return "\n".join(filter(None, (details, str(error))))


def _warn(warnings: Sequence[str]) -> None:
    for text in warnings:
        _LOG.warning(text)
