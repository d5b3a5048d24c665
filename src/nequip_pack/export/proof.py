"""Prove a written package: open it in a fresh process and compare it, bit by bit, with what is in memory."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from nequip_pack import start
from nequip_pack.errors import Refused
from nequip_pack.export.references import reference_threads
from nequip_pack.format.references import THREADS
from nequip_pack.fresh import Answer, as_tensors, ask
from nequip_pack.life.judged import difference, is_equal, judged
from nequip_pack.life.on_gpu import on_gpu
from nequip_pack.life.seen import seen
from nequip_pack.life.values import BESIDE, FAILED, ON_GPU, REPACKAGED, SKIPPED, Extent, Seen, Step
from nequip_pack.load.outputs import state_digests

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from nequip_pack.checkpoint import LoadedModels
    from nequip_pack.load.outputs import Outputs


BUILD: Final = Extent("nequip_pack.export.child")
"""How far a build goes: what costs little once the package has been loaded."""
_ELSEWHERE: Final = "only `rehearse` runs this"
_NO_GPU: Final = "this machine has none"
_NOT_RUN: Final = "it would compile; `rehearse --compile` runs it"


@dataclass(frozen=True, slots=True)
class Proof:
    """What was compared and found equal.

    Attributes:
        outputs: the outputs, by ``model.output``.
        modes: the compile modes whose weights were compared.
        left_out: why something else that the models return shows nothing, by name.
        ran_before: packages of the model that had been imported before nequip_pack was. What they did to
            `sys.path` then (and to the environment, where the system does not keep the first one) was done in
            the fresh process too, so that the proof says less.
        life: what came of each further step of the model's life; none of them failed.
    """

    outputs: tuple[str, ...]
    modes: tuple[str, ...]
    left_out: Mapping[str, str]
    ran_before: tuple[str, ...]
    life: tuple[Step, ...]


def prove(
    draft: Path,
    output: Path,
    loaded: LoadedModels,
    expected: Outputs,
    blocked: frozenset[str],
    *,
    latest: start.Moment = start.IMPORTED,
    of: str = "checkpoint",
    extent: Extent = BUILD,
) -> Proof:
    """Load the package in a fresh process and compare outputs and weights with the models in memory.

    Then go through its life (:mod:`nequip_pack.life`), as far as the extent says.

    Args:
        draft: the file to open.
        output: where it will be, for messages.
        loaded: the models that went into it.
        expected: what the eager models gave for the example data.
        blocked: top-level packages that the process must not be able to import.
        latest: what to start from, unless one of these packages had been imported by then.
        of: what the models come from, for messages.
        extent: how far to go.

    Raises:
        Refused: if the package does not load there, differs in one bit, or does less than the models in
            memory at a later step.
    """
    said = _ask(draft, output, blocked, latest, extent)
    answer = as_tensors(said.content)
    found, wanted = answer["outputs"], expected.tensors
    different = [n for n in sorted(wanted.keys() | found.keys()) if not is_equal(wanted, found, n)]
    if different:
        lines = [difference(wanted, found, name) for name in different]
        what = f"{len(different)} of its outputs differ from the {of}'s models"
        raise _not_whole(output, what, [*lines, *said.lacked])
    states = {mode: state_digests(model) for mode, model in loaded.models.items()}
    lost = {mode: _lost(states[mode], answer["states"].get(mode, {})) for mode in states}
    if wrong := [mode for mode in states if lost[mode]]:
        what = f"the weights of the {', '.join(wrong)} model differ from the {of}'s"
        raise _not_whole(output, what, sorted({name for names in lost.values() for name in names}))
    steps = {name: Seen(**step) for name, step in answer["steps"].items()}
    if extent.whole:
        steps[BESIDE] = _beside(draft, blocked, latest, found)
    on_device = [on_gpu(draft)] if extent.gpu else []
    life = (*_life(steps, loaded, wanted, of), *on_device, *_not_tried(extent, tuple(states)))
    _check(life, output)
    left_out = expected.without_numbers()
    compared = tuple(sorted(found.keys() - left_out.keys()))
    return Proof(compared, tuple(states), left_out, start.ran_before(blocked), life)


def _lost(wanted: Mapping[str, str], found: Mapping[str, str]) -> list[str]:
    """The weights that are not there as they were. There may be more.

    Code that torch.fx generated is traced again when it is loaded. What it computes from buffers alone, as in
    tensor products of e3nn, becomes a buffer `_tensor_constant0` then (torch 2.13, `fx/_symbolic_trace.py`).
    """
    return [name for name, digest in wanted.items() if found.get(name) != digest]


def _life(
    steps: Mapping[str, Seen], loaded: LoadedModels, first: Mapping[str, Any], of: str
) -> Sequence[Step]:
    models = next(iter(loaded.models.values()))
    with reference_threads():
        return list(judged(steps, models, loaded.example_data, first, of))


def _not_tried(extent: Extent, modes: Sequence[str]) -> Iterator[Step]:
    if not extent.whole:
        yield from (Step(name, SKIPPED, _ELSEWHERE) for name in (REPACKAGED, BESIDE))
    elif not extent.gpu:
        yield Step(ON_GPU, SKIPPED, _NO_GPU)
    if not extent.compiled:
        yield from (Step(f"{mode} model", SKIPPED, _NOT_RUN) for mode in modes[1:])


def _check(life: Sequence[Step], output: Path) -> None:
    """Refuse a package that failed, for the first step at which it did; the others are told beside it.

    Raises:
        Refused: naming the step.
    """
    failed = [step for step in life if step.status == FAILED]
    if not failed:
        return
    first, *others = failed
    raise Refused(
        f"the written package fails at a later step of its life: {first.name}",
        where=output,
        why=first.detail,
        remedy="; ".join(filter(None, [first.advice, "nothing was written"])),
        details="\n".join(step.line for step in others),
    )


def _beside(draft: Path, packages: frozenset[str], latest: start.Moment, first: Mapping[str, Any]) -> Seen:
    """What the package does in a process that has imported the installed source."""
    request = {"package": str(draft), "threads": THREADS, "packages": sorted(packages)}
    answer = ask("nequip_pack.life.beside", packages, request, latest, hidden=False)
    if answer.failure:
        return Seen(trouble=answer.failure, advice=answer.advice)
    told = Seen(**as_tensors(answer.content))
    return told if told.trouble or told.skipped else seen(lambda: told.changed, first)


def _ask(draft: Path, output: Path, blocked: frozenset[str], latest: start.Moment, extent: Extent) -> Answer:
    request = {"package": str(draft), "threads": THREADS, "compiled": extent.compiled}
    answer = ask(extent.child, blocked, request, latest)
    if answer.failure:
        what = "it does not load and run in a fresh process"
        remedy = "this is a mistake of nequip-pack, or of the disk" if answer.is_damaged else answer.advice
        raise _not_whole(output, what, answer.lacked, answer.failure, remedy)
    return answer


def _not_whole(output: Path, what: str, lines: Sequence[str], why: str = "", advice: str = "") -> Refused:
    carried = "the model depends on something that the package does not carry"
    return Refused(
        f"the written package is not whole: {what}",
        where=output,
        why=why,
        remedy="; ".join([advice or carried, "nothing was written"]),
        details="\n".join(lines),
    )
