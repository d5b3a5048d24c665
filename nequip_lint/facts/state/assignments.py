"""What outlives the statement that sets it: attributes, globals, and what containers hold."""

from __future__ import annotations

import ast

from nequip_lint.facts.conditions import dotted
from nequip_lint.facts.conduct.changing import (
    CHANGING,
    attribute_set,
    in_dict,
    key_of,
    module_of,
    of_class,
    of_result,
    owner_of,
    sets_computed,
)
from nequip_lint.facts.details.state import DEFAULT, Assigned
from nequip_lint.facts.kind import File, Kind
from nequip_lint.facts.names import looks_like_class
from nequip_lint.facts.site import Function, Scope, Site
from nequip_lint.facts.terms import spot_of
from nequip_lint.facts.variables import literal
from nequip_lint.source.nodes import walk

_Assignment = ast.Assign | ast.AnnAssign | ast.AugAssign | ast.Delete


class Assignments(Kind):
    """What is set at import on something imported, and in functions on whatever outlives them.

    A function that keeps the old value in a local name puts it back.
    """

    field = "assigned"
    nodes = (
        *(ast.Assign, ast.AnnAssign, ast.AugAssign, ast.Delete, ast.Global, ast.Call),
        *(ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef),
    )

    def __init__(self, file: File) -> None:
        super().__init__(file)
        self._lasting = file.bound | file.names.keys()
        self._declared: set[tuple[Scope | None, str]] = set()

    def visit(self, node: ast.stmt | ast.expr, site: Site, parent: ast.AST) -> None:
        """Keep the targets that outlive the statement; note the names that are declared `global`."""
        if isinstance(node, ast.Global):
            self._declared.update((site.outermost, name) for name in node.names)
        elif isinstance(node, ast.Call):
            self._called(node, site)
        elif isinstance(node, Function | ast.ClassDef):
            for item in node.decorator_list:
                if isinstance(item, ast.Attribute) and item.attr == "register":
                    fact = Assigned(spot_of(item, site), "", True, item.attr, node.name, about=_type_of(node))
                    self._keep(item.value, site, fact)
        elif isinstance(node, _Assignment) and getattr(node, "value", node) is not None:
            is_grown = isinstance(node, ast.AugAssign) and not site.function
            for target in _targets(node):
                if isinstance(target, ast.Name) and not is_grown and not self._is_declared(target.id, site):
                    continue
                attribute = in_dict(target)
                owner = attribute or owner_of(target, self.file.names)
                is_item = (attribute is None and owner is not target) or (owner is target and is_grown)
                given = literal(node.value) if isinstance(node, ast.Assign) else None
                value = given if isinstance(given, str) else ""
                about = dotted(target.slice) if isinstance(target, ast.Subscript) else ""
                fact = Assigned(spot_of(target, site), "", is_item, "", key_of(target), value, about)
                self._keep(owner, site, fact)

    def _is_declared(self, name: str, site: Site) -> bool:
        return (site.outermost, name) in self._declared

    def _called(self, node: ast.Call, site: Site) -> None:
        """Keep an object on which a method that changes it is called, and what `setattr` sets."""
        attribute = attribute_set(node)
        if attribute is not None:
            self._keep(attribute, site, Assigned(spot_of(node, site), ""))
        elif sets_computed(node):
            self._keep(node.args[0], site, Assigned(spot_of(node, site), "", True, "setattr"))
        elif (
            isinstance(node.func, ast.Attribute)
            and node.func.attr in CHANGING
            and dotted(node.func.value) not in self.file.modules
        ):
            given = literal(node.args[1]) if len(node.args) > 1 else None
            value = given if isinstance(given, str) else ""
            about = dotted(node.args[0]) if node.args else ""
            fact = Assigned(spot_of(node, site), "", True, node.func.attr, key_of(node), value, about)
            self._keep(owner_of(node.func.value, self.file.names), site, fact)

    def _keep(self, owner: ast.expr, site: Site, fact: Assigned) -> None:
        """Keep a fact about an object, if that outlives the statement."""
        absolute = module_of(owner, self.file, fact.key)
        if absolute:
            self.found.append(fact._replace(name=absolute, is_item=False))
            return
        name = of_class(owner) or dotted(owner) or of_result(owner)
        is_part = fact.is_item or "." in name
        if name.startswith("self.") and fact.is_item and site.owner:
            self.found.append(fact._replace(name=name))
        elif name and self._outlives(name, is_part, site):
            function, call, rest = name.partition("()")
            self.found.append(fact._replace(name=f"{self.file.full(function)}{call}{rest}"))
        elif is_part and (given := _of_argument(name, site) or self._of_local(name, site)):
            about = DEFAULT if given.startswith("@") and _has_default(given, site) else fact.about
            self.found.append(fact._replace(name=given, about=about))

    def _outlives(self, name: str, is_part: bool, site: Site) -> bool:
        head = name.partition(".")[0].removesuffix("()")
        scope = site.outermost
        if scope is None:
            return is_part and head in self.file.names
        is_global = self._is_declared(head, site)
        if head == "cls" and not site.owner:
            return False
        if not is_global and not (is_part and (head == "cls" or head in self._lasting)):
            return False
        return not scope.saves(name) and (is_global or head == "cls" or not scope.assigns(head))

    def _of_local(self, name: str, site: Site) -> str:
        """The name behind what a local name is, as `function()` and `Class().name`; '' for anything else."""
        head, dot, rest = name.partition(".")
        values = site.outermost.values.get(head, ()) if site.outermost is not None else ()
        made = of_result(values[0])[:-2] if len(values) == 1 and isinstance(values[0], ast.Call) else ""
        if site.outermost is None or made.partition(".")[0] not in self._lasting:
            return ""
        if not looks_like_class(self.file.full(made)):
            return f"{self.file.full(made)}(){dot}{rest}"
        if not rest:
            return ""
        attribute = f"{head}.{rest.partition('.')[0]}"
        stored = (item for item in walk(site.outermost.node) if isinstance(item, ast.Attribute))
        is_own = any(isinstance(item.ctx, ast.Store) and dotted(item) == attribute for item in stored)
        return "" if is_own else f"{self.file.full(made)}().{rest}"


