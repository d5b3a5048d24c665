"""NQ302 file-beside-source: packaged code that reads files which lie next to it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from nequip_lint import disk
from nequip_lint.facts.details.needs import Invocation
from nequip_lint.facts.details.spots import Spot
from nequip_lint.facts.details.state import Item
from nequip_lint.facts.names import last_part
from nequip_lint.facts.values import Condition, Facts, Place
from nequip_lint.machine.evaluate import catches
from nequip_lint.project.model import Project
from nequip_lint.project.roots import definition_of
from nequip_lint.rules.base import Hit, rule
from nequip_lint.rules.live import hit, is_internal, live, names_own, when
from nequip_lint.runs.functions import Key
from nequip_lint.runs.life import life

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

_CODE = (".py", ".pyc", ".pyi", ".typed", ".md", ".toml", ".cfg", ".ini", ".so")

_HELP = "keep the data in the code or in buffers"


@rule("NQ302")
def file_beside_source(project: Project) -> Iterator[Hit]:
    """One hit for each read of such a file that a loaded package runs."""
    seen: set[tuple[str, Spot]] = set()
    for facts, spot, what, exceptions in _accesses(project):
        if (facts.module, spot) in seen:
            continue
        if what:
            seen.add((facts.module, spot))
        is_tested = bool(what) and _is_tested(facts, spot.place, exceptions)
        if is_tested and _decides(project, facts, spot):
            message = (
                f"{when(project, facts, spot)} goes on without the file: {what} where there is one, but a "
                "package holds no files beside its source"
            )
            yield hit(project, facts, spot, message, _HELP)
        elif what and not is_tested:
            message = (
                f"{when(project, facts, spot)} fails, or finds the data of an installed copy: {what}, but "
                "a package holds no files beside its source, and __path__ is empty there"
            )
            yield hit(project, facts, spot, message, _HELP)


def _accesses(project: Project) -> Iterator[tuple[Facts, Spot, str, tuple[str, ...]]]:
    """Each access to a file, with what it does ('' where that is harmless) and how it fails."""
    for facts, read in live(project, lambda details: details.reads):
        if read.through and not any(_gives_path(project, name) for name in read.through):
            continue
        verb = "demands that" if read.is_demand else "reads"
        what = "a path made from __file__, __path__ or __spec__ exists" if read.is_demand else _READ
        yield facts, read.spot, f"this {verb} {what}", _FAILURES
    for facts, item in live(project, lambda details: details.items):
        yield facts, item.spot, _entry(project, item), _FAILURES
    for facts, call in live(project, lambda details: details.invocations):
        yield facts, call.spot, _resource(project, facts, call), _FAILURES
    for facts, chain in live(project, lambda details: details.chains):
        what = f"{chain.name} asks the loader of a file" if _LACKING.match(chain.name) else ""
        yield facts, chain.spot, what, ("AttributeError",)


def _gives_path(project: Project, name: str) -> bool:
    """Whether a function gives a path that is made from where its source lies."""
    found = definition_of(project.sources, name)
    facts = project.sources.facts(found[0]) if found is not None else None
    return found is not None and facts is not None and found[1] in project.sources.details(facts).beside


def _entry(project: Project, item: Item) -> str:
    is_own = item.owner == "__path__" or (
        item.owner.endswith(".__path__") and is_internal(project, item.owner)
    )
    return f"this takes an entry of {item.owner}" if is_own and item.access == "load" else ""


def _resource(project: Project, facts: Facts, call: Invocation) -> str:
    given = call.first if call.name in _RESOURCES else None
    if given is None or not names_own(project, facts, given):
        return ""
    return f"{call.name} asks the environment for data of {given.shown}"


def _decides(project: Project, facts: Facts, spot: Spot) -> bool:
    """Whether a call of the model reads a file that lies beside the source at present."""
    key = Key(facts.module, spot.owner, spot.function)
    return bool(spot.function) and key in life(project).forward and _has_data(Path(facts.path).parent)


def _has_data(folder: Path) -> bool:
    below = (folder / name for name in disk.names_in(folder))
    folders = (folder, *filter(disk.is_folder, below))
    every = (inner / name for inner in folders for name in disk.names_in(inner))
    return any(item.suffix not in _CODE and disk.is_file(item) for item in every)


def _is_tested(facts: Facts, place: Place, exceptions: tuple[str, ...]) -> bool:
    """Whether an access stands under a test that the file is there, or its failure is caught."""
    tested = any(_asks_for_file(facts, guard) for guard in place.guards)
    return tested or any(catches(place.caught, name) for name in exceptions)


def _asks_for_file(facts: Facts, test: Condition, depth: int = 4) -> bool:
    """Whether a test, a flag or a function of the file asks whether a file is there."""
    if test.kind == "all" and depth:
        return any(_asks_for_file(facts, part, depth - 1) for part in test.parts)
    if test.kind == "name" and depth:
        values = [item.value for item in facts.bindings if item.name == test.text]
        return bool(values) and any(_asks_for_file(facts, value, depth - 1) for value in values)
    if test.kind != "call":
        return False
    returned = (item.returns for item in facts.functions if item.name == test.text and depth)
    is_test = last_part(facts, test.text) in _TESTS
    return is_test or any(_asks_for_file(facts, value, depth - 1) for value in returned if value is not None)
