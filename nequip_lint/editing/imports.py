"""Insert an import where a reader, and a sorter of imports, looks for it."""

from __future__ import annotations

import ast

from nequip_lint.editing.splices import Splices

_Import = ast.Import | ast.ImportFrom


def insert_import(source: Splices, tree: ast.Module, statement: str) -> None:
    """Insert an import among those at the top of a file.

    A relative one goes before the first relative one, others after the last that is not relative; in a file
    without imports below its docstring.

    Args:
        source: the file.
        tree: of its text.
        statement: without the end of the line.
    """
    body = tree.body
    leading = _leading(body)
    imports = [node for node in leading if isinstance(node, _Import)]
    relative = [node for node in imports if _is_relative(node)]
    others = [node for node in imports if not _is_relative(node)]
    if relative and not _has_comment_above(source, relative[0]) and (is_relative(statement) or not others):
        source.insert(source.line_start(relative[0].lineno), f"{statement}\n")
    elif is_relative(statement) and relative:
        _after(source, relative[-1], statement, apart=False)
    elif others:
        _after(source, others[-1], statement, apart=is_relative(statement) or _is_future(others[-1]))
    elif leading:
        _after(source, leading[-1], statement, apart=True)
    elif body:
        source.insert(source.line_start(_first_line(body[0])), f"{statement}\n\n")
    else:
        is_open = bool(source.text) and not source.text.endswith("\n")
        gap = "\n" * (bool(source.text.strip()) + is_open)
        source.insert(len(source.text), f"{gap}{statement}\n")


def statement_importing(module: str, package: str) -> str:
    """The import of a module as code of a package writes it: relative where it lies in the package.

    Args:
        module: what is imported.
        package: of the importing file; '' for a file outside of packages.
    """
    parent, _, name = module.rpartition(".")
    if not parent:
        return f"import {name}"
    is_inside = bool(package) and f"{parent}.".startswith(f"{package}.")
    return f"from {'.' + parent[len(package) + 1 :] if is_inside else parent} import {name}"


def is_relative(statement: str) -> bool:
    """Whether an import is relative."""
    return statement.startswith("from .")


def _leading(body: list[ast.stmt]) -> list[ast.stmt]:
    """The docstring and the imports that follow it."""
    is_docstring = bool(body) and isinstance(body[0], ast.Expr) and isinstance(body[0].value, ast.Constant)
    end = int(is_docstring)
    while end < len(body) and isinstance(body[end], _Import):
        end += 1
    return body[:end]


def _is_relative(node: _Import) -> bool:
    return isinstance(node, ast.ImportFrom) and node.level > 0


def _is_future(node: _Import) -> bool:
    return isinstance(node, ast.ImportFrom) and node.module == "__future__"


def _has_comment_above(source: Splices, node: ast.stmt) -> bool:
    above = source.text[source.line_start(node.lineno - 1) : source.line_start(node.lineno)]
    return node.lineno > 1 and above.lstrip().startswith("#")


def _first_line(node: ast.stmt) -> int:
    decorators = getattr(node, "decorator_list", [])
    return min(node.lineno, *(item.lineno for item in decorators)) if decorators else node.lineno


def _after(source: Splices, node: ast.stmt, statement: str, *, apart: bool) -> None:
    """Insert a statement on the line after another one, `apart` with an empty line between them."""
    place = source.line_start((node.end_lineno or node.lineno) + 1)
    is_open = not source.text[:place].endswith("\n")
    rest = source.text[place:]
    needs_gap = apart and bool(rest.strip()) and rest[0] != "\n"
    source.insert(place, "\n" * (is_open + apart) + f"{statement}\n" + "\n" * needs_gap)
