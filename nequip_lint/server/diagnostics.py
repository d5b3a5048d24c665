"""Findings as diagnostics of the language server protocol."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from lsprotocol import types
from pygls.workspace import PositionCodec

from nequip_lint.pages import page
from nequip_lint.text import encodable

_SEVERITIES = {"error": types.DiagnosticSeverity.Error, "warning": types.DiagnosticSeverity.Warning}


def diagnostic(finding: dict[str, Any], lines: Sequence[str], codec: PositionCodec) -> types.Diagnostic:
    """A finding as a diagnostic, its chain as related places, what can be done about it as data.

    Args:
        finding: as the worker tells it.
        lines: of its file.
        codec: counts columns as the client does.
    """
    address = page(finding["code"]).address
    span = [finding[key] - 1 for key in ("line", "column", "end_line", "end_column")]
    region = types.Range(types.Position(*span[:2]), types.Position(*span[2:]))
    return types.Diagnostic(
        range=codec.range_to_client_units(lines, region),
        severity=_SEVERITIES[finding["severity"]],
        code=finding["code"],
        code_description=types.CodeDescription(address) if address else None,
        source="nequip-lint",
        message=_text(finding),
        related_information=[_step(step) for step in finding["chain"] if _is_file(step["path"])],
        data=finding["offers"],
    )


def _text(finding: dict[str, Any]) -> str:
    """The message, the chain with the steps in code that no editor can open, and the help."""
    steps = (f"{step['path']}:{step['line']}: {step['import']}" for step in finding["chain"])
    chain = (f"reached by {step}" for step in steps)
    lines = (f"{finding['message']} [{finding['name']}]", *chain, f"help: {finding['help']}")
    return encodable("\n".join(lines))


def _is_file(path: str) -> bool:
    """Whether an editor can open it; the path of a summary is relative to nothing."""
    return Path(path).is_absolute() and Path(path).is_file()


def _step(step: dict[str, Any]) -> types.DiagnosticRelatedInformation:
    start = types.Position(step["line"] - 1, 0)
    place = types.Location(Path(step["path"]).as_uri(), types.Range(start, start))
    return types.DiagnosticRelatedInformation(place, step["import"])
