"""The environment that is read where none is named, and what a lint without one leaves open."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from lint_support import nequip_lint, write
from needs import needs

from nequip_lint.declared.environment import environments
from nequip_lint.declared.installed import distributions, mandatory
from nequip_lint.declared.locate import site_folders
from nequip_lint.engine.run import check
from nequip_lint.engine.selection import Selection
from nequip_lint.errors import LintError
from nequip_lint.machine.libraries import normalized
from nequip_lint.project.assemble import Request, assemble
from nequip_lint.reports.text import closing
from nequip_lint.tables import table

if TYPE_CHECKING:
    from collections.abc import Mapping

    from nequip_lint.values import Finding

HERE = Path(sys.prefix)
SITE = "lib/python3.11/site-packages"
ENTRY = '[project.entry-points."nequip.extension"]\nmine = "mypkg"\n'
LAYER = """import torch
from nequip.nn import GraphModuleMixin
{}

class Layer(GraphModuleMixin, torch.nn.Module): ...
"""


def project(folder: Path, requirements: str, imports: str = "", more: str = "") -> Path:
    return write(
        folder,
        {
            "pyproject.toml": f'[project]\nname = "mypkg"\ndependencies = [{requirements}]\n{more}',
            "mypkg/__init__.py": "",
            "mypkg/model.py": LAYER.format(imports),
        },
    )


def environment(folder: Path, *libraries: str, mark: str = "pyvenv.cfg") -> Path:
    """An environment with libraries that have one empty file each, and say what they are."""
    files = {mark: ""}
    for name in libraries:
        info = f"{SITE}/{name}-1.5.dist-info"
        files |= {
            f"{SITE}/{name}/__init__.py": "",
            f"{info}/METADATA": f"Name: {name}\nVersion: 1.5\n",
            f"{info}/RECORD": f"{name}/__init__.py,,\n",
        }
    return write(folder, files)


# Which one is found


def found_environment(root: Path | None) -> Path | None:
    return next((path for path, _ in environments(root)), None)


def test_nothing_is_found_where_nothing_is(tmp_path: Path) -> None:
    assert found_environment(tmp_path) is None
    assert found_environment(None) is None


@pytest.mark.parametrize("name", [".venv", "venv"])
@pytest.mark.parametrize("mark", ["pyvenv.cfg", "conda-meta/history"])
def test_that_of_the_project(tmp_path: Path, name: str, mark: str) -> None:
    assert found_environment(tmp_path) is None
    expected = environment(tmp_path / name, mark=mark)
    assert found_environment(tmp_path) == expected


def test_a_folder_of_that_name_need_not_be_one(tmp_path: Path) -> None:
    write(tmp_path, {"venv/__init__.py": "", ".venv": "elsewhere"})
    assert found_environment(tmp_path) is None


def test_the_active_one_comes_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    names = (".venv", "active", "conda")
    beside, active, conda = (environment(tmp_path / name) for name in names)
    assert found_environment(tmp_path) == beside
    monkeypatch.setenv("CONDA_PREFIX", str(conda))
    assert found_environment(tmp_path) == conda
    monkeypatch.setenv("VIRTUAL_ENV", str(active))
    assert found_environment(tmp_path) == active
    assert found_environment(None) == active


@pytest.mark.parametrize("value", ["", "gone"])
def test_an_active_one_that_is_not_there_is_passed_over(
    tmp_path: Path, value: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("VIRTUAL_ENV", value and str(tmp_path / value))
    assert found_environment(tmp_path) is None


@pytest.mark.parametrize(("libraries", "is_read"), [(["click"], False), (["nequip"], True)])
def test_that_of_the_linter_counts_only_with_nequip(
    tmp_path: Path, libraries: list[str], is_read: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As the environment is that pre-commit makes, and activates."""
    own, beside = environment(tmp_path / "own", *libraries), environment(tmp_path / ".venv")
    (tmp_path / "link").symlink_to(own)
    monkeypatch.setattr(sys, "prefix", str(own))
    for path in (own, tmp_path / "link"):
        monkeypatch.setenv("VIRTUAL_ENV", str(path))
        assert found_environment(tmp_path) == (path if is_read else beside)


def read(folder: Path, **request: object) -> Path | None:
    (assembled,) = assemble(Request((folder,), cache=False, **request))  # type: ignore[arg-type]
    return assembled.environment


