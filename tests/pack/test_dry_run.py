"""``build --dry-run``: what a build would package, and nothing written."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from pack_support import checked, error_line, pack

from nequip_pack.format import open_archive

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.real


def test_it_tells_what_the_archive_then_has(nequip_checkpoint: Path, package: Path, tmp_path: Path) -> None:
    shown = checked(pack("build", "--dry-run", nequip_checkpoint, cwd=tmp_path)).stdout.splitlines()
    assert list(tmp_path.iterdir()) == []
    assert shown[0].startswith("target: nequip-pack ")
    assert "nequip.nn.graph_model" in shown[1].removeprefix("roots: ").split(", ")
    assert shown[-1] == "the gate accepts this build; nothing was written"
    found: dict[str, dict[str, str]] = {}
    action, expected = "", 0
    for line in shown[2:-1]:
        if line.startswith("  "):
            name, _, way = line.strip().partition("  ")
            found[action][name] = way
        else:
            action, _, count = line.partition(": ")
            found[action] = {}
            expected = int(count)
        assert len(found[action]) <= expected
    sources = {name for name in open_archive(package).members if name.endswith(".py")}
    modules = {name.removesuffix(".py").removesuffix("/__init__").replace("/", ".") for name in sources}
    assert set(found["intern"]) <= modules
    assert modules - set(found["intern"]) - set(found["mock"]) <= {"_mock", "matplotlib"}
    chains = [way for ways in found.values() for way in ways.values()]
    assert all(way.endswith("a root") or "via " in way for way in chains)
    assert any(" -> " in way for way in chains)


def test_wrong_inputs(tmp_path: Path) -> None:
    (tmp_path / "a.ckpt").write_text("no checkpoint")
    assert "a text file" in error_line(pack("build", "--dry-run", "a.ckpt", cwd=tmp_path), 3)
    assert "Missing argument 'OUT'" in error_line(pack("build", "a.ckpt", cwd=tmp_path), 2)
