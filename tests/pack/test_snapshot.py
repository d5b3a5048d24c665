"""`nequip-lint check` of packages: what it says of real archives is what happens when they are loaded."""

from __future__ import annotations

import json
import os
import shutil
import sys
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from pack_support import python, rewrite
from warm import new_python

if TYPE_CHECKING:
    import subprocess

pytestmark = pytest.mark.real

MODEL = """import torch
{top}

class Scale(torch.nn.Module):
    def forward(self, x):
{body}
        return 2 * x
"""


def model(top: str = "", body: str = "") -> str:
    """The source of a model with statements at its top and in its forward pass."""
    return MODEL.format(top=top, body=f"        {body}\n")


CAPABILITY = "IS_RECENT = torch.cuda.get_device_capability() >= (8, 0)"
KERNELS = {"mypkg/_kernels.py": "import torch\nimport lostlib\n\n\ndef scale(x): return x\n"}
TREES: dict[str, dict[str, str]] = {
    "clean": {"mypkg/model.py": model()},
    "external": {"mypkg/model.py": model("import fastlib")},
    "gpu": {"mypkg/model.py": model(CAPABILITY)},
    "lazy-gpu": {
        "mypkg/model.py": model(body="from mypkg._gpu import IS_RECENT"),
        "mypkg/_gpu.py": f"import torch\n{CAPABILITY}\n",
    },
    "tried-gpu": {
        "mypkg/model.py": model(
            "try:\n    from mypkg._gpu import IS_RECENT\nexcept Exception:\n    IS_RECENT = False"
        ),
        "mypkg/_gpu.py": f"import torch\n{CAPABILITY}\n",
    },
    "lost": {"mypkg/model.py": model(body="from mypkg._kernels import scale"), **KERNELS},
    "unnamed": {"mypkg/model.py": model(body="import lostlib")},
    "tried": {"mypkg/model.py": model("try:\n    import lostlib\nexcept ImportError:\n    lostlib = None")},
    "typing": {
        "mypkg/model.py": model("from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    import lostlib")
    },
    "stdlib": {"mypkg/model.py": model("from typing import Self")},
    "syntax": {"mypkg/model.py": model("try:\n    pass\nexcept* ValueError:\n    pass")},
}
NEEDS_311 = ("stdlib", "syntax")
HERE = f"{sys.version_info[0]}.{sys.version_info[1]}"

LOADS = [
    ("clean", ""),
    ("external", ""),
    ("external", "fastlib"),
    ("gpu", ""),
    ("lazy-gpu", ""),
    ("tried-gpu", ""),
    ("lost", "lostlib"),
    ("unnamed", "lostlib"),
    ("tried", "lostlib"),
    ("stdlib", ""),
    ("syntax", ""),
]
"""Packages to load, and the library that is installed where they are."""
LOAD = """import json, sys
from pathlib import Path
from torch.package import PackageImporter

def outcome(path):
    stage = "load"
    try:
        model = PackageImporter(path).load_pickle("model", "eager_model.pkl")
        stage = "forward"
        model(1)
    except Exception as error:
        return f"{stage}: {type(error).__name__}: {error}"
    return "works"

def loaded(name, library):
    if not Path(f"{name}.nequip.zip").exists():
        return ""
    if library:
        Path(f"with-{library}", library).mkdir(parents=True, exist_ok=True)
        Path(f"with-{library}", library, "__init__.py").touch()
        sys.path.append(str(Path(f"with-{library}").resolve()))
    try:
        return outcome(f"{name}.nequip.zip")
    finally:
        del sys.path[len(path):]
        sys.modules.pop(library, None)

path = list(sys.path)
print(json.dumps([loaded(*one) for one in json.loads(sys.argv[1])]))
"""


