"""The steps of a model's life in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from nequip_pack.life.values import Step


def life_lines(life: Sequence[Step]) -> Iterator[str]:
    """What passed, what only warns, what was not done and why; a step that failed has refused the build."""
    from nequip_pack.life.values import PASSED, SKIPPED, WARNING

    passed = [step.name for step in life if step.status == PASSED]
    if passed:
        yield f"also passed: {', '.join(passed)}"
    yield from (f"warning: {step.line}" for step in life if step.status == WARNING)
    why: dict[str, list[str]] = {}
    for step in life:
        if step.status == SKIPPED:
            why.setdefault(step.detail, []).append(step.name)
    yield from (f"not run: {', '.join(names)} ({reason})" for reason, names in why.items())
