"""What a module does with the names of libraries at import, in `forward` and in what `__init__` keeps."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterable, Iterator

from nequip_lint.facts.conditions import dotted
from nequip_lint.facts.kind import File, Kind
from nequip_lint.facts.names import bound_names
from nequip_lint.facts.roles import asks_type, index_role, role_in
from nequip_lint.facts.site import Site
from nequip_lint.facts.values import Import, LibraryUse
from nequip_lint.source.positions import span_of

WATCHED = {"forward": "forward", "__init__": "init"}
"""Functions whose expressions are kept, and the word for where these are evaluated."""
_TAKE_KEYS = ("sorted", "max", "min")
_NEVER_OPTIONAL = frozenset({"torch", "nequip", "e3nn"})


class LibraryUses(Kind):
    """Every use of a name that an absolute import of a library binds."""

    field = "library_uses"
    nodes = (
        *(ast.Name, ast.Attribute, ast.Subscript, ast.Call),
        *(ast.Assign, ast.AnnAssign, ast.ExceptHandler),
    )
    functions = frozenset(WATCHED)

    def __init__(self, file: File) -> None:
        super().__init__(file)
        self._names = library_names(file.imports, file.module)
        self._roles: dict[ast.AST, str] = {}

    @classmethod
    def applies(cls, file: File) -> bool:
        """Whether the file imports a library."""
        return bool(library_names(file.imports, file.module))

    def visit(self, node: ast.AST, site: Site, parent: ast.AST) -> None:
        """Keep a use at import or in a watched function; note what statements do with what they hold."""
        if not isinstance(node, ast.Name | ast.Attribute):
            self._roles.update(distant_roles(node, is_kept=site.function == "__init__"))
        elif isinstance(node.ctx, ast.Load) and not isinstance(parent, ast.Attribute):
            name = dotted(node)
            where = "import" if site.place.at_import else WATCHED.get(site.function, "")
            if where and not site.is_inner and name.partition(".")[0] in self._names:
                how = self._roles.get(node) or role_in(parent, node)
                self.found.append(LibraryUse(name, span_of(node), how, where, site.place))


def library_names(imports: Iterable[Import], module: str) -> frozenset[str]:
    """The names that imports of libraries bind; torch, the standard library and own code are none."""
    excluded = _NEVER_OPTIONAL | {module.partition(".")[0], ""}
    tops = ((item.written.partition(".")[0], item) for item in imports)
    libraries = (item for top, item in tops if top not in excluded and top not in sys.stdlib_module_names)
    return frozenset(name for item in libraries for name in bound_names(item))


def distant_roles(node: ast.AST, *, is_kept: bool) -> Iterator[tuple[ast.AST, str]]:
    """What is done with nodes that do not stand directly in what does it.

    Args:
        node: what does it.
        is_kept: whether an assignment to an attribute of `self` counts.
    """
    if isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Tuple):
        yield from ((item, index_role(node)) for item in node.slice.elts)
    elif isinstance(node, ast.Call) and asks_type(node) and isinstance(node.args[1], ast.Tuple):
        yield from ((item, "instance") for item in node.args[1].elts[:1])
    elif isinstance(node, ast.Call) and dotted(node.func) in _TAKE_KEYS:
        yield from ((item.value, "call") for item in node.keywords if item.arg == "key")
    elif isinstance(node, ast.ExceptHandler) and isinstance(node.type, ast.Tuple):
        yield from ((item, "except") for item in node.type.elts)
    elif isinstance(node, ast.Assign | ast.AnnAssign) and is_kept:
        targets = node.targets if isinstance(node, ast.Assign) else [node.target]
        if node.value is not None and any(dotted(target).startswith("self.") for target in targets):
            yield (node.value.func, "made") if isinstance(node.value, ast.Call) else (node.value, "kept")
