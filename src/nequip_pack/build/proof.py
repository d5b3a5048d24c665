"""Prove a written package: open it in a fresh process and compare it, bit by bit, with what is in memory."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from nequip_pack.errors import Refused
from nequip_pack.format.references import THREADS
from nequip_pack.fresh import as_tensors, ask
from nequip_pack.load.outputs import same_bits, state_digest

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from nequip_pack.checkpoint import LoadedModels


@dataclass(frozen=True, slots=True)
class Proof:
    """What was compared and found equal."""

    outputs: tuple[str, ...]
    modes: tuple[str, ...]


def prove(
    draft: Path,
    output: Path,
    loaded: LoadedModels,
    expected: Mapping[str, Any],
    blocked: frozenset[str],
    *,
    of: str = "checkpoint",
) -> Proof:
    """Load the package in a fresh process and compare outputs and weights with the models in memory.

    Args:
        draft: the file to open.
        output: where it will be, for messages.
        loaded: the models that went into it.
        expected: what the eager models gave for the example data.
        blocked: top-level packages that the process must not be able to import.
        of: what the models come from, for messages.

    Raises:
        Refused: if the package does not load there or differs in one bit.
    """
    answer = _ask(draft, output, blocked)
    found = answer["outputs"]
    different = [name for name in sorted(expected.keys() | found.keys()) if not _equal(expected, found, name)]
    if different:
        lines = [_difference(expected, found, name) for name in different]
        raise _not_whole(output, f"{len(different)} of its outputs differ from the {of}'s models", lines)
    states = {mode: state_digest(model) for mode, model in loaded.models.items()}
    if wrong := [mode for mode in states if answer["states"].get(mode) != states[mode]]:
        raise _not_whole(output, f"the weights of the {', '.join(wrong)} model differ from the {of}'s", [])
    return Proof(tuple(sorted(found)), tuple(states))


def _ask(draft: Path, output: Path, blocked: frozenset[str]) -> dict[str, Any]:
    answer = ask("nequip_pack.build.child", blocked, {"package": str(draft), "threads": THREADS})
    if answer.failure:
        raise _not_whole(output, "it does not load in a fresh process", [], answer.failure)
    found: dict[str, Any] = as_tensors(answer.content)
    return found


def _equal(expected: Mapping[str, Any], found: Mapping[str, Any], name: str) -> bool:
    return name in expected and name in found and same_bits(expected[name], found[name])


def _difference(expected: Mapping[str, Any], found: Mapping[str, Any], name: str) -> str:
    if name not in expected or name not in found:
        return f"{name}: {'missing from' if name in expected else 'only in'} the package's output"
    if expected[name].shape != found[name].shape or expected[name].dtype != found[name].dtype:
        return (
            f"{name}: {tuple(found[name].shape)} {found[name].dtype} instead of {tuple(expected[name].shape)}"
        )
    largest = (expected[name].double() - found[name].double()).abs().max().item()
    return f"{name}: largest difference {largest:.3g}"


def _not_whole(output: Path, what: str, lines: list[str], why: str = "") -> Refused:
    remedy = "the model depends on something that the package does not carry; nothing was written"
    details = "\n".join(lines)
    return Refused(
        f"the written package is not whole: {what}", where=output, why=why, remedy=remedy, details=details
    )
