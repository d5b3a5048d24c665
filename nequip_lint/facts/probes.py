"""Probes: patterns that some rule asks about, from one walk over the lines with a telling word."""

from __future__ import annotations

import ast
import re
from bisect import bisect_left
from collections.abc import Collection, Iterable, Sequence
from functools import reduce

from nequip_lint.facts.attributes import held
from nequip_lint.facts.conditions import condition_of
from nequip_lint.facts.encoding import foreign
from nequip_lint.facts.known import Known, Pattern
from nequip_lint.facts.lines import first_line
from nequip_lint.facts.passed import unbound_reads
from nequip_lint.facts.patterns import Taint, patterns_of
from nequip_lint.facts.reach import running
from nequip_lint.facts.spans import span_of
from nequip_lint.facts.syntax import newer_syntax
from nequip_lint.facts.tries import caught_by, leaves, suppressed
from nequip_lint.facts.values import Binding, Condition, Import, Place, Probe, negated

_EVERYWHERE = (
    "__file__",
    "__path__",
    "__spec__",
    "importlib",
    "pkgutil",
    "sys.modules",
)
"""Words whose meaning depends on lines without them: then the whole file is walked."""
_TELLING = (
    "lambda",
    "__import__",
    "builtins.",
    "builtins,",
    "Library(",
    ".define(",
    "environ",
    "dataclass",
    "__module__",
    "__name__.",
    "__name__ =",
    "__loader__",
    "get_type_hints",
    "global_enum",
    "getmodule",
    "set_start_method",
    "set_num_interop",
    "register_backend",
    "register_new_resolver",
    "register_package",
    "register_parametrization",
    "parametrizations",
    "weight_norm(",
    "spectral_norm(",
    "pickle",
    "torch.save",
    "__getstate__",
    "__reduce",
    "__getattr__",
    "\nsetattr(",
    "\n    setattr(",
    "    global ",
    "type(self).",
    "self.__class__.",
)
_AT_IMPORT = ("torch.rand", "torch.normal", "random.", "set_default_dtype")
"""Words that tell only on lines without indentation."""
_SELF = re.compile(r"self\.\w+[^\S\n]*(?::[^=\n]+)?=(?!=)[^\S\n]*([^\n]+)")
_STORE = re.compile(r"\n[ \t]+(?!self\b)(\w+)[.\[][^\n=(]*=(?!=)")
"""A statement in a block that sets an attribute or an item of something with a name."""
_HEAD = re.compile(r"(?!self\b)([A-Za-z_]\w*)(?:(\()|(?:\.\w+)*\s*(?:#.*)?\Z)")
_OWNER = re.compile(r"\b([^\W\d]\w*)\.")
_MANY = 50
_NESTED = re.compile(r"\n[ \t]{5,}(?:def|class) (\w+)")
_MAKERS = ("__getattr__", "namedtuple", "\n@", "        def ", ".__module__", " __module__", " type(")
"""Words without which a name of this file that is called makes nothing that pickling refuses."""
_RISKY = re.compile(
    r"\(.* for |[lL]ock\(|open\(|weakref|ContextVar|property\(|Executor\(|Future\(|local\(|Proxy|finfo|"
    r"\bstd(?:in|out|err)\b|_format\b|channels_last|MethodType|jit\.|vmap|\bops\.|Condition\(|Semaphore\(|"
    r"Event\(|Queue\(|socket\(|Popen\(|connect\(|compile\("
)
_UNKNOWN = Condition("unknown")
_Function = ast.FunctionDef | ast.AsyncFunctionDef


