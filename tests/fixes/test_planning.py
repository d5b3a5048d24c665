"""Fixes are planned when findings are shown: what the text says is what `--fix` does."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from fix_support import BASE
from lint_support import nequip_lint, write

from nequip_lint.edits import context
from nequip_lint.engine.planning import with_plans
from nequip_lint.engine.run import checked
from nequip_lint.engine.selection import Selection
from nequip_lint.fixes import offer
from nequip_lint.project.assemble import Request

if TYPE_CHECKING:
    from pathlib import Path

FIXABLE = "import fastops\n\n\ndef f():\n    return fastops.x\n"
DECLINED = "import fastops\n\nX = fastops.x\n"
UNSAFE = "import fastops\n\n\nclass A:\n    def forward(self):\n        return fastops.x\n"
TEXTS = {
    "safe": (FIXABLE, "  fix: import fastops inside f", "; try --fix for NQ101"),
    "unsafe": (
        UNSAFE,
        "  unsafe fix: import fastops inside forward",
        "; try --fix --unsafe-fixes for NQ101",
    ),
}


@pytest.mark.parametrize("name", TEXTS)
def test_the_text_says_what_the_fix_writes(name: str, tmp_path: Path) -> None:
    model, line, end = TEXTS[name]
    write(tmp_path, {**BASE, "mypkg/model.py": model})
    told = nequip_lint(cwd=tmp_path).stdout
    assert line in told.splitlines()
    assert told.endswith(f"{end}\n")


def test_a_fix_that_will_be_declined_is_not_promised(tmp_path: Path) -> None:
    write(tmp_path, {**BASE, "mypkg/model.py": DECLINED})
    for style in ("full", "concise"):
        told = nequip_lint("--format", style, cwd=tmp_path).stdout
        assert "NQ101" in told
        assert "fix" not in told
        assert told.splitlines()[-1].startswith("1 error, 0 warnings in 3 files")
    (finding,) = json.loads(nequip_lint("--format", "json", cwd=tmp_path).stdout)["findings"]
    assert finding["fix"] is None


def test_code_too_deep_for_libcst_is_judged_without_a_plan(tmp_path: Path) -> None:
    deep = f"import fastops\n\n\ndef f():\n    return (\n{'        fastops.x +' + chr(10)}"
    deep += "        1 +\n" * 400 + "        1\n    )\n"
    write(tmp_path, {**BASE, "mypkg/model.py": deep})
    done = nequip_lint("--format", "json", cwd=tmp_path)
    assert (done.returncode, done.stderr) == (1, "")
    (finding,) = json.loads(done.stdout)["findings"]
    assert (finding["code"], finding["fix"]) == ("NQ101", None)
    assert "nested too deeply to be changed" in nequip_lint("--fix", cwd=tmp_path).stdout


def test_what_fix_leaves_is_not_said_to_be_tried(tmp_path: Path) -> None:
    write(tmp_path, {**BASE, "mypkg/model.py": UNSAFE})
    assert "try --fix" not in nequip_lint("--fix", cwd=tmp_path).stdout


def test_a_file_is_read_once_for_all_its_findings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    libraries = ("fastops", "slowops", "otherops")
    text = "".join(f"import {name}\n\n\ndef f_{name}():\n    return {name}.x\n\n\n" for name in libraries)
    write(tmp_path, {**BASE, "mypkg/model.py": text})
    read: list[str] = []
    real = context.read_raw
    monkeypatch.setattr(context, "read_raw", lambda path: read.append(path.name) or real(path))
    report = with_plans(checked(Request((tmp_path,), cache=False), Selection(("NQ101",))))
    assert [finding.fix is not None for finding in report.findings] == [True] * 3
    assert read == ["model.py"]


def test_scopes_are_read_once_for_all_findings_about_a_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = "".join(f"def f{n}():\n    from e3nn import o3\n\n    return o3.Irreps\n\n\n" for n in range(3))
    write(tmp_path, {**BASE, "mypkg/model.py": text})
    read: list[frozenset[str]] = []
    real = context.Scopes
    monkeypatch.setattr(context, "Scopes", lambda source, names: read.append(names) or real(source, names))
    report = with_plans(checked(Request((tmp_path,), cache=False), Selection(("NQ203",))))
    assert [finding.fix is not None for finding in report.findings] == [True] * 3
    assert read == [frozenset({"o3"})]


def test_what_a_baseline_lets_pass_is_not_planned(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from nequip_lint.cli import main

    write(tmp_path, {**BASE, "mypkg/model.py": FIXABLE})
    monkeypatch.chdir(tmp_path)
    assert nequip_lint("--baseline", "known.json", "--write-baseline", cwd=tmp_path).returncode == 0
    planned: list[str] = []
    monkeypatch.setattr(offer, "with_fix", lambda _, finding: planned.append(finding.code) or finding)
    for options, expected in ((["--baseline", "known.json"], []), ([], ["NQ101"])):
        with pytest.raises(SystemExit):
            main(["check", "--no-cache", *options])
        assert planned == expected
