"""`nequip-lint closure` and `nequip-lint why`: the predicted archive, and the chains into it."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from nequip_lint.cli.options import NO_ROOTS, libraries, request_of
from nequip_lint.cli.package import closures_of
from nequip_lint.cli.streams import complain, say
from nequip_lint.cli.unread import tell_unread
from nequip_lint.engine.packagers import python_of
from nequip_lint.engine.predict import Prediction, predict
from nequip_lint.reports.prediction import closure_lines, lines, why_lines

if TYPE_CHECKING:
    from nequip_lint.reports.graphs.imports import ImportGraph
    from nequip_lint.reports.recorded import PackageClosure


def closure(given: argparse.Namespace) -> int:
    """Print the predicted closure, that of packages, or the exact one of a checkpoint."""
    if given.format is not None:
        return _draw(_graphs(given), given.format)
    if given.checkpoint is not None:
        return _exact(given)
    if packages := closures_of(given):
        return _tell_packages(packages, as_json=given.as_json)
    predictions = _predict(given)
    if given.as_json:
        from nequip_lint.reports.machine import closure_json, json_text

        documents = [closure_json(item.closure, item.target) for item in predictions]
        print(json_text(documents[0] if len(documents) == 1 else documents))
        return 0
    for item in predictions:
        say(lines(item))
    if not predictions:
        print(NO_ROOTS)
    return 0


def _exact(given: argparse.Namespace) -> int:
    from nequip_lint.cli.checkpoint import closure_of

    found, target = closure_of(given)
    if given.as_json:
        from nequip_lint.reports.machine import closure_json, json_text

        print(json_text(closure_json(found, target)))
    else:
        say(closure_lines(found, target))
    return 0


def _graphs(given: argparse.Namespace) -> list[ImportGraph]:
    """The graph of each project or package, or that of the checkpoint."""
    from nequip_lint.reports.graphs.imports import graph_of, package_graph

    if given.checkpoint is not None:
        from nequip_lint.cli.checkpoint import closure_of

        found, target = closure_of(given)
        known = {edge.importer.module: edge.importer for edge in found.via.values()}
        return [graph_of(found, target, known.get)]
    if packages := closures_of(given):
        return [package_graph(item) for item in packages]
    return [graph_of(item.closure, item.target, item.project.sources.facts) for item in _predict(given)]


def _draw(graphs: list[ImportGraph], style: str) -> int:
    from nequip_lint.reports.graphs import dot, mermaid, tree

    if not graphs:
        complain(NO_ROOTS)
    if style == "mermaid":
        if mermaid.too_many(graphs):
            graphs = [item.spanning() for item in graphs]
            complain(f"nequip-lint: note: {mermaid.FIRST_WAYS}")
        say(mermaid.lines(graphs))
        return 0
    draw = tree.lines if style == "tree" else dot.lines
    say(line for graph in graphs for line in draw(graph))
    return 0


def why(given: argparse.Namespace) -> int:
    """Print the chains to one module, or to those of one library."""
    if packages := closures_of(given):
        from nequip_lint.reports.recorded import why_lines as recorded_why

        for package in packages:
            say(recorded_why(package, given.module))
        return 0
    predictions = _predict(given)
    for item in predictions:
        say(why_lines(item, given.module))
    if not predictions:
        print(NO_ROOTS)
    return 0


def _tell_packages(packages: list[PackageClosure], *, as_json: bool) -> int:
    from nequip_lint.reports.machine import json_text
    from nequip_lint.reports.recorded import lines, package_json

    if as_json:
        documents = [package_json(item) for item in packages]
        print(json_text(documents[0] if len(documents) == 1 else documents))
    for item in () if as_json else packages:
        say(lines(item))
    return 0


def _predict(given: argparse.Namespace) -> list[Prediction]:
    present, absent = libraries(given)
    python = None if given.python is None else python_of(given.python)
    found = predict(request_of(given), present, absent, bool(given.gpu), given.packager, python)
    for note in dict.fromkeys(note for item in found for note in item.notes):
        complain(f"nequip-lint: note: {note}")
    tell_unread(item.project for item in found)
    return [item for item in found if item.closure.roots]
