"""Calls of functions that some rule knows."""

from __future__ import annotations

import ast
from functools import cached_property

from nequip_lint.facts.conditions import dotted
from nequip_lint.facts.details.needs import Invocation
from nequip_lint.facts.details.spots import Term
from nequip_lint.facts.kind import File, Kind
from nequip_lint.facts.site import Function, Site
from nequip_lint.facts.terms import own_names, spot_of, term_of
from nequip_lint.source.nodes import walk

NAMES = frozenset(
    (
        *("import_module", "reload", "find_spec", "__import__"),
        *("get_data", "files", "path", "open_text", "open_binary", "read_text", "read_binary", "contents"),
        *("version", "metadata", "distribution", "requires", "from_name"),
        *("Library", "define"),
        *("set_start_method", "set_num_interop_threads", "register_backend", "register_new_resolver"),
        *("register_package", "register_pytree_node", "_register_pytree_node", "register_dataclass"),
        *("get_type_hints", "get_annotations", "getmodule", "global_enum"),
        *("resolve_name", "locate", "run_module", "run_path", "get_class", "get_method", "get_object"),
        *("dictConfig", "entry_points", "iter_modules", "walk_packages", "exec", "eval"),
        *("dumps", "dump", "save", "loads", "load", "Process", "spawn", "start_processes", "get_context"),
        *("Pool", "ProcessPoolExecutor", "map", "imap", "imap_unordered", "starmap", "map_async"),
        *("starmap_async", "apply_async", "apply", "submit"),
        *("rand", "randn", "randint", "randperm", "normal", "uniform", "random", "rand_like", "randn_like"),
        *("standard_normal", "bernoulli", "multinomial", "poisson", "choice", "randbelow"),
        *(f"{name}_" for name in ("normal", "uniform", "random", "exponential", "bernoulli", "trunc_normal")),
        *("xavier_uniform_", "xavier_normal_", "kaiming_uniform_", "kaiming_normal_", "orthogonal_"),
        *("Linear", "Bilinear", "Embedding", "Conv1d", "Conv2d", "Conv3d", "LSTM", "GRU"),
        *("weight_norm", "spectral_norm", "orthogonal", "register_parametrization"),
        "pickle",
    )
)
"""The last parts of their names."""
_GENERATORS = frozenset({"default_rng", "Random", "RandomState", "SystemRandom"})


