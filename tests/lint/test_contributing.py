"""`CONTRIBUTING.md` names the folders that there are, in the order of imports, and files that exist."""

from __future__ import annotations

import re

import pytest
from lint_support import REPOSITORY
from test_layers import LINT, PACK, Tree

PAGE = (REPOSITORY / "CONTRIBUTING.md").read_text(encoding="utf-8")
MAP = PAGE.partition("```text\n")[2].partition("```")[0].splitlines()
STANDS_FOR = {"NQXXX": "NQ[0-9][0-9][0-9]", "nqXXX": "nq[0-9][0-9][0-9]", "NAME": "*"}


def mapped(tree: Tree) -> list[str]:
    """The folders that the map has below a package, relative to it."""
    start = next(n for n, line in enumerate(MAP) if line.split()[0].endswith(f"{tree.name}/"))
    found: list[str] = []
    for line in MAP[start + 1 :]:
        if not line.startswith("  "):
            break
        found.append(line.split()[0].removesuffix("/"))
    return found


TREES = pytest.mark.parametrize("tree", [LINT, PACK], ids=["nequip_lint", "nequip_pack"])


@TREES
def test_the_map_has_every_folder_and_no_other(tree: Tree) -> None:
    home = tree.home / tree.name
    folders = {path.parent.relative_to(home).as_posix() for path in tree.files} - {"."}
    assert sorted(mapped(tree)) == sorted(folders)


@TREES
def test_the_map_follows_the_imports(tree: Tree) -> None:
    ranks = [tree.rank(f"{tree.name}.{folder.replace('/', '.')}") for folder in mapped(tree)]
    assert ranks == sorted(ranks)


def paths(text: str) -> set[str]:
    """What a text has in backticks that is a file or a folder of the repository, commands aside."""
    quoted = re.findall(r"`([^`\s]+)`", re.sub(r"```.*?```", "", text, flags=re.DOTALL))
    tops = {path.name for path in REPOSITORY.iterdir()}
    return {name for name in quoted if "/" in name or name in tops}


def exists(path: str) -> bool:
    """Whether there is such a file, or one of the form that the placeholders leave."""
    for name, pattern in STANDS_FOR.items():
        path = path.replace(name, pattern)
    return any(REPOSITORY.glob(path.removesuffix("/")))


def test_every_path_exists() -> None:
    found = paths(PAGE)
    assert len(found) > 40
    assert [path for path in sorted(found) if not exists(path)] == []


def test_files_in_the_map_exist() -> None:
    for tree in (LINT, PACK):
        for folder in mapped(tree):
            line = next(line for line in MAP if line.startswith(f"  {folder}/ "))
            names = re.findall(r"\w+\.py", line)
            assert [name for name in names if not (tree.home / tree.name / folder / name).is_file()] == []


def test_a_path_that_is_not_there_is_seen() -> None:
    text = "`nequip_lint/probes/NAME.py`, `nequip_lint/rules/nqXXX.py`, `README.md`, `from x`, `a b/c`"
    assert [path for path in sorted(paths(text)) if not exists(path)] == ["nequip_lint/probes/NAME.py"]
