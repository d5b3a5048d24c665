"""Calls of functions that some rule knows."""

from __future__ import annotations

import ast

from nequip_lint.facts.conditions import dotted
from nequip_lint.facts.details import Invocation, Term
from nequip_lint.facts.kind import Kind
from nequip_lint.facts.site import Function, Site
from nequip_lint.facts.terms import last_name, spot_of, term_of

NAMES = frozenset(
    (
        *("import_module", "reload", "find_spec", "__import__"),
        *("get_data", "files", "path", "open_text", "open_binary", "read_text", "read_binary", "contents"),
        *("version", "metadata", "distribution", "requires"),
        *("Library", "define"),
        *("set_start_method", "set_num_interop_threads", "register_backend", "register_new_resolver"),
        *("register_package", "set_default_dtype", "setattr"),
        *("get_type_hints", "getmodule", "global_enum"),
        *("rand", "randn", "randint", "randperm", "normal", "uniform", "random", "rand_like", "randn_like"),
        *("standard_normal",),
        *("weight_norm", "spectral_norm", "orthogonal", "register_parametrization"),
    )
)
"""The last parts of their names."""


class Invocations(Kind):
    """Every such call, and every decorator that is one."""

    field = "invocations"
    nodes = (ast.Call, ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
    words = tuple(sorted(NAMES))

    def visit(self, node: ast.Call | Function | ast.ClassDef, site: Site, parent: ast.AST) -> None:
        """Keep a call by its name."""
        if isinstance(node, ast.Call):
            name = last_name(node.func)
            if name in NAMES:
                positional = tuple(map(term_of, node.args))
                keywords = tuple((item.arg or "**", term_of(item.value)) for item in node.keywords)
                full = self.file.full(dotted(node.func)) or name
                self.found.append(Invocation(spot_of(node, site), full, positional, keywords))
            return
        for item in node.decorator_list:
            if not isinstance(item, ast.Call) and last_name(item) in NAMES:
                decorated = (Term(node.name, node.name, names=(node.name,)),)
                full = self.file.full(dotted(item))
                self.found.append(Invocation(spot_of(item, site), full, decorated))
