"""Findings as workflow commands of GitHub Actions, which shows them beside the lines of a change.

Escaping is that of `@actions/core`: the runner turns `%25`, `%0D` and `%0A` back everywhere, `%3A` and `%2C`
in properties only.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from nequip_lint import disk
from nequip_lint.engine.run import Report
from nequip_lint.reports.frame import message_lines
from nequip_lint.reports.paths import shown
from nequip_lint.reports.source import in_characters
from nequip_lint.reports.text import closing
from nequip_lint.text import escaped
from nequip_lint.values import Finding


def commands(report: Report) -> str:
    """One command a finding, notes as notices, and the closing line for the log."""
    return "\n".join(_lines(report))


def _lines(report: Report) -> Iterator[str]:
    yield from map(_annotation, report.findings)
    yield from (f"::notice title=nequip-lint::{_data(escaped(note))}" for note in report.notes)
    yield escaped(closing(report))


def _annotation(finding: Finding) -> str:
    properties = {"file": escaped(_from_workspace(finding.path)), **_place(finding)}
    properties["title"] = f"{finding.code} [{finding.name}]"
    listed = ",".join(f"{key}={_property(value)}" for key, value in properties.items())
    text = "\n".join(message_lines(finding))
    return f"::{finding.severity.value} {listed}::{_data(text)}"


def _place(finding: Finding) -> dict[str, str]:
    """GitHub takes columns only for a region within one line."""
    span = in_characters(finding)
    place = {"line": str(span.line), "endLine": str(span.end_line)}
    if span.line == span.end_line:
        place |= {"col": str(span.column), "endColumn": str(span.end_column)}
    return place


def _from_workspace(path: str) -> str:
    """GitHub reads a path from the root of the checkout, wherever in it the linter was called."""
    root = disk.variable("GITHUB_WORKSPACE")
    if root and Path(path).is_relative_to(root):
        return Path(path).relative_to(root).as_posix()
    return shown(path)


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
