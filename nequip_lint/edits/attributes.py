"""Uses of a module's attributes, `o3.Irreps`, rewritten to names that are imported one by one."""

from __future__ import annotations

import re
from collections.abc import Iterable

import libcst as cst

from nequip_lint.edits.changes import TreeEdits
from nequip_lint.edits.declined import Declined
from nequip_lint.edits.narrow import Definition, Packages
from nequip_lint.edits.uses import Scopes, Use


class Attributes:
    """The names that a file takes from one module, where only attributes of it are used.

    Args:
        scopes: of the file.
        prefix: how the module is written in it: `o3`, or `e3nn.o3`.
        uses: of the first part of that.

    Raises:
        Declined: the name is bound in another way, or the module is more than read from.
    """

    def __init__(self, scopes: Scopes, prefix: str, uses: Iterable[Use]) -> None:
        self._scopes = scopes
        self._source = scopes.source
        self._prefix = prefix
        self._head, *self._rest = prefix.split(".")
        self._pattern = re.compile(rf"\b{re.escape(prefix)}\.(\w+)")
        self.nodes: dict[cst.Attribute, str] = {}
        self.strings: list[cst.SimpleString] = []
        self.others: list[cst.CSTNode] = []
        for use in uses:
            self._read(use)

    @property
    def names(self) -> list[str]:
        """The attributes in use."""
        quoted = [name for item in self.strings for name in self._pattern.findall(item.value)]
        return list(dict.fromkeys([*self.nodes.values(), *quoted]))

    def _read(self, use: Use) -> None:
        """Sort a use: an attribute of the module, a string with such, or something else."""
        if use.role == "bound":
            raise Declined(f"{self._head} is bound in another way too ({self._line(use.node)})")
        if use.role == "quoted":
            self._read_string(use.node)
            return
        node, parents = use.node, self._source.parents
        for part in self._rest:
            node = parents[node]
            if not (isinstance(node, cst.Attribute) and node.attr.value == part):
                self.others.append(use.node)
                return
        attribute = parents[node]
        if not (isinstance(attribute, cst.Attribute) and self._scopes.is_read(attribute)):
            raise Declined(f"{self._prefix} itself is used on {self._line(use.node)}, not a name in it")
        self.nodes[attribute] = attribute.attr.value

    def _read_string(self, node: cst.CSTNode) -> None:
        text = node.value if isinstance(node, cst.SimpleString) else ""
        if len(self._pattern.findall(text)) < max(text.count(self._head), 1):
            raise Declined(f"the annotation on {self._line(node)} uses {self._head} in another way")
        assert isinstance(node, cst.SimpleString), "the text of another node is empty"
        self.strings.append(node)

    def _line(self, node: cst.CSTNode) -> str:
        return f"line {self._source.line_of(node)}"

    def rewrite(self, edits: TreeEdits, local: dict[str, str]) -> None:
        """Put plain names in place of the attributes."""
        for node, name in self.nodes.items():
            edits.replace(node, cst.Name(local[name], node.lpar, node.rpar))
        for item in self.strings:
            text = self._pattern.sub(lambda match: local[match[1]], item.value)
            edits.replace(item, item.with_changes(value=text))

    def local_names(self, module: str, packages: Packages) -> dict[str, tuple[str, Definition]]:
        """For each attribute the name to give it in this file, and where it is defined.

        Raises:
            Declined: where one is defined cannot be told.
        """
        taken = self._source.identifiers
        found: dict[str, tuple[str, Definition]] = {}
        for name in self.names:
            local = name if name not in taken else f"{self._prefix.replace('.', '_')}_{name}"
            if local in taken:
                raise Declined(f"the names {name} and {local} are both taken in this file")
            found[name] = local, packages.definition(f"{module}.{name}")
        return found
