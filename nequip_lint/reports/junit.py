"""Findings as JUnit XML, for dashboards that know tests only.

An error is a failed test, a warning a skipped one, so that what fails there is what makes `check` exit 1.
"""

from __future__ import annotations

from xml.etree.ElementTree import Element, SubElement, indent, tostring

from nequip_lint.engine.run import Report
from nequip_lint.reports.frame import message_lines
from nequip_lint.reports.paths import shown
from nequip_lint.reports.source import in_characters
from nequip_lint.reports.text import closing
from nequip_lint.text import escaped
from nequip_lint.values import Finding, Severity


def junit(report: Report) -> str:
    """The report as one suite; a clean one holds a single test that passed."""
    counts = {
        "tests": max(1, len(report.findings)),
        "failures": report.count(Severity.ERROR),
        "errors": 0,
    }
    skipped = {"skipped": report.count(Severity.WARNING)}
    suites = Element("testsuites", {"name": "nequip-lint", **_texts(counts)})
    suite = SubElement(suites, "testsuite", {"name": "nequip-lint", **_texts(counts | skipped)})
    for finding in report.findings:
        _case(suite, finding)
    if not report.findings:
        SubElement(suite, "testcase", {"classname": "nequip-lint", "name": "no findings"})
    output = SubElement(suite, "system-out")
    output.text = "\n".join(map(escaped, (*report.notes, closing(report))))
    indent(suites)
    text: bytes = tostring(suites, encoding="us-ascii")
    return '<?xml version="1.0" encoding="utf-8"?>\n' + text.decode()


def _case(suite: Element, finding: Finding) -> None:
    span, path = in_characters(finding), escaped(shown(finding.path))
    name = f"{finding.code} [{finding.name}] {span.line}:{span.column}"
    case = SubElement(suite, "testcase", {"classname": path, "name": name})
    kind = "failure" if finding.severity is Severity.ERROR else "skipped"
    outcome = SubElement(case, kind, {"type": finding.code, "message": escaped(finding.message)})
    first, *others = message_lines(finding)
    place = f"{path}:{span.line}:{span.column}"
    outcome.text = "\n".join((f"{place}: {first}", *others))


def _texts(counts: dict[str, int]) -> dict[str, str]:
    return {key: str(value) for key, value in counts.items()}