def test_one_that_is_named_comes_before_all_others(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    project(tmp_path, '"torch"', more='[tool.nequip-lint]\nenvironment = "configured"\n')
    for name in ("configured", "given", "active", ".venv"):
        environment(tmp_path / name)
    monkeypatch.setenv("VIRTUAL_ENV", str(tmp_path / "active"))
    assert read(tmp_path, environment=tmp_path / "given") == tmp_path / "given"
    assert read(tmp_path) == tmp_path / "configured"
    assert read(tmp_path, is_isolated=True) is None


def test_isolated_and_an_environment_do_not_go_together(tmp_path: Path) -> None:
    done = nequip_lint("--isolated", "--environment", "env", cwd=environment(tmp_path / "env").parent)
    assert (done.returncode, done.stdout) == (2, "")
    assert len(done.stderr.splitlines()) == 1


# What is said of it, and what is read


def test_the_last_line_says_which_it_was(tmp_path: Path) -> None:
    project(tmp_path, '"nequip>=0.19", "torch"', more=ENTRY)
    environment(tmp_path / ".venv", "e3nn")
    last = nequip_lint(cwd=tmp_path).stdout.splitlines()[-1]
    assert last == (
        "clean: 2 files, 1 model class in 1 module, with the sources in .venv (e3nn 1.5) and the summaries "
        "of nequip 0.19.0 to 0.19.1"
    )
    isolated = nequip_lint("--isolated", cwd=tmp_path).stdout.splitlines()[-1]
    assert isolated.endswith("1 module, with the summaries of e3nn 0.6.0, nequip 0.19.0 to 0.19.1")


def test_metadata_is_read_only_where_something_is_imported(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(_: object) -> None:
        raise LintError("metadata is read")

    monkeypatch.setattr("nequip_lint.project.assemble.distributions", fail)
    write(tmp_path, {"pyproject.toml": '[project]\nname = "empty"\n', "empty/__init__.py": ""})
    environment(tmp_path / ".venv", "nequip")
    assert read(tmp_path) == tmp_path / ".venv"
    write(tmp_path, {"empty/__init__.py": "import torch\n"})
    with pytest.raises(LintError, match="metadata is read"):
        read(tmp_path)


def test_a_namespace_package_is_brought_by_its_distribution(tmp_path: Path) -> None:
    site = environment(tmp_path / ".venv", "nequip") / SITE
    info = {"METADATA": "Name: protobuf\n", "RECORD": "google/protobuf/__init__.py,,\n"}
    write(site / "protobuf-7.dist-info", info)
    item = distributions(site_folders(tmp_path / ".venv"))["protobuf"]
    assert item.packages == ("google",)


# With and without


def findings(folder: Path, **request: object) -> dict[tuple[str, str, int], Finding]:
    report = check(Request((folder,), cache=False, **request), Selection())  # type: ignore[arg-type]
    return {(item.code, item.path, item.span.line): item for item in report.findings}


CASES: Mapping[str, tuple[str, str]] = {
    "what nequip brings": ('"nequip>=0.19"', "import lightning, torchmetrics, ase, yaml"),
    "what torch brings": ('"torch"', "import sympy, networkx"),
    "what a known library brings": ('"nequip>=0.19", "scikit-learn"', "import joblib"),
    "nothing brings it": ('"nequip>=0.19", "torch"', "import msgpack"),
    "optional everywhere": ('"nequip>=0.19", "dask"', "import triton"),
    "a heavy import": ('"nequip>=0.19"', "from e3nn import o3"),
    "another extension": ('"nequip>=0.19", "nequip-allegro"', "from allegro.nn import Allegro_Module"),
    "what another extension registers": ('"nequip>=0.19"', "def f():\n    import triton"),
    "a requirement brings it, and none knows": ('"nequip>=0.19", "dask"', "import toolz"),
    "no requirement brings it, and none knows": ('"nequip>=0.19", "tqdm", "dask"', "import msgpack"),
}
UNKNOWN = {
    "a requirement brings it, and none knows": (["NQ201"], ["NQ004", "NQ201"]),
    "no requirement brings it, and none knows": (["NQ101", "NQ201"], ["NQ004", "NQ201"]),
}


@needs("nequip", "allegro", "dask", "msgpack")
@pytest.mark.parametrize("case", CASES)
def test_verdicts_agree_or_say_that_they_do_not_know(tmp_path: Path, case: str) -> None:
    project(tmp_path, *CASES[case], ENTRY)
    alone, beside = findings(tmp_path, is_isolated=True), findings(tmp_path, environment=HERE)
    if case in UNKNOWN:
        assert tuple(sorted({code for code, *_ in found}) for found in (beside, alone)) == UNKNOWN[case]
    else:
        assert alone.keys() == beside.keys()


def test_what_is_not_known_is_said_with_what_would_settle_it(tmp_path: Path) -> None:
    project(tmp_path, '"nequip>=0.19", "sixlib"', "import sevenlib", ENTRY)
    report = check(Request((tmp_path,), cache=False, is_isolated=True), Selection(("NQ0", "NQ1")))
    (finding,) = report.findings
    assert (finding.code, finding.module, finding.span.line) == ("NQ004", "sevenlib", 3)
    assert "what is required by sixlib is not known" in finding.message
    assert finding.help.startswith(
        "add sevenlib to the requirements, or install the project in an environment"
    )
    settled = "; 1 place not checked (NQ004): an environment with all requirements would settle it"
    assert settled in closing(report)


def test_an_environment_settles_it(tmp_path: Path) -> None:
    project(tmp_path, '"nequip>=0.19", "sixlib"', "import sevenlib", ENTRY)
    site = environment(tmp_path / ".venv", "sixlib", "sevenlib") / SITE
    selection = Selection(("NQ0", "NQ1"))
    request = Request((tmp_path,), cache=False)
    assert [item.code for item in check(request, selection).findings] == ["NQ101"]
    write(site, {"sixlib-1.5.dist-info/METADATA": "Name: sixlib\nVersion: 1.5\nRequires-Dist: sevenlib\n"})
    distributions.cache_clear()
    assert check(request, selection).findings == ()


def test_the_table_of_requirements_holds_for_what_is_installed() -> None:
    installed = distributions(site_folders(HERE))
    seen = {name for name in table("requirements") if name in installed}
    if not seen:
        pytest.skip("none of these libraries is installed")
    for name in seen:
        required = {normalized(mandatory(line)) for line in installed[name].requirements}
        assert set(table("requirements")[name]) <= required, name
    assert all(item in table("requirements") for items in table("requirements").values() for item in items)
