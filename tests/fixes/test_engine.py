"""Fixing as users run it: what is written, what is not, and how the bytes of files survive."""

from __future__ import annotations

import json
import stat
import subprocess
from pathlib import Path

import pytest
from fix_support import BASE, PROJECT, fix_files, fix_folder
from lint_support import nequip_lint, write

from nequip_lint.engine.changes import Change
from nequip_lint.engine.changes import write as write_changes
from nequip_lint.engine.fixing import fix
from nequip_lint.engine.selection import Selection
from nequip_lint.errors import LintError
from nequip_lint.fixes import offer
from nequip_lint.project.assemble import Request

LAZY = "def f():\n    import fastops\n\n    return fastops.x\n"
EAGER = "import fastops\n\n\ndef f():\n    return fastops.x\n"
AT_IMPORT = "import fastops\n\nX = fastops.x\n"
BAD = {**BASE, "mypkg/model.py": EAGER}


def contents(folder: Path) -> dict[str, bytes]:
    return {str(path): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def test_fix_writes_and_a_second_run_does_not(tmp_path: Path) -> None:
    write(tmp_path, BAD)
    done = nequip_lint("--fix", cwd=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines()[-1] == "fixed NQ101 in mypkg/model.py"
    assert done.stdout.startswith("clean: 3 files")
    assert (tmp_path / "mypkg/model.py").read_text() == LAZY
    before = contents(tmp_path)
    done = nequip_lint("--fix", cwd=tmp_path)
    assert (done.returncode, done.stdout.splitlines()[-1]) == (0, "fixed nothing")
    assert contents(tmp_path) == before


def test_diff_changes_nothing_and_is_what_fix_does(tmp_path: Path) -> None:
    write(tmp_path, {**BAD, "mypkg/other.py": "from mypkg import model"})
    before = contents(tmp_path)
    done = nequip_lint("--diff", cwd=tmp_path)
    assert done.returncode == 1
    assert done.stderr == "would fix NQ101 in mypkg/model.py\n"
    assert contents(tmp_path) == before
    subprocess.run(["git", "apply", "-"], input=done.stdout, text=True, cwd=tmp_path, check=True)
    patched = contents(tmp_path)
    write(tmp_path, BAD)
    nequip_lint("--fix", cwd=tmp_path)
    assert contents(tmp_path) == patched
    assert nequip_lint("--diff", cwd=tmp_path).returncode == 0


@pytest.mark.parametrize("end", ["", "\n"])
def test_diff_of_a_last_line_without_its_end_can_be_applied(end: str, tmp_path: Path) -> None:
    write(tmp_path, {**BASE, "mypkg/model.py": f"import fastops\ndef f():\n    return fastops.x{end}"})
    done = nequip_lint("--diff", cwd=tmp_path)
    subprocess.run(["git", "apply", "-"], input=done.stdout, text=True, cwd=tmp_path, check=True)
    assert (tmp_path / "mypkg/model.py").read_text() == LAZY.rstrip("\n") + end


def test_what_cannot_be_fixed_is_told_with_its_reason(tmp_path: Path) -> None:
    write(tmp_path, {**BASE, "mypkg/model.py": AT_IMPORT})
    done = nequip_lint("--fix", cwd=tmp_path)
    assert done.returncode == 1
    assert (
        "  not fixed: fastops is needed when the file is imported, in a statement at the top" in done.stdout
    )
    assert done.stdout.splitlines()[-1] == "fixed nothing"
    assert (tmp_path / "mypkg/model.py").read_text() == AT_IMPORT
    assert "not fixed" not in nequip_lint(cwd=tmp_path).stdout
    line = "mypkg/model.py:1: NQ101 not fixed: fastops is needed when the file is imported, in a statement"
    for options, left in ((["--diff"], 1), (["--fix", "--format", "json"], 0)):
        told = nequip_lint(*options, cwd=tmp_path).stderr.splitlines()
        assert told[0].startswith(line)
        assert told[1:] == [["fixed nothing"], ["would fix nothing", "would leave NQ101"]][left]
    assert line in nequip_lint("--fix", "--format", "concise", cwd=tmp_path).stdout


UNSAFE = "import fastops\n\n\nclass A:\n    def forward(self):\n        return fastops.x\n"


def test_unsafe_fixes_wait_to_be_asked_for(tmp_path: Path) -> None:
    write(tmp_path, {**BASE, "mypkg/model.py": UNSAFE})
    done = nequip_lint("--fix", cwd=tmp_path)
    assert done.returncode == 1
    assert done.stdout.splitlines()[-2:] == ["fixed nothing", "--unsafe-fixes would fix NQ101"]
    (finding,) = json.loads(nequip_lint("--format", "json", cwd=tmp_path).stdout)["findings"]
    assert finding["fix"]["applicability"] == "unsafe"
    assert nequip_lint("--fix", "--unsafe-fixes", cwd=tmp_path).returncode == 0


def test_json_has_the_edits(tmp_path: Path) -> None:
    write(tmp_path, BAD)
    (finding,) = json.loads(nequip_lint("--format", "json", cwd=tmp_path).stdout)["findings"]
    assert finding["fix"]["applicability"] == "safe"
    lines = EAGER.splitlines(keepends=True)
    for edit in reversed(finding["fix"]["edits"]):
        assert edit["path"] == "mypkg/model.py"
        lines[edit["line"] - 1 : edit["end_line"] - 1] = [edit["text"]]
    assert "".join(lines) == LAZY
    done = nequip_lint("--fix", "--format", "json", cwd=tmp_path)
    assert json.loads(done.stdout)["findings"] == []
    assert done.stderr == "fixed NQ101 in mypkg/model.py\n"


@pytest.mark.parametrize("options", [["--unsafe-fixes"], ["--diff", "--format", "json"]])
def test_options_that_do_not_go_together(options: list[str], tmp_path: Path) -> None:
    done = nequip_lint(*options, cwd=write(tmp_path, BAD))
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1)


def test_selection_and_suppression_bind(tmp_path: Path) -> None:
    write(tmp_path, BAD)
    assert nequip_lint("--fix", "--ignore", "NQ101", cwd=tmp_path).returncode == 0
    write(tmp_path, {"mypkg/model.py": EAGER.replace("fastops\n", "fastops  # noqa: NQ101\n", 1)})
    before = contents(tmp_path)
    assert nequip_lint("--fix", cwd=tmp_path).returncode == 0
    assert contents(tmp_path) == before


# Bytes

ENDS = [
    (encoding, end) for encoding in ("utf-8", "utf-8-sig", "latin-1", "gb18030") for end in ("\n", "\r\n")
]
ENDS += [("utf-8", "\r"), ("utf-8-sig", "\r")]  # Python finds no cookie in a file of one line


@pytest.mark.parametrize(("encoding", "end"), ENDS)
def test_line_ends_encoding_and_mark_stay(encoding: str, end: str, tmp_path: Path) -> None:
    cookie = "" if encoding.startswith("utf-8") else f"# coding: {encoding}\n"
    start, note = f"{cookie}import fastops\n", "\x0c\nNOTE = 'é'  # é\x0b\n"
    body = "def f(é):\n    return 'é', fastops.x\n"
    new = "def f(é):\n    import fastops\n\n    return 'é', fastops.x\n"

    def in_bytes(text: str) -> bytes:
        return text.encode(encoding).replace(b"\n", end.encode())

    result = fix_files(tmp_path, {**BASE, "mypkg/model.py": in_bytes(f"{start}{note}{body}")}, select="NQ101")
    assert result.codes == ["NQ101"]
    assert (tmp_path / "mypkg/model.py").read_bytes() == in_bytes(f"{cookie}{note}{new}")


def test_mixed_line_ends_stay_where_they_are(tmp_path: Path) -> None:
    text = b"import fastops\r\nA = 1\nB = 2\r\rC = 3\r\ndef f():\n    return fastops.x\r"
    fix_files(tmp_path, {**BASE, "mypkg/model.py": text})
    expected = b"A = 1\nB = 2\r\rC = 3\r\ndef f():\n    import fastops\r\r    return fastops.x\r"
    assert (tmp_path / "mypkg/model.py").read_bytes() == expected


def test_mode_and_link_are_kept_and_nothing_is_left_behind(tmp_path: Path) -> None:
    write(tmp_path, {**BASE, "mypkg/real.txt": EAGER})
    (tmp_path / "mypkg/real.txt").chmod(0o640)
    (tmp_path / "mypkg/model.py").symlink_to("real.txt")
    before = {path.name for path in (tmp_path / "mypkg").iterdir()}
    fix_folder(tmp_path)
    assert (tmp_path / "mypkg/model.py").is_symlink()
    assert (tmp_path / "mypkg/real.txt").read_text() == LAZY
    assert stat.S_IMODE((tmp_path / "mypkg/real.txt").stat().st_mode) == 0o640
    assert {path.name for path in (tmp_path / "mypkg").iterdir()} == before


def test_a_link_out_of_the_project_is_left_alone(tmp_path: Path) -> None:
    project, outside = tmp_path / "project", write(tmp_path / "outside", {"model.py": EAGER})
    write(project, BASE)
    (project / "mypkg/model.py").symlink_to(outside / "model.py")
    result = fix_folder(project)
    assert result.reasons == ["model.py does not lie in the project"]
    assert (outside / "model.py").read_text() == EAGER


def test_installed_code_is_left_alone(tmp_path: Path) -> None:
    site = tmp_path / "lib" / "site-packages"
    result = fix_files(site, BAD)
    assert result.reasons == ["model.py does not lie in the project"]
    assert result.fixed.changes == ()


def test_a_file_that_changed_meanwhile_is_not_overwritten(tmp_path: Path) -> None:
    write(
        tmp_path,
        {
            **BAD,
            "mypkg/second.py": EAGER,
            "pyproject.toml": PROJECT.replace('model"', 'model", "mypkg.second"'),
        },
    )
    result = fix(Request((tmp_path,), cache=False), Selection(), unsafe=False)
    assert len(result.changes) == 2
    (tmp_path / "mypkg/model.py").write_text("mine\n")
    with pytest.raises(LintError, match=r"mypkg/model.py: has changed since it was read"):
        write_changes(result.changes)
    assert (tmp_path / "mypkg/model.py").read_text() == "mine\n"
    assert (tmp_path / "mypkg/second.py").read_text() == LAZY


def test_a_write_that_fails_leaves_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    target = write(tmp_path, {"a.py": "old\n"}) / "a.py"

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(
        LintError, match=r"could not be written \(No space left on device\), and is as it was"
    ):
        write_changes([Change(target, b"old\n", b"new\n")])
    assert [(path.name, path.read_text()) for path in tmp_path.iterdir()] == [("a.py", "old\n")]


def test_many_files_are_counted(tmp_path: Path) -> None:
    names = [f"m{number}" for number in range(5)]
    roots = ", ".join(f'"mypkg.{name}"' for name in names)
    files = {**BASE, "pyproject.toml": PROJECT.replace('"mypkg.model"', roots)}
    write(tmp_path, {**files, **{f"mypkg/{name}.py": EAGER for name in names}})
    assert nequip_lint("--fix", cwd=tmp_path).stdout.splitlines()[-1] == "fixed 5 NQ101 in 5 files"


# Passes


def test_several_fixes_in_one_file(tmp_path: Path) -> None:
    model = "import fastops\nimport triton\n\n\ndef f():\n    return fastops.x, triton.y\n"
    result = fix_files(tmp_path, {**BASE, "mypkg/model.py": model})
    assert result.codes == ["NQ101", "NQ101"]
    assert result.files["mypkg/model.py"].count("    import ") == 2
    assert result.left == []


def test_fixes_of_one_line(tmp_path: Path) -> None:
    model = "import fastops, triton, math\n\n\ndef f():\n    return fastops.x, triton.y\n"
    result = fix_files(tmp_path, {**BASE, "mypkg/model.py": model})
    expected = "def f():\n    import triton\n    import fastops\n\n    return fastops.x, triton.y\n"
    assert result.files["mypkg/model.py"] == f"import math\n\n\n{expected}"
    assert (result.codes, result.left) == (["NQ101", "NQ101"], [])


def test_a_fix_that_does_not_cure_is_taken_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def useless(context, finding):
        found = real(context, finding)
        edit = found.fix.edits[0]._replace(line=1, end_line=1, text="# nothing\n")
        return found._replace(fix=found.fix._replace(edits=(edit,)))

    real = offer.with_fix
    monkeypatch.setattr(offer, "with_fix", useless)
    result = fix_files(tmp_path, BAD)
    assert (result.codes, result.fixed.changes) == ([], ())
    assert result.reasons == ["the finding would still be there after the change"]


def test_only_named_files_are_changed(tmp_path: Path) -> None:
    write(
        tmp_path,
        {
            **BAD,
            "mypkg/second.py": EAGER,
            "pyproject.toml": PROJECT.replace('model"', 'model", "mypkg.second"'),
        },
    )
    before = (tmp_path / "mypkg/model.py").read_text()
    write(tmp_path, {"pyproject.toml": PROJECT.replace("mypkg.model", "mypkg.second")})
    assert nequip_lint("--fix", "mypkg/second.py", cwd=tmp_path).returncode == 0
    assert (tmp_path / "mypkg/second.py").read_text() == LAZY
    assert (tmp_path / "mypkg/model.py").read_text() == before
