"""What a module does with the names of libraries at import, in `forward` and in what `__init__` keeps.

The words for what is done: `call`, `decorator`, `base`, `index` (`x[…]`), `argument` (`List[x]`), `or` and
other `operator`s, `test`, `compare`, `key` (of a dict, member of a set), `iterate`, `instance` (the second
argument of `isinstance`), `probe` (the first of `hasattr` or `getattr`), `annotation`, `kept` (assigned to an
attribute of the model), `made` (called, and the result assigned so), `except` (named by a handler) and
`read` (anything else).
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterable, Iterator

from nequip_lint.facts.conditions import dotted
from nequip_lint.facts.evaluated import Evaluated, guarded_nodes, naming
from nequip_lint.facts.lines import Lines
from nequip_lint.facts.names import bound_names
from nequip_lint.facts.spans import span_of
from nequip_lint.facts.values import Import, Touch

_WATCHED = ("import", "forward", "init")
_TAKE_ANYTHING = frozenset({"dict", "frozenset", "list", "set", "tuple", "type"})
"""What looks at none of its arguments in brackets, as `typing.List` does."""
_NEVER_OPTIONAL = frozenset({"torch", "nequip", "e3nn"})


def touches_of(
    statements: Iterable[Evaluated], imports: Iterable[Import], module: str, text: str
) -> tuple[Touch, ...]:
    """Every touch of a name that an absolute import of a library binds.

    Args:
        statements: expressions with their places.
        imports: of the same module.
        module: the module's dotted name; its own top-level package is no library.
        text: of the file.
    """
    names = library_names(imports, module)
    if not names:
        return ()
    watched = [item for item in statements if item.where in _WATCHED]
    return tuple(
        touch for item, node in naming(watched, Lines(text, names)) for touch in _touches(item, node, names)
    )


def library_names(imports: Iterable[Import], module: str) -> frozenset[str]:
    """The names that imports of libraries bind; torch, the standard library and own code are none."""
    excluded = _NEVER_OPTIONAL | {module.partition(".")[0], ""}
    tops = ((item.written.partition(".")[0], item) for item in imports)
    libraries = (item for top, item in tops if top not in excluded and top not in sys.stdlib_module_names)
    return frozenset(name for item in libraries for name in bound_names(item))


def _touches(item: Evaluated, root: ast.expr, names: frozenset[str]) -> Iterator[Touch]:
    known = {id(root): item.role or "read"}
    if item.role == "except" and isinstance(root, ast.Tuple):
        known = {id(element): "except" for element in root.elts}
    if item.role == "kept" and isinstance(root, ast.Call):
        known = {id(root): "read", id(root.func): "made"}
    for node, place in guarded_nodes(root, item.place):
        known.update((id(child), how) for child, how in roles_in(node) if known.get(id(child)) != "made")
        if isinstance(node, ast.Name | ast.Attribute) and isinstance(node.ctx, ast.Load):
            how = known.get(id(node), "read")
            name = dotted(node)
            if how != "inner" and name.partition(".")[0] in names:
                yield Touch(name, span_of(node), how, item.where, place)


def roles_in(node: ast.AST) -> Iterator[tuple[ast.AST, str]]:
    """What a node does with its children."""
    if isinstance(node, ast.Attribute):
        yield node.value, "inner"
    elif isinstance(node, ast.Call):
        yield node.func, "call"
        yield from _arguments(node)
    elif isinstance(node, ast.Subscript):
        yield node.value, "index"
        how = "read" if dotted(node.value) in _TAKE_ANYTHING else "argument"
        for child in node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice]:
            yield child, how
    elif isinstance(node, ast.BinOp):
        how = "or" if isinstance(node.op, ast.BitOr) else "operator"
        yield from ((child, how) for child in (node.left, node.right))
    elif isinstance(node, ast.UnaryOp):
        yield node.operand, "test" if isinstance(node.op, ast.Not) else "operator"
    elif isinstance(node, ast.BoolOp):
        yield from ((child, "test") for child in node.values[:-1])
    elif isinstance(node, ast.IfExp):
        yield node.test, "test"
    elif isinstance(node, ast.Compare):
        identity = all(isinstance(operator, ast.Is | ast.IsNot) for operator in node.ops)
        yield from ((child, "read" if identity else "compare") for child in (node.left, *node.comparators))
    elif isinstance(node, ast.Dict):
        yield from ((child, "key") for child in node.keys if child is not None)
    elif isinstance(node, ast.Set):
        yield from ((child, "key") for child in node.elts)
    elif isinstance(node, ast.Starred):
        yield node.value, "iterate"
    elif isinstance(node, ast.comprehension):
        yield node.iter, "iterate"


def _arguments(node: ast.Call) -> Iterator[tuple[ast.AST, str]]:
    function = dotted(node.func)
    if function in ("isinstance", "issubclass") and len(node.args) == 2:
        second = node.args[1]
        yield from (
            (item, "instance") for item in (second.elts[:1] if isinstance(second, ast.Tuple) else [second])
        )
    elif function in ("hasattr", "getattr") and node.args:
        yield node.args[0], "probe"
