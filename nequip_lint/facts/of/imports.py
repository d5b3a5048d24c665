"""Import statements, and `__import__` calls with literal arguments."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator

from nequip_lint.facts.kind import File, Kind
from nequip_lint.facts.site import Site
from nequip_lint.facts.values import Import, Place
from nequip_lint.source.nodes import walk
from nequip_lint.source.positions import span_of
from nequip_lint.values import Span

_NAME_LIMIT = 500
_PART_LIMIT = 50


def absolute(module: str, level: int, package: str) -> str | None:
    """The absolute name of a relative import, or None where it leaves the top-level package.

    Mirrors `importlib._bootstrap._resolve_name`, which torch.package calls.
    """
    if level == 0:
        return module
    parts = package.rsplit(".", level - 1)
    if len(parts) < level or not package:
        return None
    return f"{parts[0]}.{module}" if module else parts[0]


def is_too_long(items: Iterable[Import]) -> bool:
    """Whether a module is named that no file can have; each of its parents would be looked for.

    Args:
        items: the imports of a file.
    """
    names = (item.module or "" for item in items)
    return any(len(name) > _NAME_LIMIT or name.count(".") > _PART_LIMIT for name in names)


class Imports(Kind):
    """The import statements of a file, one fact for each module."""

    field = "imports"
    nodes = (ast.Import, ast.ImportFrom)

    def visit(self, node: ast.Import | ast.ImportFrom, site: Site, parent: ast.AST) -> None:
        """Keep an import."""
        self.file.add(_of_statement(node, self.file.package, site.place))

    def facts(self) -> tuple[Import, ...]:
        """Every import of the file, in source order."""
        return tuple(self.file.imports)


def _of_statement(node: ast.Import | ast.ImportFrom, package: str, place: Place) -> list[Import]:
    span = span_of(node)
    if isinstance(node, ast.ImportFrom):
        written = "." * node.level + (node.module or "")
        module = absolute(node.module or "", node.level, package)
        names = tuple((alias.name, alias.asname or alias.name) for alias in node.names)
        return [Import(span, module, names, "", place, True, written if written != module else "")]
    return [
        Import(span, alias.name, (), alias.asname or alias.name.partition(".")[0], place)
        for alias in node.names
    ]


class DunderImports(Kind):
    """The `__import__` calls of a file; torch.package's visitor does not look inside of calls for them."""

    field = "imports"
    nodes = (ast.Call,)
    words = ("__import__",)

    def __init__(self, file: File) -> None:
        super().__init__(file)
        self._inner: set[ast.AST] = set()

    def visit(self, node: ast.Call, site: Site, parent: ast.AST) -> None:
        """Keep a call of `__import__`, and note the calls inside of any other."""
        is_walked = node not in self._inner
        if is_walked:
            self._inner.update(child for child in walk(node) if child is not node)
        if isinstance(node.func, ast.Name) and node.func.id == "__import__":
            self.file.add(_dunder(node, self.file.package, site.place, is_walked))

    def facts(self) -> tuple[Import, ...]:
        """Nothing more: they stand among the other imports."""
        return ()


def _dunder(node: ast.Call, package: str, place: Place, walked: bool) -> Iterator[Import]:
    given = _arguments(node)
    name = given.get("name")
    names, level = given.get("fromlist", ()), given.get("level", 0)
    if not isinstance(name, str) or not isinstance(level, int) or not isinstance(names, tuple | list):
        return
    span, level = span_of(node), max(level, 0)
    if names:
        pairs = tuple((str(item), str(item)) for item in names)
        yield _called(span, absolute(name, level, package), pairs, place, walked, name)
        return
    yield _called(span, name, (), place, walked, name)
    parent = name.rpartition(".")[0]
    if parent:
        yield _called(span, absolute(parent, level, package), (), place, walked, parent)


def _called(
    span: Span, module: str | None, names: tuple[tuple[str, str], ...], place: Place, walked: bool, name: str
) -> Import:
    return Import(span, module, names, "__import__", place, walked, name if name != module else "")


def _arguments(node: ast.Call) -> dict[str, object]:
    """Literal arguments as torch.package reads them: `globals` and `locals` are looked over."""
    named = [("name", node.args[0])] if node.args else []
    named += list(zip(("fromlist", "level"), node.args[3:5], strict=False))
    named += [(k.arg, k.value) for k in node.keywords if k.arg in ("fromlist", "level")]
    given: dict[str, object] = {}
    for key, value in named:
        try:
            given[key] = ast.literal_eval(value)
        except (ValueError, TypeError):
            given[key] = None
    return given
