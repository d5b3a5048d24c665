"""Uses of a module's attributes, `o3.Irreps`, rewritten to names that are imported one by one."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable

from nequip_lint.editing.base import Declined
from nequip_lint.fixes.narrow import Definition, Packages
from nequip_lint.fixes.places import Scope, identifiers, parents
from nequip_lint.fixes.scopes import Use, uses_of
from nequip_lint.fixes.source import Source, Splices


class Attributes:
    """The names that a file takes from one module, where only attributes of it are used.

    Args:
        source: the file.
        prefix: how the module is written in it: `o3`, or `e3nn.o3`.
        scope: in which the import binds the first part of that.
        statements: the imports that bind it.
    """

    def __init__(self, source: Source, prefix: str, scope: Scope, statements: Iterable[ast.stmt]) -> None:
        self._source = source
        self._prefix = prefix
        self._head, *self._rest = prefix.split(".")
        self._parents = parents(source.tree)
        self.uses = uses_of(scope, self._head, statements)
        self.nodes: dict[ast.Attribute, str] = {}
        self.strings: list[ast.Constant] = []
        self.others: list[Use] = []
        for use in self.uses:
            self._read(use)

    @property
    def names(self) -> list[str]:
        """The attributes in use, in the order of the file."""
        quoted = [name for item in self.strings for name in self._pattern.findall(str(item.value))]
        return list(dict.fromkeys([*self.nodes.values(), *quoted]))

    @property
    def _pattern(self) -> re.Pattern[str]:
        return re.compile(rf"\b{re.escape(self._prefix)}\.(\w+)")

    def _read(self, use: Use) -> None:
        """Sort a use: an attribute of the module, a string with such, or something else.

        Raises:
            Declined: the name is bound in another way, or the module is more than read from.
        """
        if use.role == "bound":
            raise Declined(f"{self._head} is bound in another way too (line {use.node.lineno})")
        if isinstance(use.node, ast.Constant):
            if len(self._pattern.findall(str(use.node.value))) < str(use.node.value).count(self._head):
                raise Declined(f"the annotation on line {use.node.lineno} uses {self._head} in another way")
            self.strings.append(use.node)
            return
        node: ast.AST = use.node
        for part in self._rest:
            node = self._parents[node]
            if not (isinstance(node, ast.Attribute) and node.attr == part):
                self.others.append(use)
                return
        attribute = self._parents[node]
        if not (isinstance(attribute, ast.Attribute) and isinstance(attribute.ctx, ast.Load)):
            raise Declined(f"{self._prefix} itself is used on line {use.node.lineno}, not a name in it")
        self.nodes[attribute] = attribute.attr

    def rewrite(self, splices: Splices, local: dict[str, str]) -> None:
        """Put plain names in place of the attributes."""
        for node, name in self.nodes.items():
            splices.replace_node(node, local[name])
        for item in self.strings:
            code = splices.code(item)
            splices.replace_node(item, self._pattern.sub(lambda match: local[match[1]], code))

    def local_names(self, module: str, packages: Packages) -> dict[str, tuple[str, Definition]]:
        """For each attribute the name to give it in this file, and where it is defined.

        Raises:
            Declined: where one is defined cannot be told.
        """
        taken = identifiers(self._source.tree)
        found: dict[str, tuple[str, Definition]] = {}
        for name in self.names:
            local = name if name not in taken else f"{self._prefix.replace('.', '_')}_{name}"
            if local in taken:
                raise Declined(f"the names {name} and {local} are both taken in this file")
            found[name] = local, packages.definition(f"{module}.{name}")
        return found
