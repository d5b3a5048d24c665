"""Whether an attribute of a model stays what its `__init__` makes it.

Parses the file again: import it only where something is suspect.
"""

from __future__ import annotations

import ast
from collections import Counter
from pathlib import Path

from nequip_lint.contents import read_bytes
from nequip_lint.facts.conditions import dotted
from nequip_lint.facts.values import Facts, LibraryUse
from nequip_lint.source.text import Problem, decode
from nequip_lint.source.tree import parse


def stays(facts: Facts, use: LibraryUse) -> bool:
    """Whether the attribute that a statement sets is set nowhere else in the file, nor deleted.

    Args:
        facts: of the file; one that cannot be read is not known to leave the attribute alone.
        use: in the statement.
    """
    try:
        text = decode(read_bytes(Path(facts.path)))
    except OSError:
        return False
    tree = text if isinstance(text, Problem) else parse(text)
    if isinstance(tree, Problem):
        return False
    nodes = [node for node in ast.walk(tree) if isinstance(node, ast.Attribute)]
    changed = Counter(dotted(node) for node in nodes if not isinstance(node.ctx, ast.Load))
    here = _set_by(tree, use)
    return len(here) == 1 and here[0].startswith("self.") and changed[here[0]] == 1


def _set_by(tree: ast.Module, use: LibraryUse) -> list[str]:
    """The targets of the assignment around a use."""
    line = use.span.line
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign) and node.lineno <= line <= (node.end_lineno or line):
            return [dotted(item) for item in node.targets]
    return []