def _has_default(given: str, site: Site) -> bool:
    """Whether an argument is by default a container, the same one in all calls."""
    assert site.outermost is not None and not isinstance(site.outermost.node, ast.ClassDef), "has arguments"
    arguments = site.outermost.node.args
    every = [*arguments.posonlyargs, *arguments.args]
    index = int(given[1:].partition(".")[0]) + bool(site.owner) - (len(every) - len(arguments.defaults))
    default = arguments.defaults[index] if 0 <= index < len(arguments.defaults) else None
    return isinstance(default, ast.Dict | ast.List | ast.Set)


def _type_of(node: Function | ast.ClassDef) -> str:
    """The class that `@register` is about: that of the first argument of a function."""
    given = [] if isinstance(node, ast.ClassDef) else [*node.args.posonlyargs, *node.args.args][:1]
    return dotted(given[0].annotation) if given and given[0].annotation is not None else ""


def _of_argument(name: str, site: Site) -> str:
    """The name behind an argument of the function, as `@0.name`; '' for anything else."""
    head, dot, rest = name.partition(".")
    scope = site.outermost
    if scope is None or isinstance(scope.node, ast.ClassDef) or head in scope.values:
        return ""
    every = [item.arg for item in (*scope.node.args.posonlyargs, *scope.node.args.args)]
    names = every[1:] if site.owner else every
    return f"@{names.index(head)}{dot}{rest}" if head in names else ""


def _targets(node: _Assignment) -> list[ast.expr]:
    if isinstance(node, ast.Assign | ast.Delete):
        every = node.targets
        parts = (item.elts if isinstance(item, ast.Tuple | ast.List) else [item] for item in every)
        return [item for items in parts for item in items]
    return [node.target]
