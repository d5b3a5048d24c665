"""Prove a written package: open it in a fresh process and compare it, bit by bit, with what is in memory."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from nequip_pack import start
from nequip_pack.errors import Refused
from nequip_pack.format.references import THREADS
from nequip_pack.fresh import Answer, as_tensors, ask
from nequip_pack.load.numbers import gap, reduced
from nequip_pack.load.outputs import same_bits, state_digest

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from nequip_pack.checkpoint import LoadedModels
    from nequip_pack.load.outputs import Outputs


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
    """

    outputs: tuple[str, ...]
    modes: tuple[str, ...]
    left_out: Mapping[str, str]
    ran_before: tuple[str, ...]


def prove(
    draft: Path,
    output: Path,
    loaded: LoadedModels,
    expected: Outputs,
    blocked: frozenset[str],
    *,
    latest: start.Moment = start.IMPORTED,
    of: str = "checkpoint",
) -> Proof:
    """Load the package in a fresh process and compare outputs and weights with the models in memory.

    Args:
        draft: the file to open.
        output: where it will be, for messages.
        loaded: the models that went into it.
        expected: what the eager models gave for the example data.
        blocked: top-level packages that the process must not be able to import.
        latest: what to start from, unless one of these packages had been imported by then.
        of: what the models come from, for messages.

    Raises:
        Refused: if the package does not load there or differs in one bit.
    """
    said = _ask(draft, output, blocked, latest)
    answer = as_tensors(said.content)
    found, wanted = answer["outputs"], expected.tensors
    different = [name for name in sorted(wanted.keys() | found.keys()) if not _equal(wanted, found, name)]
    if different:
        lines = [_difference(wanted, found, name) for name in different]
        what = f"{len(different)} of its outputs differ from the {of}'s models"
        raise _not_whole(output, what, [*lines, *said.lacked])
    states = {mode: state_digest(model) for mode, model in loaded.models.items()}
    if wrong := [mode for mode in states if answer["states"].get(mode) != states[mode]]:
        raise _not_whole(output, f"the weights of the {', '.join(wrong)} model differ from the {of}'s", [])
    left_out = expected.without_numbers()
    compared = tuple(sorted(found.keys() - left_out.keys()))
    return Proof(compared, tuple(states), left_out, start.ran_before(blocked))


def _ask(draft: Path, output: Path, blocked: frozenset[str], latest: start.Moment) -> Answer:
    request = {"package": str(draft), "threads": THREADS}
    answer = ask("nequip_pack.export.child", blocked, request, latest)
    if answer.failure:
        raise _not_whole(output, "it does not load and run in a fresh process", answer.lacked, answer.failure)
    return answer


def _equal(expected: Mapping[str, Any], found: Mapping[str, Any], name: str) -> bool:
    return name in expected and name in found and same_bits(expected[name], found[name])


def _difference(expected: Mapping[str, Any], found: Mapping[str, Any], name: str) -> str:
    if name not in expected or name not in found:
        return f"{name}: {'missing from' if name in expected else 'only in'} the package's output"
    if expected[name].shape != found[name].shape or expected[name].dtype != found[name].dtype:
        return (
            f"{name}: {tuple(found[name].shape)} {found[name].dtype} instead of {tuple(expected[name].shape)}"
        )
    apart = gap(*(reduced(value[name], value[name].numel()) for value in (expected, found)))
    return f"{name}: largest difference {apart.absolute:.3g} (relative {apart.relative(0.0):.3g})"


def _not_whole(output: Path, what: str, lines: Sequence[str], why: str = "") -> Refused:
    remedy = "the model depends on something that the package does not carry; nothing was written"
    details = "\n".join(lines)
    return Refused(
        f"the written package is not whole: {what}", where=output, why=why, remedy=remedy, details=details
    )
