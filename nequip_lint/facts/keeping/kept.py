"""What objects keep and functions give back, as far as it cannot be pickled or changes when it is."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from nequip_lint.facts.details.kept import Kept
from nequip_lint.facts.keeping.keeping import RESULT
from nequip_lint.facts.keeping.kept_calls import of_calls
from nequip_lint.facts.keeping.kept_fields import of_field
from nequip_lint.facts.keeping.kept_in_classes import of_classes
from nequip_lint.facts.keeping.kept_values import BY_METHOD, lasting, of_statement
from nequip_lint.facts.keeping.notes import Notes
from nequip_lint.facts.kind import File, Kind
from nequip_lint.facts.objects.decorated import of_decorators
from nequip_lint.facts.objects.makers import is_generator
from nequip_lint.facts.objects.named_values import of_defaults, of_function, of_names
from nequip_lint.facts.objects.surroundings import Module, Surroundings
from nequip_lint.facts.site import Scope, Site
from nequip_lint.facts.terms import spot_of

_STAYS_GENERATOR = ("staticmethod", "classmethod")


class KeptAttributes(Kind):
    """Every such attribute that a function sets and nothing in the file deletes, and every such result."""

    field = "kept"
    nodes = (
        *(ast.Assign, ast.AnnAssign, ast.AugAssign, ast.Expr, ast.Return, ast.Delete, ast.Compare),
        *(ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef),
    )

    def __init__(self, file: File) -> None:
        super().__init__(file)
        self._notes = Notes(file)

    def visit(self, node: ast.AST, site: Site, parent: ast.AST) -> None:
        """Note what is needed to judge the values once the file has been walked."""
        self._notes.add(node, site)

    def facts(self) -> tuple[Kept, ...]:
        """What methods and functions keep and give back."""
        module = self._notes.module()
        found = (
            *_of_statements(self._notes, module),
            *_of_functions(self._notes, module),
            *of_decorators(self._notes.defined, module),
        )
        return (*found, *of_classes(module), *of_names(module), *_generators(self._notes))


def _of_statements(notes: Notes, module: Module) -> Iterator[Kept]:
    later = lasting(notes)
    for noted in notes.statements:
        known = Surroundings(noted.scope, module)
        yield from of_statement(noted, known, later)
        yield from of_calls(noted.node, noted.site, known)
    for noted in notes.fields:
        yield from of_field(noted, Surroundings(noted.scope, module))


def _of_functions(notes: Notes, module: Module) -> Iterator[Kept]:
    """What arguments stand for by default, and what functions do with tables."""
    for function, site in notes.functions:
        known = Surroundings(site.outermost or Scope(function, None), module)
        for name, value, held in of_defaults(function, known):
            yield Kept(spot_of(value, site), "default", *held[:2], name, held.given)
        yield from of_function(function, known, spot_of(function, site))


def _generators(notes: Notes) -> Iterator[Kept]:
    for node, site in notes.functions if "yield" in notes.file.text else ():
        name = BY_METHOD if site.owner else RESULT
        decorators = {notes.file.last(item) for item in node.decorator_list} - {*_STAYS_GENERATOR}
        if is_generator(node) and decorators <= {"contextmanager"}:
            what = "a generator" if not decorators else "a context manager, which holds a generator"
            yield Kept(spot_of(node, site), name, "native", what)
