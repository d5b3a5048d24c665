"""The one-way order of imports in both packages, the door between them, and what neither imports at start."""

from __future__ import annotations

import ast
from collections import Counter
from functools import cache
from typing import TYPE_CHECKING, NamedTuple

import pytest
from lint_support import REPOSITORY

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path


class Tree(NamedTuple):
    """One of the two packages: its name, the folder it lies in, and its parts in layers, lowest first."""

    name: str
    home: Path
    layers: list[tuple[str, ...]]

    @property
    def files(self) -> list[Path]:
        """Its modules, in order."""
        return sorted((self.home / self.name).rglob("*.py"))

    def module(self, path: Path) -> str:
        """The module that a file is."""
        return ".".join(path.relative_to(self.home).with_suffix("").parts).removesuffix(".__init__")

    def rank(self, module: str) -> int:
        """The layer of a dotted name; what is in no part of its own belongs to the package itself."""
        part = module.removeprefix(f"{self.name}.").partition(".")[0]
        ranks = {name: rank for rank, names in enumerate(self.layers) for name in names}
        return ranks.get(part, 0)

    @property
    def parts(self) -> set[str]:
        """The top-level modules and sub-packages that there are."""
        return {self.module(path).removeprefix(f"{self.name}.").partition(".")[0] for path in self.files}


# A module may import from its own layer and from those before it.
LINT_LAYERS = [
    ("nequip_lint", "errors", "values", "disk", "contents", "plugins", "children", "install", "text"),
    ("toml", "tables"),
    ("source",),
    ("facts",),
    ("cache",),
    ("machine",),
    ("declared",),
    ("hazards",),
    ("trainings",),
    ("project", "closure", "summaries"),
    ("runs",),
    ("held",),
    ("pages",),
    ("rules",),
    ("edits",),
    ("fixes",),
    ("engine",),
    ("registering",),
    ("snapshot",),
    ("gate",),
    ("reports",),
    ("api", "server"),
    ("cli",),
    ("__main__", "summarize"),
]
PACK_LAYERS = [
    ("nequip_pack", "absent", "errors", "garbage", "locks", "start", "units"),
    ("causes", "failure", "installed", "pickles", "registry", "scratch", "script", "writing"),
    ("format", "fresh", "modes"),
    ("compare", "signing"),
    ("audit",),
    ("load",),
    ("checkpoint", "gate", "life", "verify"),
    ("snapshot",),
    ("export",),
    ("ase", "plan", "report", "rewrite", "survey"),
    ("rehearsal",),
    ("machines", "pytest_plugin", "train"),
    ("cli",),
    ("__main__",),
]
FACT_ROOMS = ("details", "of", "syntax", "wording", "conduct", "state", "objects", "keeping")
"""The folders below `facts`, lowest first."""
ROOM = 20
"""So many modules are in one folder at most; only rules, one module each, may be more."""
LINT = Tree("nequip_lint", REPOSITORY, LINT_LAYERS)
PACK = Tree("nequip_pack", REPOSITORY / "src", PACK_LAYERS)
FACADE = REPOSITORY / "src" / "nequip_pack" / "__init__.py"
EVERY = [(tree, path) for tree in (LINT, PACK) for path in tree.files]
NAMES = [tree.module(path) for tree, path in EVERY]
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


def imported(tree: ast.AST, *, lazily: bool = True, typing: bool = True) -> Iterator[str]:
    """The absolute modules and names that a file imports.

    Args:
        tree: of the file.
        lazily: those inside functions too, which importing the file does not import.
        typing: those for type checkers alone too.
    """
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "imports are absolute here"
            yield from (f"{node.module}.{alias.name}" for alias in node.names)
        elif (typing or not _is_for_typing(node)) and (lazily or not _is_function(node)):
            yield from imported(node, lazily=lazily, typing=typing)


def _is_function(node: ast.AST) -> bool:
    return isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)


def _is_for_typing(node: ast.AST) -> bool:
    return isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"


@cache
def parsed(path: Path) -> ast.Module:
    """The `ast` tree of a file."""
    return ast.parse(path.read_text(encoding="utf-8"))


def violations(tree: Tree, importer: str, syntax: ast.AST, *, typing: bool = True) -> list[str]:
    """The imports of a module that go up the layers of its package."""
    names = (name for name in imported(syntax, typing=typing) if name.partition(".")[0] == tree.name)
    return [name for name in names if tree.rank(name) > tree.rank(importer)]


@pytest.mark.parametrize(("tree", "path"), EVERY, ids=NAMES)
def test_imports_go_one_way(tree: Tree, path: Path) -> None:
    """The packager's public names are fetched when they are used; only type checkers see where from."""
    assert violations(tree, tree.module(path), parsed(path), typing=path != FACADE) == []


@pytest.mark.parametrize("tree", [LINT, PACK], ids=["nequip_lint", "nequip_pack"])
def test_every_part_has_its_place(tree: Tree) -> None:
    assert sorted(name for names in tree.layers for name in names) == sorted(tree.parts)


def test_the_rooms_of_facts_have_their_places() -> None:
    folders = {path.parent.name for path in (LINT.home / "nequip_lint" / "facts").glob("*/*.py")}
    assert folders == {*FACT_ROOMS}


@pytest.mark.parametrize("room", FACT_ROOMS)
def test_rooms_of_facts_use_those_before_them(room: str) -> None:
    barred = {*FACT_ROOMS[FACT_ROOMS.index(room) + 1 :], "collect"}
    for path in (LINT.home / "nequip_lint" / "facts" / room).glob("*.py"):
        own = (name for name in imported(parsed(path)) if name.startswith("nequip_lint.facts."))
        assert barred.isdisjoint(name.split(".")[2] for name in own), path


