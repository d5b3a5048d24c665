"""`closure --format`: the packaged set as a tree, for Graphviz and for Mermaid."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from lint_support import PROJECT, nequip_lint, write

from nequip_lint.closure.packaged import Verdict
from nequip_lint.reports.graphs import dot, mermaid, tree
from nequip_lint.reports.graphs.imports import ImportGraph, package_graph
from nequip_lint.reports.recorded import PackageClosure
from nequip_lint.values import Step

EVIL = 'a"\\b\n<c>&`#_#`]--> x; end'
"""A name in which everything means something to one of the languages."""
FILES = {
    "pyproject.toml": PROJECT,
    "mypkg/__init__.py": "",
    "mypkg/model.py": (
        "import torch\nimport mocklib\nimport numpy\nimport optlib\nimport reflib\nimport away\n"
        "from mypkg import first, second\nfrom mypkg.second import more\n\n"
        "class Model(torch.nn.Module):\n    pass\n"
    ),
    "mypkg/first.py": "import torch\nfrom mypkg import second\ndef f():\n    from mypkg import lost\n",
    "mypkg/second.py": "import math\nimport mypkg.first\nmore = 1\n",
    "mypkg/lost.py": "import gone_library\nx = gone_library.x\n",
}
ACTIONS = {"intern", "extern", "mock", "refused", "dropped", "absent"}
ARGUMENTS = ("--absent", "gone_library", "--absent", "optlib", "--present", "reflib")
DOT_STATEMENT = re.compile(
    r'  (?P<name>"(?:[^"\\]|\\.)*")(?: -> (?P<other>"(?:[^"\\]|\\.)*")| \[(?P<looks>.*)\]);'
)
DOT_LOOKS = re.compile(r'\w+=(?:\w+|"(?:[^"\\]|\\.)*")(?:, \w+=(?:\w+|"(?:[^"\\]|\\.)*"))*')
MERMAID_NODE = re.compile(r'    (m\d+_\d+)(\W+)"((?:[^"#;]|#\d+;|<br>)*)"(\W+)')
MERMAID_EDGE = re.compile(r"  (m\d+_\d+) --> (m\d+_\d+)")


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project with a module of each action."""
    return write(tmp_path_factory.mktemp("graphs"), FILES)


@pytest.fixture(scope="module")
def modules(project: Path) -> dict[str, Any]:
    """What its closure is as JSON."""
    return json.loads(answer(project, "--json"))["modules"]


def answer(project: Path, *words: str) -> str:
    done = nequip_lint("closure", *words, *ARGUMENTS, cwd=project)
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout


def evil_graph() -> ImportGraph:
    """Names that mean something to each language, an unknown action, and a circle without a root."""
    modules = {EVIL: Verdict("intern"), "b": Verdict("extern"), "c": Verdict("odd"), "d": Verdict("intern")}
    return ImportGraph(EVIL, (EVIL,), modules, {EVIL: ("b",), "c": ("d",), "d": ("c",)})


def dot_nodes(text: str) -> tuple[dict[str, str], list[tuple[str, str]]]:
    """Looks by node, and edges, of a digraph as this project writes it; the grammar is checked."""
    head, *body, end = text.splitlines()
    assert (head, end) == ("digraph {", "}")
    nodes, edges = {}, []
    for line in body[3:]:
        met = DOT_STATEMENT.fullmatch(line)
        assert met, line
        if met["other"]:
            edges.append((json.loads(met["name"]), json.loads(met["other"])))
        else:
            assert DOT_LOOKS.fullmatch(met["looks"]), line
            nodes[json.loads(met["name"])] = met["looks"]
    return nodes, edges


def mermaid_nodes(text: str) -> tuple[dict[str, str], list[tuple[str, str]]]:
    """Brackets by label, and edges between labels; the grammar is checked."""
    head, *body = text.splitlines()
    assert head == "flowchart LR"
    labels, shapes, edges = {}, {}, []
    for line in body:
        if met := MERMAID_NODE.fullmatch(line):
            label = re.sub(r"#(\d+);", lambda found: chr(int(found[1])), met[3]).split("<br>")[0]
            labels[met[1]] = label
            shapes[label] = met[2] + met[4]
        elif met := MERMAID_EDGE.fullmatch(line):
            edges.append((labels[met[1]], labels[met[2]]))
        else:
            assert line == "  end" or re.fullmatch(r'  subgraph g\d+\["(?:[^"#;]|#\d+;)*"\]', line), line
    return shapes, edges


def test_dot_has_each_module_in_the_shape_of_its_action(project: Path, modules: dict[str, Any]) -> None:
    text = answer(project, "--format", "dot")
    nodes, edges = dot_nodes(text)
    assert nodes.keys() == modules.keys()
    shapes = {modules[name]["action"]: looks.partition(", label")[0] for name, looks in nodes.items()}
    assert set(shapes) >= ACTIONS
    assert len(set(shapes.values())) == len(shapes)
    assert ("mypkg.model", "mypkg.second") in edges
    assert ("mypkg.first", "mypkg.second") in edges
    assert "peripheries=2" in nodes["mypkg.model"]


