"""The ways to write a report, by the name that `--format` takes; each is imported when it is asked for."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from nequip_lint.engine.run import Report

TEXT = ("full", "concise")
"""The styles for people, which `reports.text` renders."""

_DOCUMENTS = {
    "json": "machine:findings_json",
    "sarif": "sarif:sarif",
    "github": "github:commands",
    "junit": "junit:junit",
}
NAMES = (*TEXT, *_DOCUMENTS)


def document(report: Report, style: str) -> str:
    """A report as the text of one format for machines.

    Args:
        report: what a check found.
        style: one of `NAMES` that is not for people.
    """
    module, _, function = _DOCUMENTS[style].partition(":")
    text: str = getattr(import_module(f"nequip_lint.reports.{module}"), function)(report)
    return text
