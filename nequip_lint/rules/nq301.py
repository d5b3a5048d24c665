"""NQ301 dynamic-import-of-own-module: `importlib.import_module` asked for code that lies in the archive."""

from __future__ import annotations

from collections.abc import Iterator

from nequip_lint.facts.names import resolve
from nequip_lint.facts.values import Facts, Probe
from nequip_lint.project.evaluate import catches
from nequip_lint.project.model import Project
from nequip_lint.rules.base import Hit, rule
from nequip_lint.rules.probed import hit, is_internal, probes, when

_FUNCTIONS = ("importlib.import_module", "importlib.reload")

_HELP = "write an import statement"


@rule("NQ301")
def dynamic_import_of_own_module(project: Project) -> Iterator[Hit]:
    """One hit for each such call that a loaded package runs."""
    for facts, probe in probes(project, "call"):
        if (
            probe.name not in _FUNCTIONS
            or not probe.detail
            or catches(probe.place.caught, "ModuleNotFoundError")
        ):
            continue
        named = _reloaded(project, facts, probe) or _own(project, probe)
        if named:
            message = (
                f"{when(project, facts, probe)} fails where your code is not installed, and takes the "
                f"installed copy where it is: {probe.name} asks the environment for {named}, not "
                "the package"
            )
            yield hit(project, facts, probe, message, _HELP)


def _reloaded(project: Project, facts: Facts, probe: Probe) -> str:
    """The own module that `importlib.reload` is given as an object."""
    name = resolve(facts, probe.detail[0]) if probe.name == "importlib.reload" else ""
    return name if name and name.replace(".", "").isidentifier() and is_internal(project, name) else ""


def _own(project: Project, probe: Probe) -> str:
    """The own module that a call asks for, as far as its arguments tell; empty for any other."""
    first, *others = probe.detail
    if any("__name__" in text or "__package__" in text for text in probe.detail):
        return "a module of its own package"
    if first.startswith(("f'", 'f"')):
        start = first[2:].partition("{")[0].partition(".")
        return f"modules of {start[0]}" if start[1] and is_internal(project, start[0]) else ""
    import ast

    try:
        name = ast.literal_eval(first)
    except (ValueError, SyntaxError):
        return ""
    if not isinstance(name, str):
        return ""
    if name.startswith(".") and others:
        return (
            name
            if is_internal(project, others[-1].partition("=")[2].strip("'\"") or others[0].strip("'\""))
            else ""
        )
    return name if is_internal(project, name) else ""
