"""Addresses of the pages of rules: there where the installed distribution names its documentation."""

from __future__ import annotations

import importlib.metadata
import json
from email.message import Message
from typing import TYPE_CHECKING

import pytest

from nequip_lint import pages
from nequip_lint.engine.run import check
from nequip_lint.engine.selection import Selection
from nequip_lint.project.assemble import Request
from nequip_lint.reports.machine import findings_json
from nequip_lint.reports.sarif import sarif

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

SITE = "https://example.org/nequip-pack"


@pytest.fixture(autouse=True)
def forgotten() -> Iterator[None]:
    pages.documentation.cache_clear()
    yield
    pages.documentation.cache_clear()


def named(monkeypatch: pytest.MonkeyPatch, *urls: str) -> None:
    """Let the installed distribution name these addresses."""
    metadata = Message()
    for url in urls:
        metadata["Project-URL"] = url
    monkeypatch.setattr(importlib.metadata, "metadata", lambda name: metadata)


def reported(folder: Path) -> tuple[dict[str, str], str]:
    """The rule in SARIF, and the address in JSON, of one finding."""
    (folder / "a.py").write_text("x = [\n")
    report = check(Request((folder / "a.py",)), Selection())
    (rule,) = json.loads(sarif(report))["runs"][0]["tool"]["driver"]["rules"]
    (finding,) = json.loads(findings_json(report))["findings"]
    return rule, finding["url"]


def test_with_a_site(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    named(monkeypatch, "Changelog, https://example.org/news", f"Documentation, {SITE}/")
    rule, url = reported(tmp_path)
    assert rule["helpUri"] == url == f"{SITE}/rules/NQ001.html"


@pytest.mark.parametrize("urls", [(), ("Changelog, https://example.org/news",)])
def test_without_a_site(urls: tuple[str, ...], monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    named(monkeypatch, *urls)
    rule, url = reported(tmp_path)
    assert "helpUri" not in rule
    assert url == "rules/NQ001.md"


def test_without_a_distribution(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(name: str) -> Message:
        raise importlib.metadata.PackageNotFoundError(name)

    monkeypatch.setattr(importlib.metadata, "metadata", missing)
    assert pages.page("NQ203").address == ""


def test_a_diagnostic_leads_to_the_page(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("pygls", reason="the extra `server` is not installed")
    from pygls.workspace import PositionCodec

    from nequip_lint.server.diagnostics import diagnostic

    place = {"line": 1, "column": 1, "end_line": 1, "end_column": 2}
    finding = {"code": "NQ203", "severity": "error", "message": "m", "name": "n", "help": "h", **place}
    made = diagnostic({**finding, "chain": [], "offers": []}, ["x = 1\n"], PositionCodec())
    assert made.code_description is None
    pages.documentation.cache_clear()
    named(monkeypatch, f"Documentation, {SITE}")
    made = diagnostic({**finding, "chain": [], "offers": []}, ["x = 1\n"], PositionCodec())
    assert made.code_description is not None
    assert made.code_description.href == f"{SITE}/rules/NQ203.html"
