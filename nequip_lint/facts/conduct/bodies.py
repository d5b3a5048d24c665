"""What the code of a module and of its functions does: the facts from which is told when it runs."""

from __future__ import annotations

import ast
import re
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

from nequip_lint.facts.conditions import dotted
from nequip_lint.facts.conduct.changing import CHANGING, FILLING, key_of, owner_of
from nequip_lint.facts.conduct.fallbacks import instead_of, made_before
from nequip_lint.facts.details.bodies import SCRIPT, Body, Called
from nequip_lint.facts.kind import AT_IMPORT, File, Kind
from nequip_lint.facts.names import Names, looks_like_class
from nequip_lint.facts.numbers import is_of_numbers
from nequip_lint.facts.site import Function, Site
from nequip_lint.facts.wording.comparisons import finds_logger
from nequip_lint.facts.wording.own_texts import own_text
from nequip_lint.source.nodes import walk
from nequip_lint.source.positions import span_of
from nequip_lint.values import Span

_MODULE = Span(1, 1, 1, 1)
_WORD = re.compile(r"[\w.:/+-]{1,60}")


class _Doing:
    """What some code does, as far as it has been walked."""

    def __init__(self, names: Names, owner: str = "", name: str = "", span: Span = _MODULE) -> None:
        self._names = names
        self._head = (owner, name, span)
        self.decorators: tuple[str, ...] = ()
        self._reads: Counter[str] = Counter()
        self._filled: Counter[str] = Counter()
        self._instead: set[tuple[str, str]] = set()
        self._stores: set[str] = set()
        self._items: set[str] = set()
        self._changes: set[str] = set()
        self._texts: set[str] = set()
        self._calls: list[Called] = []
        self._gives = False
        self._results: set[str] = set()

    def name(self, node: ast.Name, site: Site) -> None:
        if node.ctx.__class__ is ast.Load:
            self._reads[node.id] += 1

    def attribute(self, node: ast.Attribute, site: Site) -> None:
        full = _shown(node)
        if node.ctx.__class__ is ast.Load:
            self._reads[full] += 1
        elif node.ctx.__class__ is ast.Store:
            self._stores.add(full)

    def subscript(self, node: ast.Subscript, site: Site) -> None:
        if not isinstance(node.ctx, ast.Load):
            owner = owner_of(node, self._names)
            self._items.add(_shown(owner))
            self._filled.update([_shown(node.value)] if node.value is owner else [])

    def declaration(self, node: ast.Global, site: Site) -> None:
        self._stores.update(node.names)

    def call(self, node: ast.Call, site: Site) -> None:
        self._reads.update(_asked(node))
        if isinstance(node.func, ast.Attribute) and node.func.attr in CHANGING:
            self._changes.add(_shown(owner_of(node.func.value, self._names)))
            is_filled = node.func.attr in FILLING and dotted(node.func.value)
            self._filled.update([_shown(node.func), _shown(node.func.value)] if is_filled else [])
        is_own = isinstance(node.func, ast.Call) and dotted(node.func.func) == "type"
        called = "cls" if is_own else dotted(node.func) or self._of_new(node.func)
        if called and not (called == "hash" and node.args and is_of_numbers(node.args[0], site.outermost)):
            given = [*node.args, *(item.value for item in node.keywords)]
            keywords = tuple(item.arg or "**" for item in node.keywords)
            real = self._names.full(called).startswith("torch.") and any(map(_is_real, given))
            first = dotted(node.args[0]) if node.args else ""
            text = first if first in ("__name__", "__package__") else key_of(node)
            arguments = tuple(map(_given, node.args))
            call = Called(called, span_of(node), text, keywords, real, arguments, _is_plain(site))
            self._calls.append(call)

    def _of_new(self, node: ast.expr) -> str:
        """`Class.method` for a method of an object that is made for the call; '' for anything else."""
        owner = node.value if isinstance(node, ast.Attribute) else None
        made = dotted(owner.func) if isinstance(owner, ast.Call) else ""
        is_new = isinstance(node, ast.Attribute) and looks_like_class(self._names.full(made))
        return f"{made}.{node.attr}" if is_new and isinstance(node, ast.Attribute) else ""

    def definition(self, node: Function | ast.ClassDef, site: Site) -> None:
        """A definition calls its decorators, and a class the `__init_subclass__` of its bases."""
        names = [(dotted(item), item) for item in node.decorator_list]
        if isinstance(node, ast.ClassDef):
            names += [(f"{dotted(item)}.__init_subclass__", item) for item in node.bases if dotted(item)]
            metas = [item.value for item in node.keywords if item.arg == "metaclass"]
            names += [(f"{dotted(item)}.{name}", item) for item in metas for name in ("__new__", "__init__")]
        self._calls += [
            Called(name, span_of(item), node.name, arguments=(node.name,), is_plain=_is_plain(site))
            for name, item in names
            if name
        ]

    def result(self, node: ast.Return | ast.Yield | ast.YieldFrom, site: Site) -> None:
        self._gives = self._gives or node.value is not None
        is_own = isinstance(node, ast.Return) and not site.is_inner
        self._results.update([dotted(node.value)] if is_own and node.value is not None else [])

    def choice(self, node: ast.BoolOp | ast.IfExp | ast.If, site: Site) -> None:
        self._instead.update(instead_of(node, site))

    def constant(self, node: ast.Constant, site: Site) -> None:
        if isinstance(node.value, str) and _WORD.fullmatch(node.value):
            self._texts.add(node.value)

    def text(self, text: str) -> None:
        self._texts.update([text] if text else [])

    def body(self) -> Body:
        """All of it."""
        reads, stores = frozenset(self._reads), frozenset(self._stores)
        items, changes = frozenset(self._items), frozenset(self._changes)
        calls, texts = tuple(self._calls), frozenset(self._texts)
        done = Body(*self._head, self.decorators, reads, stores, items, changes, calls, texts, self._gives)
        filled = frozenset(name for name, times in self._filled.items() if times == self._reads[name])
        once = ((argument, name) for argument, name in self._instead if self._reads[name] == 1)
        return done._replace(results=frozenset(self._results - {""}), filled=filled, instead=frozenset(once))


