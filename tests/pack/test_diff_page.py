"""`nequip-pack diff --html`: how two packages differ, on one page that needs no network."""

from __future__ import annotations

import re
import struct
from typing import TYPE_CHECKING

import pytest
from browser import Page
from pack_support import checked, error_line, pack, rewrite
from warm import new_python

from nequip_pack.compare.lines import changes
from nequip_pack.compare.pickled import read_pickle, tensors
from nequip_pack.compare.sources import Row, _rows
from nequip_pack.format import open_archive

if TYPE_CHECKING:
    from pathlib import Path

MLP = "nequip/nn/mlp.py"
MANIFEST = "model/manifest.json"
EVIL = "</td><script>document.title = 'evil'</script> \u202e#"


@pytest.fixture(scope="module")
def changed(package: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The package with another source file, one more, another configuration, and one other weight."""
    archive = open_archive(package)
    weights = tensors(read_pickle(archive, "model/eager_model.pkl").content)
    tensor = next(one for one in weights.values() if one.kind == "FloatStorage" and len(one.shape) == 2)
    values = bytearray(archive.read(tensor.storage))
    (first,) = struct.unpack_from("<f", values, 4 * tensor.offset)
    struct.pack_into("<f", values, 4 * tensor.offset, first + 0.5)
    source = archive.read(MLP).decode().splitlines()
    source[10] = f"# {EVIL}"
    members = {
        tensor.storage: bytes(values),
        MLP: "\n".join([*source, "more = 1", ""]).encode(),
        "nequip/nn/extra.py": b"first = 1\n",
        "model/config.yaml": archive.read("model/config.yaml").replace(b"seed: 1", b"seed: 2"),
        MANIFEST: None,
    }
    return rewrite(package, tmp_path_factory.mktemp("changed") / "changed.nequip.zip", members)


@pytest.fixture(scope="module")
def page(package: Path, changed: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("page")
    done = checked(pack("diff", package, changed, "--html", "d.html", cwd=folder))
    assert done.stdout == f"d.html: {package} and {changed} differ\n"
    return folder / "d.html"


@pytest.mark.real
def test_what_it_tells(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    assert not re.findall(r"https?://|<link[^>]*stylesheet|@import|src=|<script", text)
    assert "default-src 'none'" in text
    assert "\u202e" not in text
    for part in (
        f'<span class="mono">{MLP}</span> <span class="action">2 lines added, 1 removed</span>',
        '<span class="mono">nequip/nn/extra.py</span> <span class="action">only in the second, 1 line added',
        '<td class="line"></td><td class="line">11</td><td class="text"># &lt;/td&gt;&lt;script',
        '<tr class="added"><td class="line"></td><td class="line">1</td><td class="text">first = 1</td></tr>',
        '<span class="mono">model/config.yaml</span>',
        '<td class="num">0.5</td>',
        '<td class="mono">nequip/nn/extra.py</td><td class="num">–</td><td class="num">10 B</td>',
    ):
        assert part in text, part
    assert re.search(r"<p>[12] of \d+ differ.</p>", text)


@pytest.mark.real
def test_how_it_ends(package: Path, changed: Path, tmp_path: Path) -> None:
    same = checked(pack("diff", package, package, "--html", "s.html", "--exit-code", cwd=tmp_path))
    assert same.stdout == f"s.html: {package} and {package} do not differ\n"
    assert "There are no differences." in (tmp_path / "s.html").read_text()
    assert pack("diff", package, changed, "--html", "d.html", "--exit-code", cwd=tmp_path).returncode == 1
    assert (tmp_path / "d.html").exists()
    line = error_line(pack("diff", package, MLP, "--html", "m.html", cwd=tmp_path), 2)
    assert line.startswith("--html compares two packages.")
    error_line(pack("diff", package, changed, "--html", "d.pdf", cwd=tmp_path), 2)


@pytest.mark.real
def test_torch_is_not_imported(package: Path, changed: Path, tmp_path: Path) -> None:
    script = """
import sys
from nequip_pack.cli import main
try:
    main(sys.argv[1:])
except SystemExit as stop:
    assert not stop.code, stop.code
heavy = {"torch", "numpy", "nequip", "e3nn", "libcst", "squarify"} & sys.modules.keys()
assert not heavy, heavy
"""
    checked(new_python("-c", script, "diff", str(package), str(changed), "--html", "d.html", cwd=tmp_path))


@pytest.mark.real
def test_in_a_browser(shown: Page) -> None:
    assert shown.complaints == []
    assert shown.evaluate("document.title") == "m.nequip.zip and changed.nequip.zip"
    visible = "[...document.querySelectorAll('.diff tr')].filter(one => one.checkVisibility()).length"
    opened = shown.evaluate(visible)
    shown.evaluate("document.querySelector('summary').click()")
    assert shown.evaluate(visible) < opened, "what is clicked folds"
    colour = "getComputedStyle(document.querySelector('.diff .{}')).backgroundColor"
    assert len({shown.evaluate(colour.format(kind)) for kind in ("added", "removed", "same")}) == 3
    assert shown.evaluate("document.documentElement.scrollWidth <= innerWidth"), "nothing is cut off"
    assert shown.complaints == []


def test_numbers_of_lines() -> None:
    old = [str(number) for number in range(1, 31)]
    new = [*old[:1], "one more", *old[1:20], "\x1b[31m", *old[21:]]
    found = list(_rows(changes(old, new, context=1)))
    assert [row for row in found if row.kind != "same"] == [
        Row("gap", None, None, ""),
        Row("added", None, 2, "one more"),
        Row("gap", None, None, ""),
        Row("removed", 21, None, "21"),
        Row("added", None, 22, "\\x1b[31m"),
    ]
    assert [(row.old, row.new, row.text) for row in found if row.kind == "same"] == [
        (1, 1, "1"),
        (2, 3, "2"),
        (20, 21, "20"),
        (22, 23, "22"),
    ]
