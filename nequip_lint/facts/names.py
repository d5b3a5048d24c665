"""What imports bind, and what a dotted name in a module stands for through them."""

from __future__ import annotations

from nequip_lint.facts.values import Facts, Import, Touch


def resolve(facts: Facts, name: str) -> str:
    """The absolute dotted name behind `name`, or `name` itself where no import binds it.

    Args:
        facts: of the module in which the name is read.
        name: as written, for example `tl.load`.
    """
    head, dot, rest = name.partition(".")
    for item in facts.imports:
        if item.module is None:
            continue
        if not item.names and item.bound == head:
            plain = item.bound == item.module.partition(".")[0]
            return name if plain else f"{item.module}{dot}{rest}"
        for original, bound in item.names:
            if bound == head:
                return f"{item.module}.{original}{dot}{rest}"
    return name


def package_of(facts: Facts) -> str:
    """The package that a module is, or lies in."""
    return facts.module if facts.is_package else facts.module.rpartition(".")[0]


def bound_names(item: Import) -> list[str]:
    """The names that an import binds, star imports aside."""
    if item.names:
        return [bound for _, bound in item.names if bound != "*"]
    return [] if item.bound == "__import__" else [item.bound]


def binding_import(facts: Facts, touch: Touch) -> Import | None:
    """The import that binds the first part of a touched name; at import one that runs then."""
    head = touch.name.partition(".")[0]
    found = (item for item in facts.imports if head in bound_names(item))
    return next((item for item in found if item.place.at_import or touch.where != "import"), None)
