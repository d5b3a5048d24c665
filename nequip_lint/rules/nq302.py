"""NQ302 file-beside-source: packaged code that reads files which lie next to it."""

from __future__ import annotations

import re
from collections.abc import Iterator

from nequip_lint.facts.details import Invocation, Item, Spot
from nequip_lint.facts.values import Facts, Place
from nequip_lint.project.evaluate import catches
from nequip_lint.project.model import Project
from nequip_lint.rules.base import Hit, rule
from nequip_lint.rules.live import hit, is_internal, live, names_own, when

_RESOURCES = frozenset(
    {f"importlib.resources.{name}" for name in ("files", "path", "open_text", "open_binary", "contents")}
    | {"importlib.resources.read_text", "importlib.resources.read_binary", "pkgutil.get_data"}
)
_LACKING = re.compile(
    r"(?:__loader__|__spec__\.loader)\.(?:get_data|get_filename|get_code|is_package|exec_module|load_module|path|name)\b"
)
"""What Python's loaders of files have and the importer of a package does not."""
_FAILURES = ("OSError", "FileNotFoundError", "ModuleNotFoundError")
_READ = "a file whose path is made from __file__, __path__ or __spec__"
_TESTS = ("exists", "isfile", "is_file", "isdir", "is_dir")

_HELP = "keep the data in the code or in buffers"


@rule("NQ302")
def file_beside_source(project: Project) -> Iterator[Hit]:
    """One hit for each read of such a file that a loaded package runs."""
    for facts, spot, what, exceptions in _accesses(project):
        if what and not _is_tested(spot.place, exceptions):
            message = (
                f"{when(project, facts, spot)} fails, or finds the data of an installed copy: {what}, but "
                "a package holds no files beside its source, and __path__ is empty there"
            )
            yield hit(project, facts, spot, message, _HELP)


def _accesses(project: Project) -> Iterator[tuple[Facts, Spot, str, tuple[str, ...]]]:
    """Each access to a file, with what it does ('' where that is harmless) and how it fails."""
    for facts, read in live(project, lambda details: details.reads):
        verb = "demands that" if read.is_demand else "reads"
        what = "a path made from __file__, __path__ or __spec__ exists" if read.is_demand else _READ
        yield facts, read.spot, f"this {verb} {what}", _FAILURES
    for facts, item in live(project, lambda details: details.items):
        yield facts, item.spot, _entry(project, item), _FAILURES
    for facts, call in live(project, lambda details: details.invocations):
        yield facts, call.spot, _resource(project, call), _FAILURES
    for facts, chain in live(project, lambda details: details.chains):
        what = f"{chain.name} asks the loader of a file" if _LACKING.match(chain.name) else ""
        yield facts, chain.spot, what, ("AttributeError",)


def _entry(project: Project, item: Item) -> str:
    is_own = item.owner == "__path__" or (
        item.owner.endswith(".__path__") and is_internal(project, item.owner)
    )
    return f"this takes an entry of {item.owner}" if is_own and item.access == "load" else ""


def _resource(project: Project, call: Invocation) -> str:
    given = call.first if call.name in _RESOURCES else None
    if given is None or not names_own(project, given):
        return ""
    return f"{call.name} asks the environment for data of {given.shown}"


def _is_tested(place: Place, exceptions: tuple[str, ...]) -> bool:
    """Whether an access stands under a test that the file is there, or its failure is caught."""
    tests = (guard for guard in place.guards if guard.kind == "call")
    tested = any(guard.text.rpartition(".")[2] in _TESTS for guard in tests)
    return tested or any(catches(place.caught, name) for name in exceptions)
