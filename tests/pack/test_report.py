"""`nequip-pack report`: one page, which needs no network and runs nothing of the package."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
import yaml
from browser import CHROMIUM, Page
from pack_support import checked, error_line, pack, rewrite

from nequip_pack.format import open_archive
from nequip_pack.report.tree import Node, tree
from nequip_pack.report.treemap import HEIGHT, WIDTH, boxes
from nequip_pack.snapshot.recorded import Recorded, Way

if TYPE_CHECKING:
    from pathlib import Path

METADATA = "model/package_metadata.txt"
SOURCE = "nequip/nn/mlp.py"
EVIL = "<script>document.title = 'evil'</script>"


@pytest.fixture(scope="module")
def page(package: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The report of a package of NequIP, verified."""
    folder = tmp_path_factory.mktemp("report")
    checked(pack("report", package, "-o", "r.html", "--verify", cwd=folder))
    return folder / "r.html"


@pytest.mark.real
def test_one_file_without_a_network(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    assert len(text) < 1_000_000
    assert not re.findall(r"https?://|<link[^>]*stylesheet|@import|src=", text)
    assert "default-src 'none'" in text
    assert "@media print" in text
    assert "prefers-color-scheme: dark" in text


@pytest.mark.real
def test_what_it_tells(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    for part in ("sole_model.forces", "sole_model.total_energy", "verified: ", "nequip.nn", "Python 3.13"):
        assert part in text
    assert "nothing of the package was run" not in text


@pytest.mark.real
def test_text_of_a_package_is_text(package: Path, tmp_path: Path) -> None:
    raw = yaml.safe_load(open_archive(package).read(METADATA))
    raw["nequip_pack"]["writer"] = EVIL
    evil = rewrite(
        package,
        tmp_path / "evil.nequip.zip",
        {METADATA: yaml.safe_dump(raw).encode(), "model/manifest.json": None},
    )
    checked(pack("report", evil, "-o", "evil.html", cwd=tmp_path))
    text = (tmp_path / "evil.html").read_text(encoding="utf-8")
    assert EVIL not in text
    assert "&lt;script&gt;" in text
    assert "nothing of the package was run" in text
    if CHROMIUM is not None:
        with Page(tmp_path / "evil.html", tmp_path / "home") as shown:
            assert shown.evaluate("document.title") == "evil.nequip.zip"


@pytest.mark.real
def test_findings_and_machines(package: Path, tmp_path: Path) -> None:
    """What the linter finds in a package stands there with help; a machine is red where it does not load."""
    source = open_archive(package).read(SOURCE)
    branch = b"import sys\nif sys.version_info >= (3, 13):\n    import no_such_lib\n"
    late = b"def late():\n    import no_other_lib\n"
    changes = {SOURCE: source + branch + late, "model/manifest.json": None}
    broken = rewrite(package, tmp_path / "broken.nequip.zip", changes)
    checked(pack("report", broken, "-o", "broken.html", cwd=tmp_path))
    text = (tmp_path / "broken.html").read_text(encoding="utf-8")
    rows = dict(re.findall(r'<th>(Python 3\.\d+)</th><td class="(\w*)">', text))
    assert {rows["Python 3.12"], rows["Python 3.13"], rows["Python 3.14"]} == {"good", "bad"}
    assert rows["Python 3.12"] == "good"
    found = re.search(r'<td class="(\w+)">NQ\d+</td>.*?<summary>(.*?)</summary><p>(.*?)</p>', text, re.DOTALL)
    assert found is not None
    assert found[1] == "bad"
    assert "no_other_lib" in found[2]
    assert found[3]


@pytest.mark.real
def test_what_stops_it(package: Path, tmp_path: Path) -> None:
    error_line(pack("report", package, "-o", "r.pdf", cwd=tmp_path), 2)
    error_line(pack("report", "gone.nequip.zip", "-o", "r.html", cwd=tmp_path), 3)
    (tmp_path / "half.nequip.zip").write_bytes(package.read_bytes()[:5000])
    error_line(pack("report", "half.nequip.zip", "-o", "r.html", cwd=tmp_path), 4)
    assert not (tmp_path / "r.html").exists()


@pytest.mark.real
def test_in_a_browser(shown: Page) -> None:
    assert shown.complaints == []
    count = (
        "[...document.querySelectorAll('#imports [data-module]')].filter(one => one.checkVisibility()).length"
    )
    folded = shown.evaluate(count)
    shown.evaluate("document.querySelector('#imports summary').click()")
    opened = shown.evaluate(count)
    assert 0 < folded < opened, "what is clicked opens"
    search = (
        "const s = document.getElementById('search'); s.value = '{}'; s.dispatchEvent(new Event('input'))"
    )
    shown.evaluate("{" + search.format("nequip.nn.mlp") + "}")
    hit = "[...document.querySelectorAll('.hit')].map(one => [one.dataset.module, one.checkVisibility()])"
    hits = shown.evaluate(hit)
    assert hits
    assert all("nequip.nn.mlp" in name and visible for name, visible in hits), hits
    shown.evaluate("{" + search.format("") + "} document.getElementById('unfold').click()")
    assert shown.evaluate(count) == shown.evaluate("document.querySelectorAll('[data-module]').length")
    shown.evaluate("document.getElementById('fold').click()")
    assert shown.evaluate(count) == folded
    assert shown.complaints == []


def test_boxes_fill_the_picture() -> None:
    found = boxes({"a.py": 10, "b/c.py": 30, ".data/0.storage": 60, "tiny.txt": 0})
    assert sum(box.width * box.height for box in found) == pytest.approx(WIDTH * HEIGHT)
    assert next((box.name, box.size, box.kind) for box in found) == (".data/0.storage", 60, "weights")
    assert boxes({}) == []


def test_a_tree_ends_whatever_a_package_says() -> None:
    ways = {"a": Way("b", 1, "import a"), "b": Way("a", 1, "import b"), "c": Way("r", 2, "import c")}
    actions = dict.fromkeys(["a", "b", "c", "d", "r"], "intern")
    found = tree(Recorded(("r",), actions, {**ways, "d": Way("gone", 1, "import d")}, {}, None))
    assert [node.name for node in found] == ["r", "a", "b", "d"]
    assert found[0].below == [Node("c", "intern", "import c", 2)]
