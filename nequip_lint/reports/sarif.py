"""Findings as SARIF 2.1.0, which code hosts and editors read."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any
from urllib.parse import quote

from nequip_lint import __version__
from nequip_lint.engine.run import Report
from nequip_lint.pages import Page, page
from nequip_lint.reports.extent import unchecked, unjudged
from nequip_lint.reports.machine import json_text
from nequip_lint.reports.paths import here, shown
from nequip_lint.reports.source import in_characters
from nequip_lint.values import Chain, Edit, Finding, Fix, Step

_SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
_ROOT = "%SRCROOT%"


def sarif(report: Report) -> str:
    """The report as one run, with the pages of the rules that it names."""
    codes = sorted(report.by_code)
    driver = {
        "name": "nequip-lint",
        "version": __version__,
        "rules": [_rule(page(code)) for code in codes],
    }
    run = {
        "tool": {"driver": driver},
        "columnKind": "unicodeCodePoints",
        "originalUriBaseIds": _bases(),
        "invocations": [_invocation(report)],
        "results": [_result(finding, codes.index(finding.code)) for finding in report.findings],
    }
    return json_text({"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]})


def _bases() -> dict[str, Any]:
    """The working directory, below which paths are relative; one that was deleted has no address."""
    folder = here()
    return {} if folder is None else {_ROOT: {"uri": f"{Path(folder).as_uri()}/"}}


def _invocation(report: Report) -> dict[str, Any]:
    told = (*report.notes, *unjudged(report), *unchecked(report))
    notes = [{"level": "note", "message": {"text": note}} for note in told]
    return {"executionSuccessful": True, "toolExecutionNotifications": notes}


def _rule(item: Page) -> dict[str, Any]:
    return {
        "id": item.code,
        "name": item.name,
        "shortDescription": {"text": item.name},
        "fullDescription": {"text": item.summary},
        "help": {"text": item.body, "markdown": item.body},
        **({"helpUri": item.address} if item.address else {}),
        "defaultConfiguration": {"level": item.severity.value},
    }


def _result(finding: Finding, index: int) -> dict[str, Any]:
    span = in_characters(finding)
    region = {
        "startLine": span.line,
        "startColumn": span.column,
        "endLine": span.end_line,
        "endColumn": span.end_column,
    }
    result: dict[str, Any] = {
        "ruleId": finding.code,
        "ruleIndex": index,
        "level": finding.severity.value,
        "message": {"text": f"{finding.message}\nhelp: {finding.help}"},
        "locations": [_location(finding.path, region)],
    }
    if finding.chain:
        result["codeFlows"] = [_flow(finding.chain)]
    if finding.fix is not None:
        result["fixes"] = [_fix(finding.fix)]
    return result


def _fix(fix: Fix) -> dict[str, Any]:
    by_path: dict[str, list[Edit]] = {}
    for edit in fix.edits:
        by_path.setdefault(edit.path, []).append(edit)
    changes = [
        {"artifactLocation": _artifact(path), "replacements": [_replacement(edit) for edit in edits]}
        for path, edits in by_path.items()
    ]
    text = "safe" if fix.is_safe else "may change what the code does"
    return {"description": {"text": text}, "artifactChanges": changes}


def _replacement(edit: Edit) -> dict[str, Any]:
    """Whole lines; a region without characters is a place to insert at."""
    region = {"startLine": edit.line, "startColumn": 1, "endLine": edit.end_line, "endColumn": 1}
    return {"deletedRegion": region, "insertedContent": {"text": edit.text}}


def _flow(chain: Chain) -> dict[str, Any]:
    return {"threadFlows": [{"locations": [{"location": _step(step)} for step in chain]}]}


def _step(step: Step) -> dict[str, Any]:
    return {**_location(step.path, {"startLine": step.line}), "message": {"text": step.statement}}


def _location(path: str, region: dict[str, int]) -> dict[str, Any]:
    return {"physicalLocation": {"artifactLocation": _artifact(path), "region": region}}


def _artifact(path: str) -> dict[str, str]:
    """Relative to the working directory below it; the file of a summary stands nowhere and stays as it is."""
    if not Path(path).is_absolute():
        return {"uri": quote(os.fsencode(path))}
    relative = shown(path)
    if relative == path:
        return {"uri": Path(path).as_uri()}
    return {"uri": quote(os.fsencode(relative)), "uriBaseId": _ROOT}