_DOINGS: dict[type[ast.AST], Callable[[_Doing, Any, Site], None]] = {
    ast.Name: _Doing.name,
    ast.Attribute: _Doing.attribute,
    ast.Subscript: _Doing.subscript,
    ast.Global: _Doing.declaration,
    ast.Call: _Doing.call,
    ast.FunctionDef: _Doing.definition,
    ast.AsyncFunctionDef: _Doing.definition,
    ast.ClassDef: _Doing.definition,
    ast.BoolOp: _Doing.choice,
    ast.IfExp: _Doing.choice,
    ast.If: _Doing.choice,
    ast.Constant: _Doing.constant,
    ast.Return: _Doing.result,
    ast.Yield: _Doing.result,
    ast.YieldFrom: _Doing.result,
}


class Bodies(Kind):
    """The functions and methods that no other function surrounds, and the code of the module itself."""

    field = "bodies"
    nodes = (*_DOINGS, ast.JoinedStr, ast.BinOp)

    def __init__(self, file: File) -> None:
        super().__init__(file)
        self._doings: dict[ast.AST | None, _Doing] = {None: _Doing(file.names)}
        self._script = _Doing(file.names, name=SCRIPT)
        self._idle: set[ast.AST] = set()

    def visit(self, node: ast.AST, site: Site, parent: ast.AST) -> None:
        """Note a function, or what one does."""
        if node in self._idle:
            return
        if isinstance(node, ast.BoolOp):
            self._idle.update(item for idle in made_before(node, site) for item in walk(idle))
        outermost = site.outermost
        if outermost is None and isinstance(node, Function):
            self._doings[node] = doing = _Doing(self.file.names, site.owner, node.name, span_of(node))
            called = (item.func if isinstance(item, ast.Call) else item for item in node.decorator_list)
            doing.decorators = tuple(map(dotted, called))
        is_of_script = outermost is None and site.place.never_runs
        doing = self._script if is_of_script else self._doings[None if outermost is None else outermost.node]
        if isinstance(node, ast.JoinedStr | ast.BinOp | ast.Call) and not finds_logger(parent):
            doing.text(own_text(node, self.file.names))
        if isinstance(node, ast.JoinedStr | ast.BinOp):
            return
        _DOINGS[node.__class__](doing, node, site)

    def facts(self) -> tuple[Body, ...]:
        """The module first; what only a script runs last."""
        bodies = tuple(doing.body() for doing in self._doings.values())
        script = self._script.body()
        return (*bodies, script) if script.reads or script.calls or script.stores else bodies


def _is_plain(site: Site) -> bool:
    return not site.place.guards and not site.place.caught


def _is_real(node: ast.expr) -> bool:
    return any(isinstance(item, ast.Constant) and isinstance(item.value, float) for item in walk(node))


def _shown(node: ast.expr) -> str:
    """A dotted name, with `?` for what has none."""
    return dotted(node) or (f"?.{node.attr}" if isinstance(node, ast.Attribute) else "?")


def _given(node: ast.expr) -> str:
    """A dotted name; `self.name[]` for an element of an attribute."""
    owner = dotted(node.value) if isinstance(node, ast.Subscript) else ""
    return f"{owner}[]" if owner.startswith("self.") else dotted(node)


def _asked(node: ast.Call) -> Iterator[str]:
    """The attribute that `getattr` or `hasattr` is given; `?` for one that is no literal."""
    if dotted(node.func) in ("getattr", "hasattr") and len(node.args) > 1:
        owner, given = node.args[:2]
        value = given.value if isinstance(given, ast.Constant) else None
        yield f"{dotted(owner) or '?'}.{value if isinstance(value, str) else '?'}"


class Derived(Kind):
    """The classes with bases."""

    field = "derived"
    nodes = (ast.ClassDef,)
    functions = AT_IMPORT

    def visit(self, node: ast.ClassDef, site: Site, parent: ast.AST) -> None:
        """Keep a class."""
        if node.bases:
            self.found.append(node.name)

    def facts(self) -> Any:
        """Each class once."""
        return frozenset(self.found)


class Constructs(Kind):
    """The names that the file calls that look like classes."""

    field = "constructs"
    nodes = (ast.Call,)

    def visit(self, node: ast.Call, site: Site, parent: ast.AST) -> None:
        """Keep a name."""
        name = dotted(node.func)
        if looks_like_class(self.file.full(name)):
            self.found.append(name)

    def facts(self) -> tuple[str, ...]:
        """Each name once."""
        return tuple(dict.fromkeys(self.found))
