"""A package with text for the terminal in every field, read by every command that sits at one."""

from __future__ import annotations

import json
import os
import pickle
import pty
import re
import subprocess
import sys
import zipfile
from typing import TYPE_CHECKING, Any

import pytest
import yaml
from pack_support import checked, pack, rewrite

from nequip_pack.errors import DamagedError
from nequip_pack.format import open_archive
from nequip_pack.format.manifest import add_manifest

if TYPE_CHECKING:
    from pathlib import Path

EVIL = "\x1b]0;owned\x07\x1b[8m\x9b2J\u202e\x7f\r\nnequip-pack: all is well"
"""Sets a title, hides, clears, turns the direction, and pretends to be a line of ours."""
OWN = re.compile(r"\x1b\[(?:[0-2]|3\d|1;3\d)m")
MLP = "nequip/nn/mlp.py"
METADATA = "model/package_metadata.txt"
MANIFEST = "model/manifest.json"


def on_a_terminal(*arguments: object, cwd: Path, module: str = "nequip_pack") -> str:
    """Everything that a command shows on a terminal, which is all that it has."""
    master, slave = pty.openpty()
    command = [sys.executable, "-m", module, *map(str, arguments)]
    with subprocess.Popen(command, cwd=cwd, stdin=slave, stdout=slave, stderr=slave) as process:
        os.close(slave)
        content = b"".join(iter(lambda: _read(master), b""))
    os.close(master)
    assert process.returncode != 70, content
    return content.decode(errors="surrogateescape")


def _read(master: int) -> bytes:
    try:
        return os.read(master, 1 << 16)
    except OSError:  # how a terminal ends on Linux
        return b""


def assert_harmless(shown: str) -> None:
    for line in OWN.sub("", shown).replace("\r\n", "\n").split("\n"):
        assert line.replace("\t", "").isprintable(), ascii(line)
        assert not line.startswith("nequip-pack: all is well")


def evil_metadata(**changes: Any) -> dict[str, Any]:
    finding = {"code": EVIL, "module": EVIL, "message": EVIL, "help": EVIL, "reason": EVIL, "with_it": [EVIL]}
    lint = {"status": EVIL, "warnings": [finding, EVIL], "allowed": [finding], "accepted": [finding]}
    closure = {"compared": True, "modules": {EVIL: EVIL}, "absent_externals": [EVIL]}
    migrated = {"from_format": EVIL, "python": EVIL, "versions": {EVIL: EVIL}}
    ours = {"format": 1, "writer": f"nequip-pack {EVIL}", "lint": lint, "closure": closure}
    return {
        "versions": {"torch": f"2.13{EVIL}", EVIL: EVIL},
        "external_modules": {EVIL: EVIL, "numpy": EVIL},
        "package_version_id": 2,
        "available_models": ["eager"],
        "atom_types": {0: EVIL},
        "nequip_pack": {**ours, "model_dtype": EVIL, "cutoff": 4.0, "migrated": migrated},
        **changes,
    }


def evil_pickle(module: str) -> bytes:
    """A pickle that names a class of a module of any name."""
    parts = b"".join(b"\x8c" + bytes([len(t.encode())]) + t.encode() for t in (module, EVIL))
    return b"\x80\x04" + parts + b"\x93)R."


def members(metadata: dict[str, Any], **more: bytes) -> dict[str, bytes]:
    text = f"x = '{EVIL}'\nimport a{EVIL}\n".encode()
    outputs = {EVIL: {"dtype": EVIL, "shape": [], "values": [1.0]}}
    return {
        ".data/extern_modules": b"torch\nnumpy\n",
        ".data/python_version": EVIL.encode(),
        ".data/serialization_id": b"1",
        ".data/version": b"6\n",
        "byteorder": b"little",
        "m/__init__.py": text,
        "model/eager_model.pkl": evil_pickle("torch"),
        "model/example_data.pkl": pickle.dumps({EVIL: EVIL}, protocol=4),
        "model/config.yaml": yaml.safe_dump({EVIL: [EVIL]}, allow_unicode=True).encode() + text,
        "model/references.json": json.dumps({"version": 2, "outputs": outputs}).encode(),
        "model/closure.json": json.dumps({"version": 1, "modules": {EVIL: [EVIL, "m"]}}).encode(),
        METADATA: yaml.safe_dump(metadata).encode(),
        **more,
    }


