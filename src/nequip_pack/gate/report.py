"""The gate's verdict as data for the metadata."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from nequip_lint import api as lint

if TYPE_CHECKING:
    from nequip_lint.api import Chain, Finding, Judgement


def recorded(judgement: Judgement, linted: bool) -> dict[str, Any]:
    """The verdict for the archive's metadata; file names only, no folders of the building machine."""
    return {
        "status": _status(judgement) if linted else "not linted",
        "linter": lint.__version__,
        "warnings": [_finding(item) for item in judgement.warnings] if linted else [],
        "allowed": [
            {
                "code": loss.code,
                "module": loss.module,
                "reason": str(loss.why),
                "with_it": list(loss.with_it),
                "chain": _chain(loss.chain),
            }
            for loss in judgement.allowed
        ],
        "accepted": [_finding(item) for item in judgement.accepted],
        "absent_externals": sorted(judgement.absent_externals),
        "target": lint.target_json(judgement.target),
    }


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
    return [{"module": step.module, "line": step.line, "import": step.statement} for step in chain]
