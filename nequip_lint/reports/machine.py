"""Findings and closures as JSON, version 1."""

from __future__ import annotations

import json
from typing import Any

from nequip_lint.closure.packaged import Closure
from nequip_lint.engine.run import Report
from nequip_lint.machine.target import Target
from nequip_lint.pages import page
from nequip_lint.reports.paths import shown
from nequip_lint.reports.source import in_characters
from nequip_lint.text import encodable
from nequip_lint.values import Chain, Finding, Fix, Severity


def findings_json(report: Report) -> str:
    """The report as one JSON document."""
    summary = {
        "files": report.files,
        "errors": report.count(Severity.ERROR),
        "warnings": report.count(Severity.WARNING),
        "unchecked": report.unchecked,
        "by_code": dict(sorted(report.by_code.items())),
        "models": _models(report),
        "environments": _environments(report),
        "summaries": list(report.summaries),
        "notes": list(report.notes),
        "baselined": report.baselined,
    }
    findings = [finding_json(item) for item in report.findings]
    return json_text({"version": 1, "findings": findings, "summary": summary})


def _models(report: Report) -> dict[str, int] | None:
    """What was judged of source; None for packages, whose pickles tell what their models are."""
    if not report.projects:
        return None
    return {"classes": report.classes, "modules": report.modules}


def _environments(report: Report) -> dict[str, list[str]]:
    """The packages that were read in each environment."""
    return {shown(path): list(names) for path, names in report.environments.items()}


def json_text(value: object) -> str:
    """A document as JSON that every parser takes: surrogates, which UTF-8 has not, are written as escapes."""
    return json.dumps(_encodable(value), indent=2)


def _encodable(value: Any) -> Any:
    if isinstance(value, dict):
        return {encodable(key): _encodable(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_encodable(item) for item in value]
    return encodable(value) if isinstance(value, str) else value


def finding_json(finding: Finding) -> dict[str, Any]:
    """One finding as JSON values."""
    span = in_characters(finding)
    return {
        "code": finding.code,
        "name": finding.name,
        "severity": finding.severity.value,
        "message": finding.message,
        "help": finding.help,
        "path": shown(finding.path),
        "line": span.line,
        "column": span.column,
        "end_line": span.end_line,
        "end_column": span.end_column,
        "chain": chain_json(finding.chain),
        "fix": fix_json(finding.fix),
        "url": page(finding.code).url,
    }


def fix_json(fix: Fix | None) -> dict[str, Any] | None:
    """A fix as JSON values: whole lines from `line` up to before `end_line` are replaced by `text`."""
    if fix is None:
        return None
    edits = [
        {"path": shown(edit.path), "line": edit.line, "end_line": edit.end_line, "text": edit.text}
        for edit in fix.edits
    ]
    return {"applicability": "safe" if fix.is_safe else "unsafe", "edits": edits}


def chain_json(chain: Chain) -> list[dict[str, Any]]:
    """A chain as JSON values."""
    return [{"path": shown(step.path), "line": step.line, "import": step.statement} for step in chain]


def target_json(target: Target) -> dict[str, Any]:
    """A target as JSON values."""
    return {
        "packager": target.packager,
        "python": ".".join(map(str, target.python)),
        "gpu": target.gpu,
        "present": sorted(target.present),
        "absent": sorted(target.absent),
    }


def closure_json(closure: Closure, target: Target) -> dict[str, Any]:
    """A closure as JSON values."""
    modules = {
        name: {"action": verdict.action, "reason": verdict.reason, "chain": chain_json(closure.chain(name))}
        for name, verdict in sorted(closure.modules.items())
    }
    return {"version": 1, "target": target_json(target), "roots": list(closure.roots), "modules": modules}
