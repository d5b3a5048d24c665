"""Comparisons of `__module__` or `__name__` with strings, and dotted names that need their parents."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cache

from nequip_lint.facts.conditions import dotted
from nequip_lint.facts.details.wording import FIRST, Chain, Comparison
from nequip_lint.facts.kind import File, Kind
from nequip_lint.facts.packaged import PREFIX
from nequip_lint.facts.site import Site
from nequip_lint.facts.terms import last_name, spot_of
from nequip_lint.facts.wording.name_parts import differs
from nequip_lint.facts.wording.own_texts import is_module_name
from nequip_lint.source.nodes import walk
from nequip_lint.tables import table


class Comparisons(Kind):
    """`type(x).__module__ == "…"`, `in ("…",)`, `.startswith("…")`, and the same of `__name__`."""

    field = "comparisons"
    nodes = (ast.Compare, ast.Call)
    words = ("__module__", "__name__")

    def visit(self, node: ast.Compare | ast.Call, site: Site, parent: ast.AST) -> None:
        """Keep a comparison."""
        if isinstance(node, ast.Call):
            if isinstance(node.func, ast.Attribute) and node.func.attr == "startswith" and node.args:
                self._compared(node.func.value, node.args[0], node, site)
        elif len(node.ops) == 1 and isinstance(node.ops[0], ast.Eq | ast.NotEq | ast.In | ast.NotIn):
            self._compared(node.left, node.comparators[0], node, site)
            if isinstance(node.ops[0], ast.Eq | ast.NotEq):
                self._compared(node.comparators[0], node.left, node, site)

    def _compared(self, left: ast.expr, right: ast.expr, node: ast.expr, site: Site) -> None:
        own = last_name(left)
        if own != "__module__" and not (own == "__name__" and isinstance(left, ast.Name)):
            return
        for item in right.elts if isinstance(right, ast.Tuple | ast.List | ast.Set) else [right]:
            if isinstance(item, ast.Constant) and isinstance(item.value, str):
                self.found.append(Comparison(spot_of(node, site), own, item.value))


class FirstParts(Kind):
    """Parts of an argument that differ if it is the name of a packaged module, taken for something else."""

    field = "comparisons"
    nodes = (ast.Subscript, ast.Assign)
    words = ("split", "partition")

    def visit(self, node: ast.Subscript | ast.Assign, site: Site, parent: ast.AST) -> None:
        """Keep what is taken."""
        taken = node.value
        if not isinstance(taken, ast.Call) or not isinstance(taken.func, ast.Attribute):
            return
        own, outermost = last_name(taken.func.value), site.outermost
        is_given = outermost is not None and own in outermost.arguments
        if taken.func.attr not in ("split", "partition") or not (
            is_given or (own != "__package__" and is_module_name(taken.func.value))
        ):
            return
        if isinstance(node, ast.Assign):
            targets = node.targets[0].elts if isinstance(node.targets[0], ast.Tuple) else []
            is_taken = bool(targets) and not isinstance(targets[0], ast.Starred)
        else:
            is_taken = is_given and differs(node, self.file.module, frozenset({own})) is True
        if is_taken and not finds_logger(parent):
            self.found.append(Comparison(spot_of(taken, site), own, FIRST))


class NameParts(Kind):
    """What else is taken out of `__name__` or `__module__`, if it differs in a package."""

    field = "comparisons"
    nodes = (ast.Subscript, ast.Call, ast.Compare)
    words = ("__name__", "__module__")

    def __init__(self, file: File) -> None:
        super().__init__(file)
        self._seen: set[ast.AST] = set()

    def visit(self, node: ast.Subscript | ast.Call | ast.Compare, site: Site, parent: ast.AST) -> None:
        """Keep the outermost expression that can be worked out."""
        if node in self._seen or _is_plain(node):
            return
        own = next((last_name(item) for item in _expressions(node) if is_module_name(item)), "")
        asks_package = bool(own) and PREFIX in ast.unparse(node)
        found = differs(node, self.file.module) if own and not asks_package else None
        if found is not None or asks_package:
            self._seen.update(walk(node))
        if found and not finds_logger(parent):
            self.found.append(Comparison(spot_of(node, site), own, FIRST))


def _expressions(node: ast.expr) -> Iterator[ast.expr]:
    return (item for item in walk(node) if isinstance(item, ast.expr))


def _is_plain(node: ast.Subscript | ast.Call | ast.Compare) -> bool:
    """Whether a name as a whole is compared, or its beginning: that is a fact of its own."""
    if isinstance(node, ast.Compare):
        return any(map(is_module_name, (node.left, *node.comparators)))
    function = node.func if isinstance(node, ast.Call) else None
    return (
        isinstance(function, ast.Attribute)
        and function.attr == "startswith"
        and is_module_name(function.value)
    )


def finds_logger(node: ast.AST) -> bool:
    """Whether something is a call that gives a logger."""
    return isinstance(node, ast.Call) and "logger" in last_name(node.func).lower()


class Chains(Kind):
    """Dotted names behind an import of a module, or of something that may be one."""

    field = "chains"
    nodes = (ast.Attribute,)

    def __init__(self, file: File) -> None:
        super().__init__(file)
        self._tops = _tops(file)

    @classmethod
    def applies(cls, file: File) -> bool:
        """Whether the file has such an import."""
        return bool(_tops(file))

    def visit(self, node: ast.Attribute, site: Site, parent: ast.AST) -> None:
        """Keep the longest chain, absolute."""
        name = "" if isinstance(parent, ast.Attribute) else dotted(node)
        head, _, rest = name.partition(".")
        if head in self._tops and isinstance(node.ctx, ast.Load):
            self.found.append(Chain(spot_of(node, site), f"{self._tops[head]}.{rest}"))


class LoaderChains(Kind):
    """Dotted names behind the module's loader."""

    field = "chains"
    nodes = (ast.Attribute,)
    words = ("__loader__", "__spec__")

    def visit(self, node: ast.Attribute, site: Site, parent: ast.AST) -> None:
        """Keep the longest chain."""
        name = "" if isinstance(parent, ast.Attribute) else dotted(node)
        if name.startswith(("__loader__.", "__spec__.loader.")):
            self.found.append(Chain(spot_of(node, site), name))


def _tops(file: File) -> dict[str, str]:
    """The names that imports bind to a package, or to what may be one, with the absolute name of that.

    Of other packages a plain import of a submodule is asked for.
    """
    own = file.module.partition(".")[0]
    found: dict[str, str] = {}
    for item in file.imports:
        module, top = item.module or "", (item.module or "").partition(".")[0]
        if item.bound == "__import__":
            continue
        if not item.names:
            full = top if item.bound == top else module
            is_open = full in _OPEN or full in _parents()
            if is_open or top == own or (module != top and item.bound == top):
                found[item.bound] = full
        elif top == own:
            found.update((bound, f"{module}.{name}") for name, bound in item.names if name != "*")
    return found


@cache
def _parents() -> frozenset[str]:
    """The packages of the standard library that lack submodules as long as nothing imports these."""
    return frozenset(name.partition(".")[0] for name in table("python")["unloaded"])


_OPEN = ("nequip", "e3nn")
"""Packages whose parts are asked for without being imported."""
