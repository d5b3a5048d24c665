"""What a kind of fact is: a small class that says which nodes it wants, and keeps what it finds in them."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable, Sequence
from functools import cached_property
from typing import Any, ClassVar

from nequip_lint.facts.names import Names, package_of
from nequip_lint.facts.site import Site
from nequip_lint.facts.terms import last_name
from nequip_lint.facts.values import Facts, Import
from nequip_lint.source.nodes import every, walk

Visit = Callable[[Any, Site, ast.AST], None]
"""Takes a node, its site and the node around it; a statement stands for both."""


class File:
    """A file as the kinds of facts see it.

    `imports` and the `names` that they bind grow during the first walk, and `literals` are the module-level
    names that hold strings at the statement that is walked. `bindings` and `classes` are those that an
    earlier walk found.

    Args:
        tree: of the file.
        text: its source.
        facts: what is known of the file so far; its name at least.
    """

    def __init__(self, tree: ast.Module, text: str, facts: Facts) -> None:
        self.tree = tree
        self.text = text
        self.module = facts.module
        self.is_package = facts.is_package
        self.package = package_of(facts)
        self.imports: list[Import] = []
        self.names = Names()
        self.add(facts.imports)
        self.bindings = facts.bindings
        self.classes = frozenset(item.name for item in facts.classes)
        self.literals: dict[str, tuple[str, ...]] = {}

    @cached_property
    def postpones_annotations(self) -> bool:
        """Whether `from __future__ import annotations` keeps annotations from being evaluated."""
        futures = (n for n in self.tree.body if isinstance(n, ast.ImportFrom) and n.module == "__future__")
        return any(alias.name == "annotations" for node in futures for alias in node.names)

    @cached_property
    def bound(self) -> frozenset[str]:
        """The names at module level, imported ones aside."""
        return frozenset(item.name for item in self.bindings)

    @cached_property
    def modules(self) -> frozenset[str]:
        """The imported names that are certainly modules."""
        return frozenset(item.bound for item in self.imports if not item.names)

    @cached_property
    def spelled(self) -> frozenset[str]:
        """The identifiers in the code, keywords of calls included."""
        return frozenset(name for node in walk(self.tree) if (name := _identifier(node)))

    @cached_property
    def strings(self) -> frozenset[str]:
        """The strings in the code, those aside that are statements, as docstrings are."""
        nodes = every(self.tree)
        idle = {node.value for node in nodes if isinstance(node, ast.Expr)}
        constants = (node for node in nodes if isinstance(node, ast.Constant) and node not in idle)
        return frozenset(node.value for node in constants if isinstance(node.value, str))

    def add(self, imports: Iterable[Import]) -> None:
        """Take in more imports."""
        found = list(imports)
        self.imports += found
        self.names.add(found)

    def full(self, name: str) -> str:
        """The absolute dotted name behind a name that an import binds; else the name."""
        return self.names.full(name)

    def last(self, node: ast.expr) -> str:
        """The last part of what a name or an attribute stands for, whatever an import calls it; else ''."""
        return self.names.last(node.id) if isinstance(node, ast.Name) else last_name(node)


def _identifier(node: ast.AST) -> str:
    match node:
        case ast.Name(id=name) | ast.Attribute(attr=name) | ast.keyword(arg=str(name)):
            return name
        case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
            return name
        case _:
            return ""


class Kind:
    """One kind of fact in one file.

    `field` is where the facts of a module keep what it has `found`; `nodes` are the types of nodes that it
    wants. A file whose text has none of the `words` has no such fact; without words every file is looked at.
    `functions` are the names of the functions whose bodies it wants, None for all of them; without `methods`
    it wants none of those in classes. With `sees_annotations` it wants those annotations too that nothing
    evaluates.

    Args:
        file: to look at.
    """

    field: ClassVar[str]
    nodes: ClassVar[tuple[type[ast.AST], ...]]
    words: ClassVar[tuple[str, ...]] = ()
    functions: ClassVar[frozenset[str] | None] = None
    methods: ClassVar[bool] = True
    sees_annotations: ClassVar[bool] = False

    def __init__(self, file: File) -> None:
        self.file = file
        self.found: list[Any] = []

    @classmethod
    def applies(cls, file: File) -> bool:
        """Whether a file may have such facts."""
        return not cls.words or any(word in file.text for word in cls.words)

    def visit(self, node: Any, site: Site, parent: ast.AST) -> None:
        """Look at one node.

        Args:
            node: of one of the wanted types.
            site: where it stands.
            parent: the node around it.
        """
        raise NotImplementedError

    def facts(self) -> tuple[Any, ...]:
        """What was found, once the file has been walked."""
        return tuple(self.found)


AT_IMPORT: frozenset[str] = frozenset()
"""The `functions` of a kind that looks only at what importing the file evaluates, and at class bodies."""


def wanted(kinds: Sequence[type[Kind]], file: File) -> list[Kind]:
    """The kinds of which a file may have facts, each with the file."""
    return [kind(file) for kind in kinds if kind.applies(file)]
