"""What `nequip-pack` prints for people in front of a terminal: colours, times, sizes, paths that fit."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from pack_support import checked, pack
from terminal import in_terminal

from nequip_pack.cli.say import shortened
from nequip_pack.units import in_bytes, in_seconds

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize(
    ("size", "said"),
    [
        (0, "0 B"),
        (999, "999 B"),
        (1000, "1 kB"),
        (999_499, "999 kB"),
        (999_500, "1 MB"),
        (12_345_678, "12.3 MB"),
        (10**15, "1e+03 TB"),
    ],
)
def test_sizes(size: int, said: str) -> None:
    assert in_bytes(size) == said


@pytest.mark.parametrize(
    ("time", "said"),
    [(0.04, "0.0 s"), (59.94, "59.9 s"), (59.96, "1 min 0 s"), (125, "2 min 5 s"), (7260, "2 h 1 min")],
)
def test_times(time: float, said: str) -> None:
    assert in_seconds(time) == said


@pytest.mark.parametrize(
    ("room", "said"),
    [
        (40, "/scratch/me/run/model.nequip.zip"),
        (32, "/scratch/me/run/model.nequip.zip"),
        (31, "…/me/run/model.nequip.zip"),
        (25, "…/me/run/model.nequip.zip"),
        (24, "…/run/model.nequip.zip"),
        (-9, "…/model.nequip.zip"),
    ],
)
def test_long_paths_are_shortened_from_the_left(room: int, said: str) -> None:
    assert shortened("/scratch/me/run/model.nequip.zip", room) == said
    assert shortened("model.nequip.zip", room) == "model.nequip.zip"


@pytest.mark.parametrize(
    ("variables", "has_colours"),
    [({"FORCE_COLOR": "1"}, True), ({"FORCE_COLOR": "1", "NO_COLOR": "1"}, False)],
)
def test_colours_that_are_asked_for(tmp_path: Path, variables: dict[str, str], has_colours: bool) -> None:
    done = pack("info", "gone.nequip.zip", cwd=tmp_path, env=variables)
    start = "nequip-pack: \x1b[1;31merror:\x1b[0m gone" if has_colours else "nequip-pack: error: gone"
    assert done.stderr.startswith(start)
    assert ("\x1b" in done.stderr) == has_colours


@pytest.mark.real
def test_in_a_terminal(package: Path, tmp_path: Path) -> None:
    folder = tmp_path / "a-folder-with-a-name-that-fills-most-of-a-line" / "another"
    folder.mkdir(parents=True)
    (folder / "m.nequip.zip").symlink_to(package)
    path = str(folder / "m.nequip.zip")
    shown = in_terminal("nequip_pack", "check", path, cwd=tmp_path)
    assert re.search(r"^torch +\S+ +\S+ +\x1b\[32mok *\x1b\[0m", shown, re.MULTILINE)
    assert "\n\x1b[1m…/m.nequip.zip\x1b[0m: everything that it needs to load is here\n" in shown
    assert f"\n{path}: everything" in in_terminal(
        "nequip_pack", "check", path, cwd=tmp_path, NO_COLOR="1", COLUMNS="400"
    )
    assert re.search(
        r"^ *[\d.]+ kB  archive/nequip/nn/mlp.py$",
        in_terminal("nequip_pack", "list", path, cwd=tmp_path),
        re.M,
    )
    shown = in_terminal("nequip_pack", "report", path, "-o", "r.html", cwd=tmp_path)
    assert re.search(r"\n\x1b\[2mnequip-pack: done in \d+\.\d s\x1b\[0m\n$", shown)
    piped = checked(pack("report", path, "-o", "r.html", cwd=tmp_path))
    assert (piped.stdout, piped.stderr) == (f"r.html: the report of {path}\n", "")
