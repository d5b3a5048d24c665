"""Calls for which C code imports a module by its name, through the imports of whoever calls it."""

from __future__ import annotations

import ast
import re

from nequip_lint.facts.conditions import dotted
from nequip_lint.facts.details.needs import Implicit
from nequip_lint.facts.kind import Kind
from nequip_lint.facts.site import Site
from nequip_lint.facts.terms import spot_of

_DATES = {
    "strftime": "time",
    "strptime": "_strptime",
    "timetuple": "time",
    "utctimetuple": "time",
}
"""Methods of dates, with what they import (`Modules/_datetimemodule.c`)."""
_TODAY = frozenset({"datetime.date.today", "datetime.datetime.today"})
_IN_PYTHON = frozenset({"time.strftime"})
_DATE_FORMAT = re.compile(r"%[aAbBcdfHIjmMpSUwWxXyYzZGuV]")
_DATE_FIELD = re.compile(r"\{[^{}]*:[^{}]*%[aAbBcdfHIjmMpSUwWxXyYzZGuV]")
_ARRAYS = frozenset(
    {"mean", "sum", "std", "var", "min", "max", "prod", "any", "all", "clip", "dump", "dumps"}
)
"""Methods of arrays that are written in Python (`numpy/_core/src/multiarray/methods.c`)."""
_SHOWS = ("str", "repr", "print")
_KEEPS_ARRAY = frozenset({"copy", "astype", "reshape", "ravel", "flatten", "squeeze", "transpose"})


class Implicits(Kind):
    """Every such call."""

    field = "implicit"
    nodes = (ast.Call, ast.FormattedValue)
    words = (*_DATES, "today", "numpy", ":%", "format(")

    def visit(self, node: ast.Call | ast.FormattedValue, site: Site, parent: ast.AST) -> None:
        """Keep a call, or a date in a formatted string."""
        if isinstance(node, ast.FormattedValue):
            text = ast.unparse(node.format_spec) if node.format_spec is not None else ""
            found = ("a date format in a string", "time") if _DATE_FORMAT.search(text) else None
            if _is_array(node.value, site):
                found = ("the text of an array", "numpy")
        else:
            found = self._formatted(node) or self._called(node, site)
        if found is not None:
            self.found.append(Implicit(spot_of(node, site), *found))

    def _formatted(self, node: ast.Call) -> tuple[str, str] | None:
        if isinstance(node.func, ast.Name) and node.func.id == "format" and len(node.args) == 2:
            is_date = _DATE_FORMAT.search(_text(node.args[1]))
            return ("format() with a date format", "time") if is_date else None
        if isinstance(node.func, ast.Attribute) and node.func.attr == "format":
            is_date = _DATE_FIELD.search(_text(node.func.value))
            return ("format() with a date format", "time") if is_date else None
        return None

    def _called(self, node: ast.Call, site: Site) -> tuple[str, str] | None:
        if dotted(node.func) in _SHOWS and any(_is_array(item, site) for item in node.args):
            return "the text of an array", "numpy"
        if not isinstance(node.func, ast.Attribute):
            return None
        method, full = node.func.attr, self.file.full(dotted(node.func))
        if full in _TODAY:
            return f"{full}()", "time"
        if method in _DATES and full not in _IN_PYTHON:
            return f"{method}()", _DATES[method]
        if method == "numpy" and not node.args:
            return "numpy()", ""
        if method in _ARRAYS and _is_array(node.func.value, site):
            return f"{method}() of an array", "numpy"
        return None


def _is_array(node: ast.expr, site: Site) -> bool:
    """Whether an expression is what `numpy()` of a tensor gives."""
    while True:
        if isinstance(node, ast.Subscript):
            node = node.value
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            if node.func.attr == "numpy":
                return True
            if node.func.attr not in _KEEPS_ARRAY:
                return False
            node = node.func.value
        elif isinstance(node, ast.Name) and site.outermost is not None:
            values = site.outermost.values.get(node.id, [])
            if len(values) != 1 or not isinstance(values[0], ast.Call):
                return False
            node, site = values[0], site._replace(outermost=None)
        else:
            return False


def _text(node: ast.expr) -> str:
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else ""