def probes_of(
    tree: ast.Module, text: str, imports: Sequence[Import], bindings: Sequence[Binding]
) -> tuple[Probe, ...]:
    """Every probe of a module.

    Args:
        tree: the module.
        text: its source.
        imports: its imports, which tell what a name stands for.
        bindings: its module-level names.
    """
    known = Known(tree, text, imports)
    of_text = (*foreign(text), *newer_syntax(tree, text), *unbound_reads(tree, text, imports, bindings))
    lines = _lines(text, known, {item.name for item in bindings})
    if lines is not None and not lines:
        return of_text
    walker = _Walker(lines, known)
    walker.block(tree.body, Place(at_import=True))
    probes: Sequence[Probe] = walker.probes
    inside = {probe for probe in probes if probe.function and probe.kind not in ("attribute", "store")}
    if inside:
        alive = running(tree)
        probes = [p._replace(runs=p not in inside or (p.owner, p.function) in alive) for p in probes]
    return (*of_text, *probes)


def _lines(text: str, known: Known, names: set[str]) -> list[int] | None:
    """The numbers of the lines to look at, sorted; None for all."""
    if any(word in text for word in _EVERYWHERE):
        return None
    starts = [start for word in _TELLING for start in _starts(text, word)]
    starts += _chained(text, known.chains)
    for word in _AT_IMPORT:
        starts += (start for start in _starts(text, word) if not _is_indented(text, start))
    own, names = names, names | known.names.keys()
    nested = set(_NESTED.findall(text)) if "self." in text else set()
    called = nested | own if any(word in text for word in _MAKERS) else nested
    for match in _SELF.finditer(text):
        value = match[1]
        head = _HEAD.match(value)
        suspect = head is not None and (
            head[1] in called if head[2] else head[1] in names or head[1] in nested
        )
        if suspect or _RISKY.search(value):
            starts.append(match.start())
    lasting = {name for name in names if not known.is_foreign(name)} | {"cls"}
    starts += (match.start(1) for match in _STORE.finditer(text) if match[1] in lasting)
    patches = (node.lineno for node in known.tree.body if _is_patch(node))
    return sorted([*_numbers(text, sorted(starts)), *patches])


def _is_patch(node: ast.stmt) -> bool:
    """Whether a module-level statement sets an attribute of something."""
    if isinstance(node, ast.AugAssign | ast.AnnAssign):
        return isinstance(node.target, ast.Attribute)
    return isinstance(node, ast.Assign) and any(isinstance(item, ast.Attribute) for item in node.targets)


def _starts(text: str, word: str) -> Iterable[int]:
    start = text.find(word)
    while start >= 0:
        yield start
        start = text.find(word, start + 1)


def _chained(text: str, names: Collection[str]) -> Iterable[int]:
    """Where a name and a dot stand; looked for one by one, many names would take the square of the text."""
    if len(names) > _MANY:
        return [match.start() for match in _OWNER.finditer(text) if match[1] in names]
    return [start for name in names for start in _starts(text, f"{name}.")]


def _is_indented(text: str, position: int) -> bool:
    return text[text.rfind("\n", 0, position) + 1 : position][:1] in (" ", "\t")


def _numbers(text: str, starts: list[int]) -> list[int]:
    numbers, line, position = [], 1, 0
    for start in starts:
        line += text.count("\n", position, start)
        position = start
        numbers.append(line)
    return numbers


