"""Statements that only call something when a module is imported, and what ends that import."""

from __future__ import annotations

import ast

from nequip_lint.facts.conditions import condition_of, dotted
from nequip_lint.facts.kind import AT_IMPORT, File, Kind
from nequip_lint.facts.site import Site
from nequip_lint.facts.strings import literal_arguments
from nequip_lint.facts.values import Call, Stop, negated
from nequip_lint.source.positions import span_of

REGISTER = "register_libraries_as_external_for_packaging"
_EXITS = ("sys.exit", "exit", "quit", "os._exit")


class Calls(Kind):
    """The statements at import that only call something."""

    field = "calls"
    nodes = (ast.Expr,)
    functions = AT_IMPORT

    def visit(self, node: ast.Expr, site: Site, parent: ast.AST) -> None:
        """Keep a call."""
        name = dotted(node.value.func) if isinstance(node.value, ast.Call) else ""
        if isinstance(node.value, ast.Call) and name and self.file.full(name) not in _EXITS:
            self.found.append(_call(node.value, name, site, self.file))


class Registrars(Kind):
    """The registrations that a function makes when somebody calls it, each with the function."""

    field = "deferred"
    nodes = (ast.Expr,)
    words = (REGISTER,)

    def visit(self, node: ast.Expr, site: Site, parent: ast.AST) -> None:
        """Keep a call of nequip's registration function."""
        name = dotted(node.value.func) if isinstance(node.value, ast.Call) else ""
        if isinstance(node.value, ast.Call) and site.function and self.file.names.last(name) == REGISTER:
            function = "<nested>" if site.is_inner else site.function
            self.found.append((function, _call(node.value, name, site, self.file)))


def _call(node: ast.Call, name: str, site: Site, file: File) -> Call:
    return Call(name, span_of(node), literal_arguments(node, file.literals), site.place)


class Stops(Kind):
    """The `raise`, `assert` and exits that end an import where their tests hold."""

    field = "stops"
    nodes = (ast.Raise, ast.Assert, ast.Call)
    functions = AT_IMPORT

    def visit(self, node: ast.Raise | ast.Assert | ast.Call, site: Site, parent: ast.AST) -> None:
        """Keep what may end the import."""
        match node:
            case ast.Raise(exc=ast.expr()):
                self._keep(node, site, _raised(node))
            case ast.Assert():
                self._keep(
                    node, site.under(negated(condition_of(node.test, self.file.names))), "AssertionError"
                )
            case ast.Call() if site.place.at_import and self.file.full(dotted(node.func)) in _EXITS:
                self.found.append(Stop(span_of(node), f"{dotted(node.func)}()", site.place, "SystemExit"))

    def _keep(self, node: ast.Raise | ast.Assert, site: Site, exception: str) -> None:
        is_assert = isinstance(node, ast.Assert)
        self.found.append(Stop(span_of(node), ast.unparse(node), site.place, exception, is_assert))


def _raised(node: ast.Raise) -> str:
    """The name of the exception that is raised; '' where it is computed."""
    raised = node.exc.func if isinstance(node.exc, ast.Call) else node.exc
    return dotted(raised).rpartition(".")[2] if raised is not None else ""
