"""What imports bind, and what a dotted name in a module stands for through them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from nequip_lint.facts.values import Facts, Import, LibraryUse


def full_names(imports: Iterable[Import]) -> dict[str, str]:
    """The absolute dotted name behind each name that some imports bind; the first one counts."""
    pairs = [pair for item in imports for pair in _bound_by(item)]
    return dict(reversed(pairs))


def resolve(facts: Facts, name: str) -> str:
    """The absolute dotted name behind `name`, or `name` itself where no import binds it.

    Args:
        facts: of the module in which the name is read.
        name: as written, for example `tl.load`.
    """
    head, dot, rest = name.partition(".")
    found = (full for item in facts.imports for bound, full in _bound_by(item) if bound == head)
    return f"{next(found, head)}{dot}{rest}"


def _bound_by(item: Import) -> Iterator[tuple[str, str]]:
    """The names that an import binds, each with what it stands for."""
    if item.module is None or item.bound == "__import__":
        return
    if not item.names:
        top = item.module.partition(".")[0]
        yield item.bound, top if item.bound == top else item.module
    for name, bound in item.names:
        yield bound, f"{item.module}.{name}"


def package_of(facts: Facts) -> str:
    """The package that a module is, or lies in."""
    return facts.module if facts.is_package else facts.module.rpartition(".")[0]


def bound_names(item: Import) -> list[str]:
    """The names that an import binds, star imports aside."""
    if item.names:
        return [bound for _, bound in item.names if bound != "*"]
    return [] if item.bound == "__import__" else [item.bound]


def binding_import(facts: Facts, use: LibraryUse) -> Import | None:
    """The import that binds the first part of a used name; at import one that runs then."""
    head = use.name.partition(".")[0]
    found = (item for item in facts.imports if head in bound_names(item))
    return next((item for item in found if item.place.at_import or use.where != "import"), None)
