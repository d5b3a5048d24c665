"""Packages that code names twice, as `pkg` and as `pkg.__init__`: torch.package writes their file twice."""

from __future__ import annotations

from collections.abc import Collection, Iterator

_FILE = "__init__"


def package_of(module: str) -> str:
    """The package that a module is by a second name; '' for any other module."""
    package, _, last = module.rpartition(".")
    return package if last == _FILE else ""


def written_twice(modules: Collection[str]) -> Iterator[tuple[str, str]]:
    """Each second name of a package that is among the modules by its own name as well, with that.

    A second name alone is written once, as the file of the package (`torch/package/package_exporter.py`).

    Args:
        modules: those whose source is packaged.
    """
    return ((name, package) for name in modules if (package := package_of(name)) in modules)


def without_second_name(written: str) -> str:
    """A module as an import has it, dots included, by the name of the package alone.

    Args:
        written: with `__init__` as its last part.
    """
    start = written.removesuffix(_FILE)
    return start[:-1] if start.strip(".") else start
