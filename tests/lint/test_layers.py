"""The one-way order of imports inside `nequip_lint`, and what neither package imports at start."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

import pytest
from lint_support import REPOSITORY

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

# Lowest first. A module may import from its own layer and from those before it.
LAYERS = [
    ("nequip_lint", "errors", "values", "contents", "plugins", "children", "text"),
    ("toml",),
    ("facts",),
    ("project",),
    ("pages",),
    ("rules",),
    ("fixes",),
    ("engine",),
    ("reports",),
    ("server",),
    ("cli",),
    ("__main__", "summarize"),
]
RANK = {name: rank for rank, names in enumerate(LAYERS) for name in names}
NEVER = {"torch", "e3nn", "nequip", "numpy", "allegro", "nequip_pack"}
HEAVY = {
    "torch",
    "e3nn",
    "nequip",
    "numpy",
    "allegro",
    "lightning",
    "hydra",
    "omegaconf",
    "ase",
    "rich",
    "libcst",
}
LINT = sorted((REPOSITORY / "nequip_lint").rglob("*.py"))
PACK = sorted((REPOSITORY / "src" / "nequip_pack").rglob("*.py"))


def imported(tree: ast.AST, *, lazily: bool) -> Iterator[str]:
    """The absolute modules that a file imports; without `lazily` only those that importing it imports."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "imports are absolute here"
            yield from (f"{node.module}.{alias.name}" for alias in node.names)
        elif lazily or not (isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) or _is_for_typing(node)):
            yield from imported(node, lazily=lazily)


def _is_for_typing(node: ast.AST) -> bool:
    return isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"


def layer(module: str) -> str:
    """The part of `nequip_lint` that a dotted name belongs to; its attributes are its own."""
    _, _, rest = module.partition(".")
    name = rest.partition(".")[0]
    return name if name in RANK else "nequip_lint" if name.startswith("__version") or not name else name


def tree(path: Path) -> ast.Module:
    """The `ast` tree of a file."""
    return ast.parse(path.read_text(encoding="utf-8"))


def violations(importer: str, text: str) -> list[str]:
    """The imports of a module of `nequip_lint` that go up the layers."""
    own = [name for name in imported(ast.parse(text), lazily=True) if name.partition(".")[0] == "nequip_lint"]
    return [name for name in own if RANK[layer(name)] > RANK[layer(importer)]]


def name_of(path: Path) -> str:
    """The module that a file of the repository is."""
    return ".".join(path.relative_to(REPOSITORY).with_suffix("").parts).removesuffix(".__init__")


@pytest.mark.parametrize("path", LINT, ids=[name_of(path) for path in LINT])
def test_imports_go_one_way(path: Path) -> None:
    assert layer(name_of(path)) in RANK, "a new part needs a place in the order"
    assert violations(name_of(path), path.read_text(encoding="utf-8")) == []


def test_every_layer_exists() -> None:
    assert {layer(name_of(path)) for path in LINT} == set(RANK)


WRONG = [
    ("nequip_lint.facts.collect", "from nequip_lint.project.model import Project"),
    ("nequip_lint.project.model", "def f():\n    import nequip_lint.rules.base"),
    ("nequip_lint.values", "from nequip_lint import toml"),
    ("nequip_lint.engine.run", "from nequip_lint import cli"),
]


@pytest.mark.parametrize(("importer", "text"), WRONG)
def test_a_step_up_is_seen(importer: str, text: str) -> None:
    assert len(violations(importer, text)) == 1


READS_PACKAGES = REPOSITORY / "nequip_lint" / "cli" / "package.py"


@pytest.mark.parametrize("path", LINT, ids=[name_of(path) for path in LINT])
def test_linter_never_imports_what_it_judges(path: Path) -> None:
    is_edge = path == READS_PACKAGES
    assert not NEVER & {name.partition(".")[0] for name in imported(tree(path), lazily=not is_edge)}


def test_one_file_asks_the_packager_and_only_for_packages() -> None:
    found = {name for name in imported(tree(READS_PACKAGES), lazily=True) if name.startswith("nequip_pack")}
    assert {name.rpartition(".")[0] for name in found} == {"nequip_pack.errors", "nequip_pack.snapshot"}


CALCULATOR = REPOSITORY / "src" / "nequip_pack" / "ase.py"


def test_nothing_else_imports_the_calculator_whose_base_class_is_of_ase() -> None:
    """It is the one file that imports heavy libraries at its top."""
    others = [path for path in PACK if path != CALCULATOR]
    names = {name for path in others for name in imported(tree(path), lazily=True)}
    assert not {name for name in names if name.startswith("nequip_pack.ase")}
    assert HEAVY & {name.partition(".")[0] for name in imported(tree(CALCULATOR), lazily=False)}


@pytest.mark.parametrize("path", [path for path in PACK if path != CALCULATOR], ids=name_of)
def test_packager_imports_heavy_libraries_inside_functions_only(path: Path) -> None:
    assert not HEAVY & {name.partition(".")[0] for name in imported(tree(path), lazily=False)}