def written(path: Path, content: dict[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w") as archive:
        for name, data in content.items():
            archive.writestr(f"m/{name}", data)
    with path.open("r+b") as stream:
        add_manifest(stream)
    return path


PACKAGES: dict[str, dict[str, bytes]] = {
    "whole": members(evil_metadata()),
    "no atom types": members(evil_metadata(atom_types={EVIL: EVIL})),
    "models": members(evil_metadata(available_models=["eager", EVIL])),
    "no eager model": members(evil_metadata(available_models=[EVIL])),
    "version": members(evil_metadata(package_version_id=EVIL)),
    "externals": {**members(evil_metadata()), ".data/extern_modules": f"torch\n{EVIL}\n".encode()},
    "cutoff": members(evil_metadata(nequip_pack={"format": 1, "writer": EVIL, "cutoff": EVIL})),
    "counter": members(evil_metadata(nequip_pack={"format": EVIL})),
    "torch's version": {**members(evil_metadata()), ".data/version": EVIL.encode()},
    "byte order": {**members(evil_metadata()), "byteorder": EVIL.encode()},
    "no YAML": {**members(evil_metadata()), METADATA: f"'{EVIL}': [".encode()},
    "modules": {**members(evil_metadata()), "model/eager_model.pkl": evil_pickle(EVIL)},
    "lost modules": {**members(evil_metadata()), "model/eager_model.pkl": evil_pickle(f"m.{EVIL}")},
    "closure twice": {
        **members(evil_metadata()),
        "model/closure.json": json.dumps({"version": 1, "modules": {"mock": [EVIL, EVIL]}}).encode(),
    },
    "closure": {**members(evil_metadata()), "model/closure.json": json.dumps({"version": EVIL}).encode()},
}


OTHER = {
    **members(evil_metadata(atom_types={0: "H", 1: EVIL}, versions={"torch": "2"})),
    "m/__init__.py": b"x = 1\n",
    "model/config.yaml": b"x: 1\n",
    "model/closure.json": json.dumps({"version": 1, "modules": {"extern": ["a"]}}).encode(),
    "model/references.json": json.dumps({"version": 2, "outputs": {}}).encode(),
}
"""Differs from the first in all that ``diff`` looks at."""


@pytest.mark.parametrize("case", PACKAGES)
def test_nothing_of_a_package_obeys_it(tmp_path: Path, case: str) -> None:
    path = written(tmp_path / "m.nequip.zip", PACKAGES[case])
    other = written(tmp_path / "o.nequip.zip", OTHER)
    commands: list[tuple[object, ...]] = [("info", path), ("check", path), ("diff", other, path)]
    if case == "models":
        commands += [("--debug", "info", path)]
    if case == "whole":
        commands += [("info", path, "--json"), ("info", path, "--yaml"), ("check", path, "--json")]
        commands += [("list", path), ("diff", path, other)]
        commands += [("diff", path, "m/m/__init__.py", tmp_path / "o.nequip.zip")]
    for command in commands:
        shown = on_a_terminal(*command, cwd=tmp_path)
        assert shown
        assert_harmless(shown)
        assert case != "whole" or command[0] == "list" or "]0;owned" in shown
    assert_harmless(on_a_terminal(path, cwd=tmp_path, module="nequip_lint"))
    for style in ("tree", "dot", "mermaid"):
        assert_harmless(on_a_terminal("closure", "--format", style, path, cwd=tmp_path, module="nequip_lint"))


def test_structured_answers_say_what_is_there(tmp_path: Path) -> None:
    path = written(tmp_path / "m.nequip.zip", PACKAGES["whole"])
    answer = json.loads(checked(pack("info", path, "--json", cwd=tmp_path)).stdout)
    assert answer["model_dtype"] == EVIL
    text = checked(pack("info", path, "--yaml", cwd=tmp_path)).stdout
    assert yaml.safe_load(text)["package_metadata"] == evil_metadata()
    assert text.replace("\n", "").isprintable()


def test_errors_of_the_python_interface(tmp_path: Path) -> None:
    path = written(tmp_path / f"{'x' * 3}\x1b[2J.nequip.zip", PACKAGES["byte order"])
    with pytest.raises(DamagedError) as caught:
        import nequip_pack

        nequip_pack.type_names(path)
    assert str(caught.value).isprintable()
    assert r"\x1b[2J" in str(caught.value)


def test_a_difference_of_source_can_be_applied(tmp_path: Path) -> None:
    """In a pipe it is as it stands; a terminal gets the tabs, and nothing else that is not seen."""
    source = b"def f():\n\treturn '\x1b[2J'\n"
    path = written(tmp_path / "m.nequip.zip", {**PACKAGES["whole"], "m/__init__.py": source})
    (tmp_path / "m.py").write_bytes(b"def f():\n\treturn ''\n")
    arguments = ("diff", path, "m/m/__init__.py", "m.py")
    assert "-\treturn '\x1b[2J'" in checked(pack(*arguments, cwd=tmp_path)).stdout
    shown = on_a_terminal(*arguments, cwd=tmp_path)
    assert_harmless(shown)
    assert r"return '\x1b[2J'" in shown


@pytest.mark.real
def test_what_the_code_of_a_package_says(package: Path, tmp_path: Path) -> None:
    """Warnings, errors and the documentation of modifiers, wherever the code runs."""
    evil = EVIL.encode("unicode_escape").decode()
    archive = open_archive(package)
    scale = archive.read("nequip/nn/atomwise.py").decode()
    doc = next(line for line in scale.splitlines() if '"""Modify per-type' in line)
    told = scale.replace(doc, doc.replace('"""', f'"""{evil}', 1))
    source = f"import warnings\nwarnings.warn('{evil}')\n{archive.read(MLP).decode()}".encode()
    changed = {"nequip/nn/atomwise.py": told.encode(), MLP: source, MANIFEST: None}
    path = rewrite(package, tmp_path / "m.nequip.zip", changed)
    shown = on_a_terminal("info", path, "--get-modifiers", cwd=tmp_path)
    assert r"\x1b]0;owned\x07" in shown
    assert_harmless(shown)
    assert_harmless(on_a_terminal("verify", path, cwd=tmp_path))
    failing = {MLP: f"raise ValueError('{evil}')\n".encode(), MANIFEST: None}
    path = rewrite(package, tmp_path / "n.nequip.zip", failing)
    for command in (("verify", path), ("info", path, "--get-modifiers"), ("migrate", path, "o.nequip.zip")):
        assert_harmless(on_a_terminal(*command, cwd=tmp_path))
