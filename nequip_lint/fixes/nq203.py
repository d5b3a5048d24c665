"""Fix of NQ203: names are imported from the modules that define them."""

from __future__ import annotations

import libcst as cst
from libcst import matchers
from libcst.helpers import get_absolute_module_from_package_for_import

from nequip_lint.edits.attributes import Attributes
from nequip_lint.edits.changes import TreeEdits
from nequip_lint.edits.context import Context, check_not_promised
from nequip_lint.edits.declined import Declined
from nequip_lint.edits.imports import bound_by, drop, import_at, line_around, names_of, new_line, without
from nequip_lint.edits.narrow import Definition, imports_of
from nequip_lint.edits.source import Source
from nequip_lint.edits.star import taken_from
from nequip_lint.edits.uses import Import, is_module
from nequip_lint.facts.names import package_of
from nequip_lint.facts.values import Facts
from nequip_lint.fixes.base import fixer
from nequip_lint.values import Edit, Finding, Fix

_COMMENT = matchers.Comment()


@fixer("NQ203")
def import_from_where_defined(context: Context, finding: Finding) -> Fix:
    """Replace the import, and every use of it; safe unless the module's own names may be read elsewhere."""
    source = context.source(finding.path)
    rewrite = Rewrite(context, source, import_at(source, finding.span))
    rewrite.take_all()
    return rewrite.fix()


class Rewrite:
    """One import rewritten: each name that it brings is imported from the module that defines it.

    Args:
        context: the project.
        source: the file.
        statement: the import.
        before: the modules that hand on to this one what it imports.
    """

    def __init__(
        self, context: Context, source: Source, statement: Import, before: tuple[str, ...] = ()
    ) -> None:
        self.context = context
        self.source = source
        self.statement = statement
        self.before = before
        self.facts: Facts = context.facts(source.path)
        self.edits = TreeEdits(source)
        self.elsewhere: tuple[Edit, ...] = ()
        self.dropped: list[cst.ImportAlias] = []
        self.names: list[tuple[str, Definition]] = []
        self.is_safe = True

    def take_all(self) -> None:
        """Decide on every name of the import.

        Raises:
            Declined: nothing cleaner stands for one of them.
        """
        if isinstance(self.statement.names, cst.ImportStar):
            self.is_safe = False  # names may be read by their text
            self.names += taken_from(self.context, self.source, self._module() or "")
        for alias in names_of(self.statement):
            self._take(alias)

    def _take(self, alias: cst.ImportAlias) -> None:
        base, packages = self._module(), self.context.packages
        name = alias.evaluated_name if base is None else f"{base}.{alias.evaluated_name}"
        is_module = packages.is_module(name)
        if packages.is_light(name) or (base is None and not is_module):
            return
        self.dropped.append(alias)
        if is_module:
            self.take_module(alias, name)
        else:
            self.names.append((bound_by(alias, self.statement), packages.definition(name)))

    def _module(self) -> str | None:
        """The absolute module of a `from` import, None for a plain one."""
        if isinstance(self.statement, cst.Import):
            return None
        return get_absolute_module_from_package_for_import(package_of(self.facts), self.statement)

    def take_module(self, alias: cst.ImportAlias, module: str) -> None:
        """Replace the uses of a module by names from it."""
        bound = bound_by(alias, self.statement)
        is_plain = isinstance(self.statement, cst.Import) and alias.asname is None
        scopes = self.context.scopes(self.source, {bound})
        scope = scopes.around(self.statement)
        binding = scopes.imports_of(scope, bound) if is_plain else [self.statement]
        attributes = Attributes(scopes, module if is_plain else bound, scopes.uses(scope, bound, binding))
        if attributes.others and len(binding) == 1:
            line = self.source.line_of(attributes.others[0])
            raise Declined(f"line {line} uses {bound} for something else than {module}")
        if is_module(scope):
            self._follow(module, bound)
            self.is_safe &= bound not in self.context.attributes_read(self.facts)
        if not attributes.names:
            self._check_unused(bound)
        found = attributes.local_names(module, self.context.packages)
        attributes.rewrite(self.edits, {name: local for name, (local, _) in found.items()})
        self.names += found.values()

    def _check_unused(self, bound: str) -> None:
        """An import that nothing reads goes, but not safely, and not where other code may take it."""
        if self.facts.is_package and not self.elsewhere:
            module = self.facts.module
            raise Declined(f"{module} does not use {bound}; other code may take it from there")
        self.is_safe = False

    def _follow(self, module: str, bound: str) -> None:
        """Let the other files that take the module from here import for themselves what they use of it.

        Raises:
            Declined: that cannot be told of one of them.
        """
        check_not_promised(self.facts, bound)
        for other, item in self.context.takers(self.facts, bound):
            home = self.facts.module
            if other.module in self.before or any(edit.path == other.path for edit in self.elsewhere):
                raise Declined(f"{other.module} imports {bound} from {home} in more than one way")
            source = self.context.source(other.path)
            statement = import_at(source, item.span)
            alias = next((alias for alias in names_of(statement) if alias.evaluated_name == bound), None)
            if alias is None:
                raise Declined(f"{other.module} imports * from {home}, which has {bound}")
            rewrite = Rewrite(self.context, source, statement, (*self.before, home))
            rewrite.dropped.append(alias)
            rewrite.take_module(alias, module)
            self.elsewhere += rewrite.fix().edits
            self.is_safe = False

    def _lines(
        self, line: cst.SimpleStatementLine, texts: list[str], *, is_whole: bool
    ) -> list[cst.SimpleStatementLine]:
        """What stands in place of the import; comments between its names go above that."""
        if not is_whole:
            return [line.with_changes(body=[without(self.statement, self.dropped)]), *map(new_line, texts)]
        found = matchers.findall(self.statement, _COMMENT)
        comments = [cst.EmptyLine(comment=cst.ensure_type(item, cst.Comment)) for item in found]
        first = new_line(texts[0], line.trailing_whitespace)
        first = first.with_changes(leading_lines=[*line.leading_lines, *comments])
        return [first, *map(new_line, texts[1:])]

    def fix(self) -> Fix:
        """The whole change."""
        line = line_around(self.source, self.statement)
        texts = imports_of(self.names)
        is_whole = len(self.dropped) == len(names_of(self.statement))
        if not texts:
            drop(self.edits, self.statement, self.dropped)
        else:
            self.edits.replace(line, cst.FlattenSentinel(self._lines(line, texts, is_whole=is_whole)))
        summary = "; ".join(texts) or f"without {self.source.code(self.statement)}"
        return Fix(self.is_safe, (*self.edits.edits(), *self.elsewhere), summary)
