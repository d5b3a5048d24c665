"""NQ302 file-beside-source: packaged code that reads files which lie next to it."""

from __future__ import annotations

import re
from collections.abc import Iterator

from nequip_lint.facts.values import Probe
from nequip_lint.project.evaluate import catches
from nequip_lint.project.model import Project
from nequip_lint.rules.base import Hit, rule
from nequip_lint.rules.probed import hit, is_internal, probes, when

_RESOURCES = tuple(
    f"importlib.resources.{name}"
    for name in ("files", "path", "open_text", "open_binary", "read_text", "read_binary", "contents")
)
_LACKING = re.compile(
    r"(?:__loader__|__spec__\.loader)\.(?:get_data|get_filename|get_code|is_package|exec_module|load_module|path|name)\b"
)
"""What Python's loaders of files have and the importer of a package does not."""
_FAILURES = ("OSError", "FileNotFoundError", "ModuleNotFoundError")
_TESTS = ("exists", "isfile", "is_file", "isdir", "is_dir")

_HELP = "keep the data in the code or in buffers"


@rule("NQ302")
def file_beside_source(project: Project) -> Iterator[Hit]:
    """One hit for each read of such a file that a loaded package runs."""
    for facts, probe in probes(project, "read", "subscript", "call", "loader"):
        what = _what(project, probe)
        if what and not _is_tested(probe):
            message = (
                f"{when(project, facts, probe)} fails, or finds the data of an installed copy: {what}, but "
                "a package holds no files beside its source, and __path__ is empty there"
            )
            yield hit(project, facts, probe, message, _HELP)


def _what(project: Project, probe: Probe) -> str:
    if probe.kind == "read" and probe.detail == ("demanded",):
        return "this demands that a path made from __file__, __path__ or __spec__ exists"
    if probe.kind == "read":
        return "this reads a file whose path is made from __file__, __path__ or __spec__"
    if probe.kind == "subscript":
        own = probe.name == "__path__" or (
            probe.name.endswith(".__path__") and is_internal(project, probe.name)
        )
        return f"this takes an entry of {probe.name}" if own and probe.detail[1] == "load" else ""
    if probe.kind == "loader":
        return f"{probe.name} asks the loader of a file" if _LACKING.match(probe.name) else ""
    if probe.name in _RESOURCES or probe.name == "pkgutil.get_data":
        first = probe.detail[0] if probe.detail else ""
        named = first in ("__package__", "__name__") or (
            first[:1] in ("'", '"') and is_internal(project, first.strip("'\""))
        )
        return f"{probe.name} asks the environment for data of {first}" if named else ""
    return ""


def _is_tested(probe: Probe) -> bool:
    """Whether the read stands under a test that the file is there, or its failure is caught."""
    tests = (guard for guard in probe.place.guards if guard.kind == "call")
    tested = any(guard.text.rpartition(".")[2] in _TESTS for guard in tests)
    failures = ("AttributeError",) if probe.kind == "loader" else _FAILURES
    return tested or any(catches(probe.place.caught, name) for name in failures)
