"""The summaries say what the installed sources say; released code of nequip and allegro is judged right."""

from __future__ import annotations

import importlib.metadata
import importlib.util
import json
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from lint_support import REPOSITORY, nequip_lint, write
from page import read_page

from nequip_lint.engine.run import check
from nequip_lint.engine.selection import Selection
from nequip_lint.project.assemble import Request
from nequip_lint.summaries.hashes import HASHES, read, released
from nequip_lint.summaries.releases import INDEX, available, load
from nequip_lint.summarize import summarize

if TYPE_CHECKING:
    from page import Tree

RELEASES = {"nequip": "0.19.1", "e3nn": "0.6.0", "nequip-allegro": "0.8.3"}


def _version(distribution: str) -> str:
    try:
        return importlib.metadata.version(distribution)
    except importlib.metadata.PackageNotFoundError:
        return ""


def needs(*distributions: str) -> pytest.MarkDecorator:
    """Skip where the releases of the summaries are not installed in the interpreter that runs the tests."""
    missing = [f"{name} {RELEASES[name]}" for name in distributions if _version(name) != RELEASES[name]]
    return pytest.mark.skipif(bool(missing), reason=f"not installed here: {', '.join(missing)}")


def site() -> Path:
    """The folder in which nequip is installed."""
    spec = importlib.util.find_spec("nequip")
    assert spec is not None
    assert spec.origin is not None
    return Path(spec.origin).parents[1]


@pytest.mark.parametrize("name", [pytest.param(name, marks=needs(*RELEASES)) for name in RELEASES])
def test_summary_is_what_the_installed_copy_gives(tmp_path: Path, name: str) -> None:
    command = [sys.executable, "-m", "nequip_lint.summarize", str(site()), name, "--into", str(tmp_path)]
    subprocess.run(command, check=True, capture_output=True, cwd=tmp_path)
    (made,) = tmp_path.glob(f"*/{name}-{RELEASES[name]}.json")
    kept = REPOSITORY / "rules" / "ecosystem" / made.parent.name / made.name
    same = kept.read_bytes() == made.read_bytes()
    assert same, f"{kept.name} is stale: run scripts/summarize_releases.py"  # no diff of 100 kB in one line
    hashes = [read(path.with_name(HASHES)).releases[RELEASES[name]] for path in (made, kept)]
    assert hashes[0] == hashes[1]


def test_every_summarised_release_has_its_hashes() -> None:
    for package, index in available().items():
        hashes = released(package)
        assert hashes is not None
        assert [item.version for item in index.releases] == list(hashes.releases)
        for item in index.releases:
            modules = load(item.path).modules.values()
            assert set(hashes.releases[item.version]) == {module["path"] for module in modules if module}


@needs("e3nn")
def test_an_environment_may_be_a_relative_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(site().parent)
    made, *_ = summarize(Path(site().name), ["e3nn"], tmp_path)
    assert made.read_bytes() == (REPOSITORY / "rules" / "ecosystem" / "e3nn" / made.name).read_bytes()


def test_the_page_names_every_key() -> None:
    page = (REPOSITORY / "docs" / "summaries.md").read_text(encoding="utf-8")
    firsts = [line.split("|")[1] for line in page.splitlines() if line.startswith("| `")]
    named = [name for cell in firsts for name in re.findall(r"`(\w+)`", cell)]
    (release, *_) = available()["nequip"].releases
    files = (release.path, release.path.with_name(INDEX))
    assert sorted(named) == sorted(key for path in files for key in json.loads(path.read_text("utf-8")))


def _verdict(folder: Path, environment: Path | None = None) -> set[tuple[str, str, int]]:
    found = check(Request((folder,), environment, cache=False), Selection()).findings
    return {(item.code, str(Path(item.path).relative_to(folder)), item.span.line) for item in found}


def _copy_of_allegro(folder: Path) -> Path:
    shutil.copytree(site() / "allegro", folder / "allegro", ignore=shutil.ignore_patterns("__pycache__"))
    required = ", ".join(json.dumps(item) for item in importlib.metadata.requires("nequip-allegro") or ())
    points = importlib.metadata.entry_points(group="nequip.extension")
    (value,) = {point.value for point in points if point.value.startswith("allegro")}
    project = f'[project]\nname = "nequip-allegro"\ndependencies = [{required}]\n'
    return write(folder, {"pyproject.toml": f'{project}entry-points."nequip.extension".x = "{value}"\n'})


FLASH = "allegro/nn/_strided/_flashallegro.py"


@needs(*RELEASES)
def test_allegro_with_summaries_and_with_sources(tmp_path: Path) -> None:
    folder = _copy_of_allegro(tmp_path)
    with_summaries = _verdict(folder)
    assert {(code, path) for code, path, _ in with_summaries} == {("NQ101", FLASH), ("NQ104", FLASH)}
    assert _verdict(folder, site()) == with_summaries


@needs(*RELEASES)
def test_example_with_summaries_and_with_sources(tmp_path: Path) -> None:
    folder = tmp_path / "example"
    shutil.copytree(REPOSITORY / "docs" / "example", folder, ignore=shutil.ignore_patterns("__pycache__"))
    assert _verdict(folder) == _verdict(folder, site()) == set()


PAGES = [read_page(path) for path in sorted((REPOSITORY / "rules").glob("NQ*.md"))]
NOT_COMPARABLE = {"NQ004-bad"}
"""It is about a release that has no summary; the environment holds another one, and its sources are read."""
ALL = [(f"{page.code}-{kind}", getattr(page, kind)) for page in PAGES for kind in ("bad", "good")]
TREES = [(name, tree) for name, tree in ALL if name not in NOT_COMPARABLE]


@needs(*RELEASES)
@pytest.mark.parametrize(("name", "tree"), TREES, ids=[name for name, _ in TREES])
def test_page_with_summaries_and_with_sources(tmp_path: Path, name: str, tree: Tree) -> None:
    tree.write(tmp_path)
    found = _verdict(tmp_path)
    assert bool(found) == name.endswith("bad")
    assert _verdict(tmp_path, site()) == found


# Released code, model builders and training code included


@needs(*RELEASES)
def test_nothing_is_found_in_nequip(tmp_path: Path) -> None:
    done = nequip_lint(site() / "nequip", "--environment", site(), "--format", "json", cwd=tmp_path)
    document = json.loads(done.stdout)
    assert (done.returncode, document["findings"]) == (0, [])
    files = [path for path in (site() / "nequip").rglob("*.py") if path.parent.name != "__pycache__"]
    assert document["summary"]["files"] == len(files) > 100
    assert site() / "nequip" / "model" / "nequip_models.py" in files


@needs(*RELEASES)
def test_the_two_true_findings_of_allegro(tmp_path: Path) -> None:
    done = nequip_lint(site() / "allegro", "--environment", site(), "--format", "json", cwd=tmp_path)
    document = json.loads(done.stdout)
    places = [(one["code"], one["path"], one["line"]) for one in document["findings"]]
    assert [(code, path) for code, path, _ in places] == [
        ("NQ101", f"{site()}/{FLASH}"),
        ("NQ104", f"{site()}/{FLASH}"),
    ]
    assert places[0][2] == 5
    assert done.returncode == 1
    assert document["summary"]["files"] == len(list((site() / "allegro").rglob("*.py")))
    assert list((site() / "allegro" / "model").glob("*.py"))