class Invocations(Kind):
    """Every such call, and every decorator that is one."""

    field = "invocations"
    nodes = (ast.Call, ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.For, ast.If)
    words = tuple(sorted(NAMES))

    def __init__(self, file: File) -> None:
        super().__init__(file)
        self._choosing: list[ast.For | ast.If] = []

    def visit(
        self, node: ast.Call | Function | ast.ClassDef | ast.For | ast.If, site: Site, parent: ast.AST
    ) -> None:
        """Keep a call by its name."""
        if isinstance(node, ast.For | ast.If):
            if isinstance(node, ast.For) or _asks_kind(node.test, self._parts()):
                self._choosing.append(node)
        elif isinstance(node, ast.Call):
            function, more = self._aliases.get(dotted(node.func), (node.func, []))
            full = self._known(function, site)
            if full:
                positional = tuple(_term(item, site) for item in node.args)
                given = [*node.keywords, *more]
                keywords = tuple((item.arg or "**", _term(item.value, site)) for item in given)
                chosen = sum(item.lineno <= node.lineno <= (item.end_lineno or 0) for item in self._choosing)
                self.found.append(Invocation(spot_of(node, site), full, positional, keywords, chosen))
        else:
            self._decorated(node, site)

    def _parts(self) -> set[str]:
        """What loops of the file call that through which they go."""
        loops = (item for item in self._choosing if isinstance(item, ast.For))
        return {name.id for item in loops for name in walk(item.target) if isinstance(name, ast.Name)}

    @cached_property
    def _aliases(self) -> dict[str, tuple[ast.expr, list[ast.keyword]]]:
        """Names at the top of the file for such functions, with the keywords that `partial` gives them."""
        found: dict[str, tuple[ast.expr, list[ast.keyword]]] = {}
        for item in self.file.tree.body:
            match item:
                case ast.Assign(targets=[ast.Name(id=name)], value=ast.Attribute() | ast.Name() as value):
                    found[name] = value, []
                case ast.Assign(
                    targets=[ast.Name(id=name)], value=ast.Call(func=maker, args=[value], keywords=given)
                ) if self.file.last(maker) == "partial":
                    found[name] = value, given
        return {name: value for name, value in found.items() if self.file.last(value[0]) in NAMES}

    @cached_property
    def _generators(self) -> dict[str, ast.Call]:
        """The names at the top of the file that stand for one call of a function that makes generators."""
        found: dict[str, list[ast.expr]] = {}
        for item in self.file.tree.body:
            match item:
                case ast.Assign(targets=[ast.Name(id=name)], value=value):
                    found.setdefault(name, []).append(value)
        ones = ((name, values[0]) for name, values in found.items() if len(values) == 1)
        calls = ((name, value) for name, value in ones if isinstance(value, ast.Call))
        return {name: value for name, value in calls if self.file.last(value.func) in _GENERATORS}

    def _decorated(self, node: Function | ast.ClassDef, site: Site) -> None:
        for item in node.decorator_list:
            full = "" if isinstance(item, ast.Call) else self._known(item, site)
            if full:
                decorated = (Term(node.name, node.name, names=(node.name,)),)
                self.found.append(Invocation(spot_of(item, site), full, decorated))

    def _known(self, node: ast.expr, site: Site) -> str:
        """The absolute name of such a function; '' for others."""
        name = self.file.last(node)
        if name not in NAMES:
            return ""
        return self._of_result(node, site) or self.file.full(dotted(node)) or name

    def _of_result(self, node: ast.expr, site: Site) -> str:
        """`f().name` for a method of what a function gives, `f(…).name` where that is given something."""
        if not isinstance(node, ast.Attribute):
            return ""
        called = _local(node.value, site) or self._generators.get(dotted(node.value)) or node.value
        made = self.file.full(dotted(called.func)) if isinstance(called, ast.Call) else ""
        if not made or not isinstance(called, ast.Call):
            return ""
        return f"{made}({'…' if called.args or called.keywords else ''}).{node.attr}"


def _local(node: ast.expr, site: Site) -> ast.AST | None:
    """What a local name of a function is bound to, where that is one thing."""
    if not isinstance(node, ast.Name) or site.outermost is None:
        return None
    values = site.outermost.values.get(node.id, [])
    return values[0] if len(values) == 1 else None


def _term(node: ast.expr, site: Site) -> Term:
    """What rules ask about an argument, with what its local names have of `__name__` and its like."""
    term = term_of(node)
    scope = site.outermost
    names = (item.id for item in walk(node) if isinstance(item, ast.Name)) if scope is not None else ()
    values = (value for name in names for value in (scope.values.get(name, ()) if scope is not None else ()))
    own = set().union(*map(own_names, values))
    return term._replace(names=tuple(sorted({*term.names, *own}))) if own else term


def _asks_kind(test: ast.expr, parts: set[str]) -> bool:
    """Whether a test tells of what kind an object is, as it does for the parts of a model.

    Args:
        test: what is tested.
        parts: names for these parts, about which it may ask more.
    """
    asked = test.values if isinstance(test, ast.BoolOp) else [test]
    kinds = [item for item in asked if _is_kind(item)]
    others = [item for item in asked if item not in kinds]
    is_all = isinstance(test, ast.BoolOp) and isinstance(test.op, ast.And)
    return bool(kinds) and (not others or (is_all and all(_names(item) <= parts for item in others)))


def _is_kind(test: ast.expr) -> bool:
    match test:
        case ast.Call(func=ast.Name(id="isinstance" | "hasattr")):
            return True
        case ast.Compare(
            left=ast.Call(func=ast.Name(id="type"), args=[_]), ops=[ast.Is() | ast.Eq() | ast.In()]
        ):
            return True
    return False


def _names(node: ast.expr) -> set[str]:
    return {item.id for item in walk(node) if isinstance(item, ast.Name)}
