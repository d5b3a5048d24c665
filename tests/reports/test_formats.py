"""The formats for machines: valid by their schemas, and they say what the JSON says."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote
from xml.etree import ElementTree

import pytest
from lint_support import nequip_lint, write
from page import read_page

from nequip_lint.cli.parsers import NAMES
from nequip_lint.engine.run import Report
from nequip_lint.reports.formats import document
from nequip_lint.values import Finding, Severity, Span

if TYPE_CHECKING:
    from collections.abc import Mapping

ROOT = Path(__file__).parents[2]
SCHEMAS = Path(__file__).parent / "schemas"
PYPROJECT = '[project]\nname = "my ext"\ndependencies = ["nequip>=0.19"]\n'
SETTINGS = '[tool.nequip-lint]\nroots = ["pkg.mod é"]\ninternal-packages = ["pkg"]\n'
FILES = {
    "pyproject.toml": PYPROJECT + SETTINGS,
    "pkg/__init__.py": "",
    "pkg/mod é.py": 'name = "é, 100%: \x1c"; import triton\nfrom e3nn import o3\n',
}
"""Errors with and without a chain, in a path and on a line that need escaping."""
WARNED = {
    "pyproject.toml": PYPROJECT.replace("0.19", "99"),
    "pkg/__init__.py": "x = 1  # noqa: NQ101\n",
}
CLEAN = {"pkg/__init__.py": ""}
PAGES = sorted((ROOT / "rules").glob("NQ*.md"))


def projects(folder: Path) -> dict[str, Path]:
    """Three small projects, and one with the bad example of every page."""
    made = {"bad": FILES, "warned": WARNED, "clean": CLEAN}
    found = {name: write(folder / name, files) for name, files in made.items()}
    found["pages"] = folder / "pages"
    for page in PAGES:
        read_page(page).bad.write(found["pages"] / page.stem)
    return found


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    return projects(tmp_path_factory.mktemp("formats"))


def output(folder: Path, style: str, environment: Mapping[str, str] | None = None) -> str:
    """What the command prints in one format."""
    command = [sys.executable, "-m", "nequip_lint", ".", "--format", style, "--exit-zero"]
    done = subprocess.run(
        command,
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, **(environment or {})},
    )
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout


@cache
def findings(folder: Path) -> list[dict[str, Any]]:
    """The findings of a folder, as JSON tells them."""
    found: list[dict[str, Any]] = json.loads(output(folder, "json"))["findings"]
    return found


EVERY = pytest.mark.parametrize("name", ["bad", "warned", "clean", "pages"])


# SARIF


@EVERY
def test_sarif_is_valid_and_says_what_the_json_says(folders: dict[str, Path], name: str) -> None:
    log = json.loads(output(folders[name], "sarif"))
    validate_sarif(log)
    (run,) = log["runs"]
    rules = [rule["id"] for rule in run["tool"]["driver"]["rules"]]
    told = [
        (
            rules[result["ruleIndex"]],
            result["level"],
            unquote(place["artifactLocation"]["uri"]),
            *place["region"].values(),
            result["message"]["text"],
            [
                (
                    unquote(step["location"]["physicalLocation"]["artifactLocation"]["uri"]),
                    step["location"]["physicalLocation"]["region"]["startLine"],
                    step["location"]["message"]["text"],
                )
                for step in _steps(result)
            ],
        )
        for result in run["results"]
        for place in (result["locations"][0]["physicalLocation"],)
    ]
    assert told == [
        (
            *(one[key] for key in ("code", "severity", "path", "line", "column", "end_line", "end_column")),
            f"{one['message']}\nhelp: {one['help']}",
            [tuple(step.values()) for step in one["chain"]],
        )
        for one in findings(folders[name])
    ]
    assert all(result["ruleId"] == rules[result["ruleIndex"]] for result in run["results"])


def validate_sarif(log: dict[str, Any]) -> None:
    """Validate a log against the schema.

    Raises:
        jsonschema.ValidationError: it is not valid.
    """
    jsonschema = pytest.importorskip("jsonschema")
    schema = json.loads((SCHEMAS / "sarif-2.1.0.json").read_text(encoding="utf-8"))
    validator = jsonschema.Draft202012Validator
    validator(schema, format_checker=validator.FORMAT_CHECKER).validate(log)


def _steps(result: dict[str, Any]) -> list[dict[str, Any]]:
    return [step for flow in result.get("codeFlows", ()) for step in flow["threadFlows"][0]["locations"]]


def test_a_wrong_log_is_not_valid(folders: dict[str, Path]) -> None:
    """The schema is able to refuse."""
    jsonschema = pytest.importorskip("jsonschema")
    log = json.loads(output(folders["bad"], "sarif"))
    log["runs"][0]["results"][0]["level"] = "fatal"
    with pytest.raises(jsonschema.ValidationError, match="fatal"):
        validate_sarif(log)


def test_sarif_paths(folders: dict[str, Path], tmp_path: Path) -> None:
    """Below the working directory they are relative to it; elsewhere they are file addresses."""
    run = json.loads(output(folders["bad"], "sarif"))["runs"][0]
    places = [r["locations"][0]["physicalLocation"]["artifactLocation"] for r in run["results"]]
    assert {tuple(sorted(place.items())) for place in places} == {
        (("uri", "pkg/mod%20%C3%A9.py"), ("uriBaseId", "%SRCROOT%"))
    }
    assert run["originalUriBaseIds"]["%SRCROOT%"]["uri"] == folders["bad"].as_uri() + "/"
    done = nequip_lint(folders["bad"], "--format", "sarif", cwd=tmp_path)
    (place, *_) = (
        r["locations"][0]["physicalLocation"] for r in json.loads(done.stdout)["runs"][0]["results"]
    )
    assert place["artifactLocation"] == {"uri": (folders["bad"] / "pkg" / "mod é.py").as_uri()}


# GitHub


def unescaped(text: str, *, is_property: bool) -> str:
    """What the runner makes of a value."""
    codes = {"%0D": "\r", "%0A": "\n", **({"%3A": ":", "%2C": ","} if is_property else {}), "%25": "%"}
    for code, character in codes.items():
        text = text.replace(code, character)
    return text


def command(line: str) -> tuple[str, dict[str, str], str]:
    """A workflow command as the runner parses it: name, properties, message."""
    _, head, message = line.split("::", 2)
    name, _, listed = head.partition(" ")
    pairs = (item.split("=", 1) for item in listed.split(","))
    properties = {key: unescaped(value, is_property=True) for key, value in pairs}
    return name, properties, unescaped(message, is_property=False)


@EVERY
def test_github_says_what_the_json_says(folders: dict[str, Path], name: str) -> None:
    *lines, last = output(folders[name], "github", {"GITHUB_WORKSPACE": ""}).splitlines()
    assert "checked" in last or " in " in last
    commands = [command(line) for line in lines]
    notices = [item for item in commands if item[0] == "notice"]
    assert len(notices) == (name in ("warned", "pages"))
    for (level, properties, message), one in zip(
        commands[: -len(notices) or None], findings(folders[name]), strict=True
    ):
        assert level == one["severity"]
        assert properties["title"] == f"{one['code']} [{one['name']}]"
        assert (properties["file"], properties["line"]) == (one["path"], str(one["line"]))
        within = one["line"] == one["end_line"]
        assert properties.get("col") == (str(one["column"]) if within else None)
        first, *steps = message.removesuffix(f"\nhelp: {one['help']}").split("\n")
        assert first == one["message"]
        assert len(steps) == len(one["chain"])


def test_github_escapes() -> None:
    """A line end, a percent sign, and what separates properties."""
    span = Span(1, 1, 2, 1)
    finding = Finding("NQ101", "a,b", Severity.ERROR, "50%\n::error::x", "1%\n", "/a,b:c%.py", span)
    head, _, text = document(Report((finding,), 1), "github").split("\n")[0].rpartition("]::")
    assert head == "::error file=/a%2Cb%3Ac%25.py,line=1,endLine=2,title=NQ101 [a%2Cb"
    assert text == "50%25\\n::error::x%0Ahelp: 1%25%0A"


def test_github_paths_are_those_of_the_checkout(folders: dict[str, Path]) -> None:
    line = output(folders["bad"], "github", {"GITHUB_WORKSPACE": str(folders["bad"].parent)}).split("\n")[0]
    assert command(line)[1]["file"] == "bad/pkg/mod é.py"


# JUnit


@EVERY
def test_junit_is_valid_and_says_what_the_json_says(folders: dict[str, Path], name: str) -> None:
    xmlschema = pytest.importorskip("xmlschema")
    text = output(folders[name], "junit")
    xmlschema.XMLSchema(SCHEMAS / "junit-10.xsd").validate(text)
    suites = ElementTree.fromstring(text)
    (suite,) = suites
    expected = findings(folders[name])
    cases = suite.findall("testcase")
    assert int(suite.attrib["tests"]) == len(cases) == max(1, len(expected))
    assert int(suite.attrib["failures"]) == len(suite.findall(".//failure"))
    assert int(suite.attrib["skipped"]) == len(suite.findall(".//skipped"))
    if not expected:
        assert not list(cases[0])
        return
    for case, one in zip(cases, expected, strict=True):
        (outcome,) = case
        assert outcome.tag == {"error": "failure", "warning": "skipped"}[one["severity"]]
        assert case.attrib["classname"] == one["path"]
        assert outcome.attrib["type"] == one["code"]
        assert outcome.attrib["message"] == one["message"].replace("\x1c", "\ufffd")
        assert (outcome.text or "").endswith(f"\nhelp: {one['help']}")


def test_junit_escapes_what_xml_cannot_hold() -> None:
    finding = Finding("NQ101", "x", Severity.ERROR, "\x00<&>\x1b", "", "/a.py", Span(1, 1, 1, 1))
    text = document(Report((finding,), 1), "junit")
    failure = ElementTree.fromstring(text).find(".//failure")
    assert failure is not None
    assert failure.attrib["message"] == r"\x00<&>\x1b"


# All


def test_every_format_has_its_writer(folders: dict[str, Path]) -> None:
    assert {"full", "concise", "json", "sarif", "github", "junit"} == set(NAMES)
    assert all(output(folders["clean"], style) for style in NAMES)


@EVERY
def test_the_help_stands_apart_from_the_message(folders: dict[str, Path], name: str) -> None:
    """It begins with a verb; the message does not hold it, and is all that a single line shows."""
    found = findings(folders[name])
    assert all(re.match("[a-z]+ ", one["help"]) for one in found)
    assert not any(one["help"] in one["message"] for one in found)
    lines = output(folders[name], "concise").splitlines()
    for one, line in zip(found, lines, strict=False):
        assert line.endswith(f" {one['code']} {one['message']}".replace("\x1c", "\ufffd"))


def test_columns_count_characters(folders: dict[str, Path]) -> None:
    line = FILES["pkg/mod é.py"].split("\n")[0]
    (one, *_) = findings(folders["bad"])
    assert line[one["column"] - 1 : one["end_column"] - 1] == "import triton"


def test_sarif_has_the_fixes(tmp_path: Path) -> None:
    """The edits that JSON has, as regions of whole lines."""
    eager = {"pkg/__init__.py": "", "pkg/mod.py": "import triton\n\n\ndef f():\n    return triton.x\n"}
    folder = write(
        tmp_path,
        {"pyproject.toml": SETTINGS.replace("mod é", "mod") + 'extern-modules = ["triton"]\n', **eager},
    )
    log = json.loads(output(folder, "sarif"))
    validate_sarif(log)
    (result,) = log["runs"][0]["results"]
    (fix,) = result["fixes"]
    (change,) = fix["artifactChanges"]
    assert change["artifactLocation"]["uri"] == "pkg/mod.py"
    found = [
        (one["deletedRegion"]["startLine"], one["deletedRegion"]["endLine"], one["insertedContent"]["text"])
        for one in change["replacements"]
    ]
    (finding,) = json.loads(output(folder, "json"))["findings"]
    assert found == [(edit["line"], edit["end_line"], edit["text"]) for edit in finding["fix"]["edits"]]
    assert fix["description"]["text"] == finding["fix"]["applicability"] == "safe"
    done = nequip_lint(folder, "--fix", "--format", "sarif", cwd=folder)
    assert json.loads(done.stdout)["runs"][0]["results"] == []
    assert done.stderr.splitlines()[-1].startswith("fixed NQ101 in ")