@pytest.fixture(scope="module")
def packages(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A package for each tree, built by torch.package where fastlib is installed and lostlib is not."""
    folder = tmp_path_factory.mktemp("snapshots")
    for name, files in TREES.items():
        if name in NEEDS_311 and sys.version_info < (3, 11):
            continue
        for path, text in {"mypkg/__init__.py": "", **files}.items():
            target = folder / name / "code" / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(text)
        (folder / name / "lib" / "fastlib").mkdir(parents=True)
        (folder / name / "lib" / "fastlib" / "__init__.py").touch()
    done = python(str(Path(__file__).with_name("snapshot_builder.py")), str(folder), cwd=folder)
    assert done.returncode == 0, done.stderr
    return folder


def lint(*arguments: str | Path, cwd: Path) -> subprocess.CompletedProcess[str]:
    """Run the linter on packages."""
    return python("-m", "nequip_lint", *map(str, arguments), cwd=cwd)


def found(packages: Path, name: str, *options: str) -> list[tuple[str, str, str]]:
    """Code, severity and place of each finding in a package; the exit code follows from them."""
    done = lint("check", f"{name}.nequip.zip", "--format", "json", *options, cwd=packages)
    findings: list[dict[str, Any]] = json.loads(done.stdout)["findings"]
    assert done.returncode == any(one["severity"] == "error" for one in findings), done.stderr
    start = f"{name}.nequip.zip/"
    assert all(one["path"].startswith(start) for one in findings)
    return [
        (one["code"], one["severity"], f"{one['path'].removeprefix(start)}:{one['line']}") for one in findings
    ]


@pytest.fixture(scope="module")
def outcomes(packages: Path) -> dict[tuple[str, str], str]:
    """What happens to the packages of `LOADS` in another process: where it fails, and with what."""
    done = python("-c", LOAD, json.dumps(LOADS), cwd=packages)
    assert done.returncode == 0, done.stderr
    return dict(zip(LOADS, json.loads(done.stdout), strict=True))


def test_a_clean_package(packages: Path, outcomes: dict[tuple[str, str], str]) -> None:
    done = lint("clean.nequip.zip", cwd=packages)
    assert (done.returncode, done.stderr) == (0, "")
    note, last = done.stdout.splitlines()
    assert note == f"note: clean.nequip.zip: loads, as far as its source tells, on Python {HERE}, no GPU"
    assert last.startswith("clean: ")
    assert outcomes["clean", ""] == "works"


def test_the_last_note_answers_for_the_machine(packages: Path) -> None:
    done = lint("external.nequip.zip", "--absent", "fastlib", "--present", "fastlip", cwd=packages)
    notes = [line for line in done.stdout.splitlines() if line.startswith("note: ")]
    assert notes == [
        f"note: external.nequip.zip: does not load on Python {HERE}, no GPU, without fastlib",
        "note: external.nequip.zip: nothing in it imports fastlip",
    ]
    assert "--fix" not in done.stdout


def test_a_checkpoint_is_neither_source_nor_a_package(packages: Path, tmp_path: Path) -> None:
    shutil.copy(packages / "clean.nequip.zip", tmp_path / "best.ckpt")
    done = lint("best.ckpt", cwd=tmp_path)
    assert (done.returncode, done.stdout) == (2, "")
    assert "best.ckpt is a checkpoint or another archive" in done.stderr


def test_an_external_library_that_the_machine_may_lack(
    packages: Path, outcomes: dict[tuple[str, str], str]
) -> None:
    assert found(packages, "external") == []
    assert outcomes["external", "fastlib"] == "works"
    assert found(packages, "external", "--absent", "fastlib") == [("NQ101", "error", "mypkg/model.py:2")]
    assert outcomes["external", ""] == "load: ModuleNotFoundError: No module named 'fastlib'"


def test_a_gpu_that_the_machine_may_lack(packages: Path, outcomes: dict[tuple[str, str], str]) -> None:
    assert found(packages, "gpu", "--gpu") == []
    assert found(packages, "gpu", "--no-gpu") == [("NQ103", "error", "mypkg/model.py:2")]
    assert found(packages, "lazy-gpu") == [("NQ103", "warning", "mypkg/_gpu.py:2")]
    assert found(packages, "tried-gpu") == [("NQ103", "warning", "mypkg/_gpu.py:2")]
    assert outcomes["tried-gpu", ""] == "works"
    if outcomes["gpu", ""] != "works":  # this machine has no GPU
        assert outcomes["gpu", ""].startswith("load: ")
        assert outcomes["lazy-gpu", ""].startswith("forward: ")


def test_a_file_that_the_build_lost(packages: Path, outcomes: dict[tuple[str, str], str]) -> None:
    """Lost for all machines: also where the library is installed that was missing in the build."""
    assert found(packages, "lost") == [("NQ101", "error", "mypkg/model.py:6")]
    assert found(packages, "lost", "--present", "lostlib") == [("NQ101", "error", "mypkg/model.py:6")]
    assert outcomes["lost", "lostlib"].startswith(
        'forward: ModuleNotFoundError: No module named "mypkg._kernels"'
    )


def test_an_external_library_that_the_package_does_not_name(
    packages: Path, outcomes: dict[tuple[str, str], str]
) -> None:
    assert found(packages, "unnamed") == [("NQ201", "error", "mypkg/model.py:6")]
    assert outcomes["unnamed", "lostlib"].startswith(
        'forward: ModuleNotFoundError: No module named "lostlib"'
    )
    assert found(packages, "tried") == [("NQ201", "warning", "mypkg/model.py:3")]
    assert outcomes["tried", "lostlib"] == "works"
    assert found(packages, "typing") == []


@pytest.mark.skipif(sys.version_info < (3, 11), reason="the packages hold what came with Python 3.11")
def test_an_older_python(packages: Path, outcomes: dict[tuple[str, str], str]) -> None:
    assert found(packages, "stdlib") == found(packages, "syntax") == []
    assert outcomes["stdlib", ""] == outcomes["syntax", ""] == "works"
    assert found(packages, "stdlib", "--python", "3.10") == [("NQ502", "error", "mypkg/model.py:2")]
    assert found(packages, "syntax", "--python", "3.10") == [("NQ501", "error", "mypkg/model.py:4")]


def test_a_frame_shows_the_source_in_the_package(packages: Path) -> None:
    (packages / "temporary").mkdir()
    environment = {**os.environ, "TMPDIR": str(packages / "temporary")}
    done = python("-m", "nequip_lint", "lost.nequip.zip", cwd=packages, env=environment)
    assert "lost.nequip.zip/mypkg/model.py:6:9: error NQ101 [eager-optional-import]\n" in done.stdout
    assert "      6 |         from mypkg._kernels import scale\n" in done.stdout
    assert "\n  help: build the package again, where " in done.stdout
    assert not list((packages / "temporary").iterdir()), "the copy of the source is removed"


def test_options_select_and_formats_hold(packages: Path) -> None:
    assert lint("lost.nequip.zip", "--ignore", "NQ101", cwd=packages).returncode == 0
    assert lint("lost.nequip.zip", "--exit-zero", cwd=packages).returncode == 0
    assert lint("tried.nequip.zip", "--strict", cwd=packages).returncode == 1
    both = lint(
        "lost.nequip.zip", "tried.nequip.zip", "--format", "concise", cwd=packages
    ).stdout.splitlines()
    assert [line.split(":")[0] for line in both[:2]] == [
        "lost.nequip.zip/mypkg/model.py",
        "tried.nequip.zip/mypkg/model.py",
    ]
    assert len(both) == 5


def test_a_file_that_is_no_python(packages: Path) -> None:
    """The import of it is no finding of its own; what loading says is said by the Python that loads."""
    rewrite(packages / "lazy-gpu.nequip.zip", packages / "broken.nequip.zip", {"mypkg/_gpu.py": b"x = (\n"})
    assert found(packages, "broken") == [("NQ001", "error", "mypkg/_gpu.py:1")]
    rewrite(
        packages / "clean.nequip.zip", packages / "broken-root.nequip.zip", {"mypkg/model.py": b"x = (\n"}
    )
    assert found(packages, "broken-root") == [("NQ001", "error", "mypkg/model.py:1")]


def test_why_and_closure_of_a_package(packages: Path) -> None:
    """These packages record no chains; their source has them."""
    step = "reached by external.nequip.zip/mypkg/model.py:2: import fastlib"
    why = lint("why", "fastlib", "external.nequip.zip", cwd=packages)
    assert why.stdout == f"fastlib: extern\n  {step}\n"
    shown = json.loads(lint("closure", "--json", "external.nequip.zip", cwd=packages).stdout)
    assert shown["modules"]["fastlib"]["action"] == "extern"
    assert [item["import"] for item in shown["modules"]["fastlib"]["chain"]] == ["import fastlib"]
    assert shown["roots"] == ["mypkg.model"]
    drawn = lint("closure", "--format", "tree", "external.nequip.zip", cwd=packages).stdout
    assert drawn.startswith("package: external.nequip.zip\nmypkg.model  (root)\n`- extern: fastlib")
    no = lint("why", "sympy", "external.nequip.zip", cwd=packages)
    assert (no.returncode, no.stdout.startswith("no: sympy is not in")) == (0, True)


MISTAKES = [
    (["check", "gone.nequip.zip"], "gone.nequip.zip"),
    (["closure", "clean.nequip.zip", "clean"], "clean.nequip.zip is a package; ask about"),
    (["closure", "clean.nequip.zip", "--packager", "torch"], "--packager is for source"),
    (["why", "mypkg.model", "cut.nequip.zip"], "cut.nequip.zip"),
    (["cut.nequip.zip"], "cut.nequip.zip"),
    (["flipped.nequip.zip"], "flipped.nequip.zip"),
    (["plain.zip"], "plain.zip"),
    (["headless.nequip.zip"], "mypkg.model"),
    (["clean.nequip.zip", "clean"], "two calls"),
    (["clean.nequip.zip", "--environment", "."], "--environment is for source"),
    (["clean.nequip.zip", "--python", "2.7"], "--python 2.7"),
    (["clean.nequip.zip", "--present", "a", "--absent", "a"], "both name a"),
    (["clean", "--python", "3.10"], "--python is for packages"),
    (["clean", "--no-gpu"], "--gpu is for packages"),
]


@pytest.mark.parametrize(("arguments", "part"), MISTAKES, ids=[" ".join(row[0]) for row in MISTAKES])
def test_a_mistake_is_one_line(packages: Path, arguments: list[str], part: str) -> None:
    data = (packages / "clean.nequip.zip").read_bytes()
    (packages / "cut.nequip.zip").write_bytes(data[: len(data) // 2])
    place = data.index(b"class Scale")
    (packages / "flipped.nequip.zip").write_bytes(data[:place] + b"C" + data[place + 1 :])
    with zipfile.ZipFile(packages / "plain.zip", "w") as archive:
        archive.writestr("a/b.txt", "no package")
    rewrite(
        packages / "clean.nequip.zip",
        packages / "headless.nequip.zip",
        {"mypkg/model.py": None, "mypkg/x.py": b""},
    )
    done = lint(*arguments, cwd=packages)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("nequip-lint: error: ")
    assert done.stderr.count("\n") == 1
    assert part in done.stderr


def test_torch_is_not_imported(packages: Path) -> None:
    code = (
        "import sys\nfrom nequip_lint.cli import main\n"
        "try: main(['check', 'lost.nequip.zip'])\n"
        "except SystemExit: print({'torch', 'numpy', 'mypkg'} & {*sys.modules}, file=sys.stderr)\n"
    )
    assert new_python("-c", code, cwd=packages).stderr == "set()\n"