def test_mermaid_has_the_same(project: Path, modules: dict[str, Any]) -> None:
    shapes, edges = mermaid_nodes(answer(project, "--format", "mermaid"))
    assert shapes.keys() == modules.keys()
    by_action = {modules[name]["action"]: shape for name, shape in shapes.items() if name != "mypkg.model"}
    assert set(by_action) >= ACTIONS
    assert len(set(by_action.values())) == len(by_action)
    assert shapes["mypkg.model"] == "[[]]"
    assert edges == dot_nodes(answer(project, "--format", "dot"))[1]


def test_the_tree_shows_each_module_whole_once(project: Path, modules: dict[str, Any]) -> None:
    text = answer(project, "--format", "tree")
    assert text.splitlines()[1:] == [
        "mypkg.model  (root)",
        "|- extern: numpy, optlib, torch",
        "|- mock: mocklib",
        f"|- reflib  refused: {modules['reflib']['reason']}",
        f"|- away  absent: {modules['away']['reason']}",
        "|- mypkg.first",
        "|  |- extern: torch",
        "|  |- mypkg.second",
        "|  |  |- extern: math",
        "|  |  `- mypkg.first  (*)",
        f"|  |- mypkg.lost  dropped: {modules['mypkg.lost']['reason']}",
        "|  `- mypkg",
        "`- mypkg.second  (*)",
        tree._LEGEND,
    ]


def test_each_chain_is_a_path_of_the_graph(project: Path, modules: dict[str, Any]) -> None:
    _, edges = dot_nodes(answer(project, "--format", "dot"))
    reached = {"mypkg.model"}
    for _ in modules:
        reached |= {other for name, other in edges if name in reached}
    assert reached == modules.keys()


def test_what_a_package_records() -> None:
    steps = {"b": Step("a", "a.py", 1, "import b"), "z": Step("gone", "gone.py", 1, "import z")}
    actions = {"a": "intern", "b": "extern", "z": "mock", "fx-generated._0": "intern"}
    graph = package_graph(PackageClosure("m.nequip.zip", ("a",), actions, steps, None))
    assert list(tree.lines(graph)) == [
        "package: m.nequip.zip",
        "a  (root)",
        "`- extern: b",
        tree._UNREACHED,
        "|- mock: z",
        "`- fx-generated._0",
    ]


def test_names_mean_nothing() -> None:
    graph = evil_graph()
    nodes, edges = dot_nodes("\n".join(dot.lines(graph)))
    escaped = EVIL.replace("\n", "\\n")
    assert (set(nodes), edges[0]) == ({escaped, "b", "c", "d"}, (escaped, "b"))
    assert set(mermaid_nodes("\n".join(mermaid.lines([graph, graph])))[0]) == {escaped, "b", "c", "d"}
    drawn = list(tree.lines(graph))
    assert all(line.isprintable() for line in drawn[1:])
    assert [line for line in drawn if "d" in line[:5]], drawn


def test_graphviz_takes_it(project: Path) -> None:
    if shutil.which("dot") is None:
        pytest.skip("Graphviz is not installed")
    for text in (answer(project, "--format", "dot"), "\n".join(dot.lines(evil_graph()))):
        done = subprocess.run(["dot", "-Tplain"], input=text, capture_output=True, text=True, check=False)
        assert (done.returncode, done.stderr) == (0, "")
        nodes, edges = dot_nodes(text.rstrip("\n"))
        kinds = [line.split()[0] for line in done.stdout.splitlines()]
        assert (kinds.count("node"), kinds.count("edge")) == (len(nodes), len(edges))


def test_no_line_of_the_tree_is_longer_than_a_terminal() -> None:
    names = tuple(f"library_{number}.with.a.long.name" for number in range(9))
    modules = {"a": Verdict("intern"), **dict.fromkeys(names, Verdict("extern"))}
    drawn = list(tree.lines(ImportGraph("t", ("a",), modules, {"a": names})))
    assert max(map(len, drawn)) <= 80
    assert re.findall(r"library_\d", " ".join(drawn)) == [name.partition(".")[0] for name in names]


def test_a_deep_chain_is_drawn() -> None:
    names = [f"m{number}" for number in range(1500)]
    imports = {name: (other,) for name, other in pairwise(names)}
    graph = ImportGraph("t", ("m0",), dict.fromkeys(names, Verdict("intern")), imports)
    assert sum(1 for _ in tree.lines(graph)) == 1501


def test_mermaid_gets_no_more_than_it_draws(tmp_path: Path) -> None:
    names = [f"n{number}" for number in range(30)]
    every = "".join(f"from mypkg import {name}\n" for name in names)
    files = {f"mypkg/{name}.py": every for name in names}
    project = write(tmp_path, {**FILES, **files, "mypkg/model.py": f"import torch\n{every}"})
    done = nequip_lint("closure", "--format", "mermaid", cwd=project)
    assert (done.returncode, done.stderr) == (0, f"nequip-lint: note: {mermaid.FIRST_WAYS}\n")
    _, edges = mermaid_nodes(done.stdout)
    assert len(edges) == len({other for _, other in edges}) == 31


def test_what_does_not_go_together(project: Path) -> None:
    done = nequip_lint("closure", "--json", "--format", "dot", cwd=project)
    assert (done.returncode, done.stdout) == (2, "")
    assert "not allowed with argument --json" in done.stderr


def test_no_roots_are_told_beside_the_answer(tmp_path: Path) -> None:
    done = nequip_lint("closure", "--format", "dot", cwd=write(tmp_path, {"ext/__init__.py": ""}))
    assert (done.returncode, done.stdout) == (0, "")
    assert done.stderr.startswith("no roots: ")
