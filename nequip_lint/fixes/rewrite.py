"""One import rewritten: each name that it brings is imported from the module that defines it."""

from __future__ import annotations

import ast

from nequip_lint.editing.base import Declined
from nequip_lint.fixes.attributes import Attributes
from nequip_lint.fixes.elsewhere import check_not_promised, is_read_as_attribute, takers
from nequip_lint.fixes.narrow import Definition, Packages, imports_of
from nequip_lint.fixes.places import Scope, import_at
from nequip_lint.fixes.source import Source, Splices, source_of
from nequip_lint.fixes.star import taken_from
from nequip_lint.fixes.statements import Statement, bound_by, check_alone, comment_behind, fills, without
from nequip_lint.project.assemble import Assembled
from nequip_lint.project.model import Project
from nequip_lint.values import Edit, Fix

_Names = list[tuple[str, Definition]]


class Rewrite:
    """Collects what becomes of each name of one import.

    Args:
        assembled: the project.
        source: the file.
        scope: in which the import binds names.
        before: the modules that hand on to this one what it imports.
    """

    def __init__(
        self, assembled: Assembled, source: Source, scope: Scope, before: tuple[str, ...] = ()
    ) -> None:
        self.assembled = assembled
        self.project: Project = assembled.project
        self.before = before
        self.elsewhere: tuple[Edit, ...] = ()
        self.packages = Packages(assembled)
        self.source = source
        self.scope = scope
        self.splices = Splices(source)
        self.dropped: list[ast.alias] = []
        self.names: _Names = []
        self.is_safe = True

    def take(self, statement: Statement, alias: ast.alias) -> None:
        """Decide on one name of the import.

        Raises:
            Declined: nothing cleaner stands for it.
        """
        base = self._module(statement)
        name = alias.name if base is None else f"{base}.{alias.name}"
        bound = bound_by(alias, statement)
        if self.packages.is_light(name):
            return
        self.dropped.append(alias)
        if self.packages.is_module(name):
            self.take_module(statement, alias, name, bound)
        else:
            self.names.append((bound, self.packages.definition(name)))

    def take_star(self, statement: Statement, alias: ast.alias) -> None:
        """Name what a star import is used for; unsafe, since names may be read by their text.

        Raises:
            Declined: it cannot be told what it is used for.
        """
        module = self._module(statement) or ""
        self.dropped.append(alias)
        self.is_safe = False
        self.names += taken_from(self.project, self.source, module, self.packages)

    def _module(self, statement: Statement) -> str | None:
        """The absolute module of a `from` import, None for a plain one."""
        if isinstance(statement, ast.Import):
            return None
        places = (statement.lineno, statement.col_offset + 1)
        items = (item for item in self.source.facts.imports if item.span[:2] == places)
        return next((item.module for item in items if item.module), None)

    def take_module(self, statement: Statement, alias: ast.alias, module: str, bound: str) -> None:
        """Replace the uses of a module by names from it."""
        is_plain = isinstance(statement, ast.Import) and alias.asname is None
        attributes = Attributes(
            self.source, module if is_plain else bound, self.scope, self._binding(statement, bound, is_plain)
        )
        if attributes.others and len(self._binding(statement, bound, is_plain)) == 1:
            line = attributes.others[0].node.lineno
            raise Declined(f"line {line} uses {bound} for something else than {module}")
        if isinstance(self.scope, ast.Module):
            self._follow(module, bound)
            self.is_safe &= not is_read_as_attribute(self.project, self.source.facts, bound)
        if not attributes.names:
            if self.source.facts.is_package and not self.elsewhere:
                raise Declined(
                    f"{self.source.facts.module} does not use {bound}; other code may take it from there"
                )
            self.is_safe = False
        found = attributes.local_names(module, self.packages)
        attributes.rewrite(self.splices, {name: local for name, (local, _) in found.items()})
        self.names += found.values()

    def _follow(self, module: str, bound: str) -> None:
        """Let the other files that take the module from here import for themselves what they use of it.

        Raises:
            Declined: that cannot be told of one of them.
        """
        facts = self.source.facts
        check_not_promised(facts, bound)
        for other, item in takers(self.project, facts, bound):
            if other.module in self.before or any(edit.path == other.path for edit in self.elsewhere):
                raise Declined(f"{other.module} imports {bound} from {facts.module} in more than one way")
            source = source_of(self.project, other.path)
            statement, scope = import_at(source, item.span)
            alias = next((alias for alias in statement.names if alias.name == bound), None)
            if alias is None:
                raise Declined(f"{other.module} imports * from {facts.module}, which has {bound}")
            rewrite = Rewrite(self.assembled, source, scope, (*self.before, facts.module))
            rewrite.dropped.append(alias)
            rewrite.take_module(statement, alias, module, bound_by(alias, statement))
            self.elsewhere += rewrite.fix(statement).edits
            self.is_safe = False

    def _binding(self, statement: Statement, bound: str, is_plain: bool) -> list[Statement]:
        """The statements that bind a name: of plain imports of one package there may be several."""
        if not is_plain:
            return [statement]
        return [
            node
            for node in ast.walk(self.scope)
            if isinstance(node, ast.Import) and any(bound_by(alias, node) == bound for alias in node.names)
        ]

    def fix(self, statement: Statement) -> Fix:
        """The whole change."""
        check_alone(self.source, statement)
        first, last = statement.lineno, (statement.end_lineno or statement.lineno) + 1
        margin = self.source.lines[first - 1][: statement.col_offset]
        comment = comment_behind(self.source, statement)
        kept = ""
        if len(self.dropped) < len(statement.names):
            kept, comment = without(self.source, statement, self.dropped), ""
        lines = imports_of(self.names)
        text = "".join(f"{margin}{line}{'' if number else comment}\n" for number, line in enumerate(lines))
        self.splices.replace_lines(first, last, kept + text or fills(self.source, statement))
        return Fix(self.is_safe, (*self.splices.edits(), *self.elsewhere))