def test_rooms_stay_small() -> None:
    rooms = Counter(path.parent.name for path in LINT.files if path.name != "__init__.py")
    assert {name: count for name, count in rooms.items() if count > ROOM and name != "rules"} == {}


WRONG = [
    (LINT, "nequip_lint.facts.collect", "from nequip_lint.project.model import Project"),
    (LINT, "nequip_lint.project.model", "def f():\n    import nequip_lint.rules.base"),
    (LINT, "nequip_lint.values", "from nequip_lint import toml"),
    (LINT, "nequip_lint.engine.run", "from nequip_lint import cli"),
    (PACK, "nequip_pack.writing.draft", "from nequip_pack.export.exported import objects"),
    (PACK, "nequip_pack.gate.lint", "def f():\n    from nequip_pack import export"),
]


@pytest.mark.parametrize(("tree", "importer", "text"), WRONG)
def test_a_step_up_is_seen(tree: Tree, importer: str, text: str) -> None:
    assert len(violations(tree, importer, ast.parse(text))) == 1


def behind_the_door(syntax: ast.AST) -> set[str]:
    """What a file of the packager imports of the linter beside its door."""
    names = {name for name in imported(syntax) if name.partition(".")[0] == "nequip_lint"}
    return {name for name in names if name.split(".")[:2] != ["nequip_lint", "api"]}


def test_the_packager_knows_one_door_of_the_linter() -> None:
    found = {PACK.module(path): behind_the_door(parsed(path)) for path in PACK.files}
    assert {module: names for module, names in found.items() if names} == {}


def test_another_door_is_seen() -> None:
    text = "from nequip_lint import api, text\nfrom nequip_lint.api import escaped\n"
    inside = "def f():\n    from nequip_lint.values import Finding\n"
    assert behind_the_door(ast.parse(text + inside)) == {"nequip_lint.text", "nequip_lint.values.Finding"}


def circle(graph: Mapping[str, set[str]]) -> list[str]:
    """Modules that import each other in a circle; none where there is no circle."""
    done: set[str] = set()

    def search(way: list[str]) -> list[str]:
        for name in sorted(graph[way[-1]] - done):
            found = way[way.index(name) :] if name in way else search([*way, name])
            if found:
                return found
        done.add(way[-1])
        return []

    return next(filter(None, (search([name]) for name in sorted(graph))), [])


def graph_of(texts: Mapping[str, ast.AST]) -> dict[str, set[str]]:
    """For each of some modules, those of them that it imports when it is imported or later."""
    return {
        name: {_home(i, texts) for i in imported(tree, typing=False)} - {name, ""}
        for name, tree in texts.items()
    }


def _home(name: str, modules: Mapping[str, ast.AST]) -> str:
    """The module that an imported name is, or is in; '' for one that is not among the modules."""
    while name and name not in modules:
        name = name.rpartition(".")[0]
    return name


@pytest.mark.parametrize("tree", [LINT, PACK], ids=["nequip_lint", "nequip_pack"])
def test_there_are_no_circles(tree: Tree) -> None:
    """Not even of imports inside functions; the name of a type alone is no dependence."""
    assert circle(graph_of({tree.module(path): parsed(path) for path in tree.files})) == []


def test_a_circle_is_seen() -> None:
    texts = {
        "p.source": "def f():\n    from p.plain import Plain",
        "p.plain": "from p import loaded\nfrom p.source import Source",
        "p.loaded": "import os",
    }
    trees = {name: ast.parse(text) for name, text in texts.items()}
    assert sorted(circle(graph_of(trees))) == ["p.plain", "p.source"]


ASKS = {
    REPOSITORY / "nequip_lint" / "cli" / "package.py": {"nequip_pack.errors", "nequip_pack.snapshot"},
    REPOSITORY / "nequip_lint" / "cli" / "checkpoint.py": {"nequip_pack.errors", "nequip_pack.plan"},
}
"""The files that ask the packager, with what they ask."""


@pytest.mark.parametrize("path", LINT.files, ids=LINT.module)
def test_linter_never_imports_what_it_judges(path: Path) -> None:
    is_edge = path in ASKS
    assert not NEVER & {name.partition(".")[0] for name in imported(parsed(path), lazily=not is_edge)}


@pytest.mark.parametrize("path", ASKS, ids=LINT.module)
def test_two_files_ask_the_packager_for_packages_and_checkpoints(path: Path) -> None:
    found = {name for name in imported(parsed(path)) if name.startswith("nequip_pack")}
    assert {name.rpartition(".")[0] for name in found} == ASKS[path]


HEIRS = [REPOSITORY / "src" / "nequip_pack" / name for name in ("ase.py", "train.py")]
"""Their classes have base classes of heavy libraries."""


@pytest.mark.parametrize("heir", HEIRS, ids=PACK.module)
def test_nothing_else_imports_what_has_a_heavy_base_class(heir: Path) -> None:
    """Only such files import heavy libraries at their top."""
    names = {name for path in PACK.files if path != heir for name in imported(parsed(path))}
    assert not {name for name in names if name.startswith(PACK.module(heir))}
    assert HEAVY & {name.partition(".")[0] for name in imported(parsed(heir), lazily=False)}


@pytest.mark.parametrize("path", [path for path in PACK.files if path not in HEIRS], ids=PACK.module)
def test_packager_imports_heavy_libraries_inside_functions_only(path: Path) -> None:
    assert not HEAVY & {name.partition(".")[0] for name in imported(parsed(path), lazily=False, typing=False)}
