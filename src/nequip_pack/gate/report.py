"""The gate's findings as text, and its verdict as data for the metadata."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import nequip_lint
from nequip_lint.reports.colour import Paint, plain
from nequip_lint.reports.frame import frame
from nequip_lint.reports.machine import chain_json, target_json

if TYPE_CHECKING:
    from collections.abc import Iterable

    from nequip_lint.values import Chain, Finding
    from nequip_pack.gate.judge import Judgement


def printed(findings: Iterable[Finding], paint: Paint = plain) -> str:
    """Findings as the linter prints them."""
    return "\n".join(frame(finding, paint) for finding in findings)


def recorded(judgement: Judgement, linted: bool) -> dict[str, Any]:
    """The verdict for the archive's metadata; file names only, no folders of the building machine."""
    record: dict[str, Any] = {
        "status": _status(judgement) if linted else "not linted",
        "linter": nequip_lint.__version__,
        "warnings": [_finding(item) for item in judgement.warnings] if linted else [],
        "allowed": [
            {
                "code": loss.code,
                "module": loss.module,
                "reason": loss.reason,
                "with_it": list(loss.with_it),
                "chain": _chain(loss.chain),
            }
            for loss in judgement.allowed
        ],
        "accepted": [_finding(item) for item in judgement.accepted],
        "absent_externals": sorted(judgement.absent_externals),
    }
    if judgement.target is not None:
        record["target"] = target_json(judgement.target)
    return record


def _status(judgement: Judgement) -> str:
    if judgement.allowed or judgement.accepted:
        return "losses allowed"
    return "warnings" if judgement.warnings else "clean"


def _finding(finding: Finding) -> dict[str, Any]:
    return {
        "code": finding.code,
        "module": finding.module,
        "message": finding.message,
        "help": finding.help,
        "chain": _chain(finding.chain),
    }


def _chain(chain: Chain) -> list[dict[str, Any]]:
    modules = [step.module for step in chain]
    return [
        {"module": module, "line": item["line"], "import": item["import"]}
        for module, item in zip(modules, chain_json(chain), strict=True)
    ]
