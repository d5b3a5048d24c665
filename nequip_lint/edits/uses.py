"""Where a name that imports bind is used, and whether that is when the module is imported."""

from __future__ import annotations

from collections.abc import Collection
from typing import NamedTuple

import libcst as cst
from libcst.metadata import (
    Assignment,
    ComprehensionScope,
    ExpressionContext,
    ExpressionContextProvider,
    GlobalScope,
    ImportAssignment,
    Scope,
    ScopeProvider,
)

from nequip_lint.edits.extract import Extract
from nequip_lint.edits.source import Source

_ANNOTATING = ("typing", "typing_extensions")
"""Modules whose names libcst has to know, so that it reads the annotations that are strings."""
Import = cst.Import | cst.ImportFrom
Quoted = cst.SimpleString | cst.ConcatenatedString


class Use(NamedTuple):
    """One place that names the binding.

    `role` is `body` (of `function`, the outermost one around it), `bound` where something else than the
    imports binds the name, `quoted` (in an annotation that is a string; `node` is the string), or
    what is evaluated when the module is imported: `annotation`, `default`, `decorator`, `base`, `lambda`,
    `class` or `module`. `owner` is the definition around it, for people.
    """

    node: cst.CSTNode
    role: str
    function: cst.FunctionDef | None
    owner: str


class Scopes:
    """The scopes of a file, as far as some names are concerned.

    Args:
        source: the file.
        names: of variables; scopes have what the statements that name one of them bind and read.
    """

    def __init__(self, source: Source, names: Collection[str]) -> None:
        self.source = source
        self._extract = Extract(source, {*names, *_ANNOTATING})
        found = self._extract.metadata.resolve(ScopeProvider)
        self._scopes = {self._extract.original(node): scope for node, scope in found.items()}
        self._contexts = self._extract.metadata.resolve(ExpressionContextProvider)
        self._walruses = [node for node in self._scopes if isinstance(node, cst.NamedExpr)]
        self._order = {node: number for number, node in enumerate(self._scopes)}

    def around(self, node: cst.CSTNode) -> Scope:
        """The scope in which a statement binds names."""
        scope = self._scopes[node]
        assert scope is not None, "statements have scopes"
        return scope

    def is_read(self, node: cst.CSTNode) -> bool:
        """Whether an attribute is read, and neither assigned to nor deleted."""
        return self._contexts.get(node) is ExpressionContext.LOAD

    def imports_of(self, scope: Scope, name: str) -> list[Import]:
        """The imports in a scope that bind a name: of plain ones of one package there may be several."""
        assigned = (item for item in scope.assignments if item.name == name)
        nodes = (item.node for item in assigned if isinstance(item, ImportAssignment))
        return [node for node in nodes if isinstance(node, Import)]

    def uses(self, scope: Scope, name: str, imports: Collection[Import]) -> list[Use]:
        """Every use of a name in the order of the file, the scopes inside included.

        Args:
            scope: that binds it.
            name: a variable.
            imports: that bind it, which are no uses themselves.
        """
        assigned = [item for item in scope.assignments if item.name.partition(".")[0] == name]
        binding = (item.node for item in assigned if isinstance(item, Assignment))
        others = {self._extract.original(node) for node in binding} - set(imports)
        others |= {node.target for node in self._walruses if self._binds(node, scope, name)}
        read = {access for item in assigned for access in item.references}
        read |= {access for access in scope.accesses if _first(access.node) == name}
        found = [self._use(node, "bound") for node in others]
        found += [self._read(node) for node in {_root(access.node) for access in read}]
        return sorted(found, key=lambda use: self._order.get(use.node, 0))

    def _binds(self, node: cst.NamedExpr, scope: Scope, name: str) -> bool:
        """Whether `:=` binds a name in a scope, which libcst does not say of those in comprehensions."""
        home = self.around(node)
        while isinstance(home, ComprehensionScope):
            home = home.parent
        return isinstance(node.target, cst.Name) and node.target.value == name and home is scope

    def _read(self, node: cst.CSTNode) -> Use:
        if isinstance(node, Quoted):
            return self._use(node, "quoted")
        parent = self.source.parents[node]
        captures = isinstance(parent, cst.MatchAs | cst.MatchStar | cst.MatchMapping)
        is_bound = captures or self._contexts.get(node) is ExpressionContext.DEL
        return self._use(node, "bound" if is_bound else "")

    def _use(self, node: cst.CSTNode, role: str) -> Use:
        """A use with what surrounds it; its role where that is not known yet."""
        functions: list[cst.FunctionDef] = []
        owner, place = "", ""
        around = list(self.source.around(node))
        for child, parent in zip([node, *around], around, strict=False):
            if isinstance(parent, cst.FunctionDef | cst.ClassDef):
                owner = owner or parent.name.value
            if isinstance(parent, cst.FunctionDef) and child is parent.body:
                functions.append(parent)
            place = place or _role(child, parent)
        return Use(
            node,
            role or ("body" if functions else place or "module"),
            functions[-1] if functions else None,
            owner,
        )


def _role(child: cst.CSTNode, parent: cst.CSTNode) -> str:
    """What a part of a node that is evaluated at import is in it, '' for nothing of its own."""
    if isinstance(child, cst.Decorator):
        return "decorator"
    if isinstance(child, cst.Annotation):
        return "annotation"
    if isinstance(parent, cst.Param) and child is parent.default:
        return "default"
    if isinstance(parent, cst.ClassDef):
        return "class" if child is parent.body else "base"
    return "lambda" if isinstance(parent, cst.Lambda) and child is parent.body else ""


def _root(node: cst.CSTNode) -> cst.CSTNode:
    while isinstance(node, cst.Attribute):
        node = node.value
    return node


def _first(node: cst.CSTNode) -> str:
    root = _root(node)
    return root.value if isinstance(root, cst.Name) else ""


def is_module(scope: Scope) -> bool:
    """Whether names of a scope are the module's."""
    return isinstance(scope, GlobalScope)