class _Walker:
    """Walks the statements that span a telling line, knowing the tests and definitions around them."""

    def __init__(self, lines: list[int] | None, known: Known) -> None:
        self.lines = lines
        self.known = known
        self.taint = Taint(known.text)
        self.probes: list[Probe] = []
        self.owner = ""
        self.function = ""

    def block(self, body: Sequence[ast.stmt], place: Place) -> None:
        for node in body:
            if self.function or self._is_hot(node):
                place = self.statement(node, place)

    def _is_hot(self, node: ast.stmt) -> bool:
        if self.lines is None:
            return True
        index = bisect_left(self.lines, first_line(node))
        return index < len(self.lines) and self.lines[index] <= (node.end_lineno or node.lineno)

    def statement(self, node: ast.stmt, place: Place) -> Place:
        match node:
            case ast.Import() | ast.ImportFrom():
                return place
            case ast.FunctionDef() | ast.AsyncFunctionDef():
                self._function(node, place)
            case ast.ClassDef():
                self._class(node, place)
            case ast.If():
                return self._if(node, place)
            case ast.With() | ast.AsyncWith():
                self._leaf(node, [item.context_expr for item in node.items], place)
                self.block(node.body, place._replace(caught=place.caught + suppressed(node)))
            case ast.For() | ast.AsyncFor() | ast.While():
                self._leaf(node, [node.test if isinstance(node, ast.While) else node.iter], place)
                self.block([*node.body, *node.orelse], place.under(_UNKNOWN))
            case ast.Match():
                for case in node.cases:
                    self.block(case.body, place.under(_UNKNOWN))
            case _:
                if isinstance(node, ast.Try) or type(node).__name__ == "TryStar":
                    self._try(node, place)  # type: ignore[arg-type]
                else:
                    self._leaf(node, [node], place)
        return place

    def _if(self, node: ast.If, place: Place) -> Place:
        test = condition_of(node.test)
        self._leaf(node, [node.test], place)
        self.block(node.body, place.under(test))
        otherwise = place.under(negated(test))
        self.block(node.orelse, otherwise)
        return otherwise if leaves(node.body) and not node.orelse else place

    def _try(self, node: ast.Try, place: Place) -> None:
        self.block(node.body, place._replace(caught=place.caught + caught_by(node.handlers)))
        for handler in node.handlers:
            self.block(handler.body, place.under(_UNKNOWN))
        self.block([*node.orelse, *node.finalbody], place)

    def _function(self, node: _Function, place: Place) -> None:
        defaults = [value for value in (*node.args.defaults, *node.args.kw_defaults) if value]
        self._leaf(node, [*node.decorator_list, *defaults], place)
        if self.function:
            self.block(node.body, Place(False, place.guards))
            return
        outer, self.function = self.function, node.name
        self.known.enter(node)
        self.block(node.body, Place(False, place.guards))
        self.known.leave()
        self.function = outer

    def _class(self, node: ast.ClassDef, place: Place) -> None:
        self._leaf(node, [*node.decorator_list, *node.bases], place)
        if self.function:
            self.block(node.body, place)
            return
        outer, self.owner = self.owner, node.name
        for pattern in self.known.about_class(node):
            self._add(pattern, place)
        self.block(node.body, place)
        self.owner = outer

    def _leaf(self, node: ast.stmt, expressions: Iterable[ast.AST], place: Place) -> None:
        given = list(expressions)
        patterns = list(patterns_of(node, given, self.known, self.taint))
        tests = _tests_around(given) if patterns else {}
        for pattern in patterns:
            inside = reduce(Place.under, tests.get(pattern.node, ()), place)
            self._add(pattern, inside if pattern.immediate else inside._replace(at_import=False))
        if self.owner and self.function:
            for pattern in held(node, self.known):
                self._add(pattern, place)

    def _add(self, pattern: Pattern, place: Place) -> None:
        span = span_of(pattern.node)  # type: ignore[arg-type]
        self.probes.append(
            Probe(pattern.kind, pattern.name, pattern.detail, span, place, self.owner, self.function)
        )


def _tests_around(expressions: Iterable[ast.AST]) -> dict[ast.AST, list[Condition]]:
    """For each node under some `x if test else y` the tests, outer ones first."""
    found: dict[ast.AST, list[Condition]] = {}
    stack: list[tuple[ast.AST, list[Condition]]] = [(node, []) for node in expressions]
    while stack:
        node, tests = stack.pop()
        if tests:
            found[node] = tests
        if isinstance(node, ast.IfExp):
            test = condition_of(node.test)
            sides = ((node.test, tests), (node.body, [*tests, test]), (node.orelse, [*tests, negated(test)]))
            stack += sides
        else:
            stack += ((child, tests) for child in ast.iter_child_nodes(node))
    return found
