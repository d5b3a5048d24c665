"""NQ304 sys-modules-lookup: code that looks for its own module in `sys.modules`."""

from __future__ import annotations

from collections.abc import Iterator

from nequip_lint.facts.values import Facts, Probe
from nequip_lint.project.evaluate import catches
from nequip_lint.project.model import Project
from nequip_lint.rules.base import Hit, rule
from nequip_lint.rules.probed import hit, is_internal, probes, when

_HELP = "use globals(), an import statement, or the object itself"


@rule("NQ304")
def sys_modules_lookup(project: Project) -> Iterator[Hit]:
    """One hit for each lookup that a loaded package runs."""
    for facts, probe in probes(project, "subscript", "lookup", "call"):
        what, exception = _hazard(project, facts, probe)
        if what and not catches(probe.place.caught, exception):
            message = (
                f"{when(project, facts, probe)} fails: {what}, but the modules of a package are not in "
                "sys.modules"
            )
            yield hit(project, facts, probe, message, _HELP)


def _hazard(project: Project, facts: Facts, probe: Probe) -> tuple[str, str]:
    """What a probe does, empty if that is harmless, and the exception in which it ends."""
    if probe.kind == "subscript":
        return _lookup(project, probe), "KeyError"
    if probe.kind == "lookup":
        index = probe.detail[0]
        own = _is_own(project, index)
        return (f"what sys.modules.get({index}) gives is used" if own else ""), probe.name
    return _helper(facts, probe), "KeyError"


def _lookup(project: Project, probe: Probe) -> str:
    if probe.name != "sys.modules":
        return ""
    index, context = probe.detail
    if not _is_own(project, index):
        return ""
    return f"sys.modules[{index}] is " + (
        "set to a module made at run time" if context == "store" else "read"
    )


def _is_own(project: Project, index: str) -> bool:
    """Whether an expression names a module of the package."""
    literal = index[:1] in ("'", '"') and is_internal(project, index.strip("'\""))
    return literal or index in ("__name__", "__package__") or index.endswith(".__module__")


def _helper(facts: Facts, probe: Probe) -> str:
    """Library functions that look the module up themselves."""
    if probe.name == "enum.global_enum" and probe.place.at_import:
        return "enum.global_enum puts the members into sys.modules[…]"
    if probe.name == "inspect.getmodule" and "frame" in "".join(probe.detail):
        return "inspect.getmodule looks a frame's module up in sys.modules"
    if probe.name == "typing.get_type_hints" and len(probe.detail) == 1:
        postponed = any(
            item.module == "__future__" and "annotations" in item.statement for item in facts.imports
        )
        classes = {item.name for item in facts.classes} | {"cls", "type(self)", "self.__class__"}
        if postponed and probe.detail[0] in classes:
            return "typing.get_type_hints evaluates the annotations of a class in its sys.modules entry"
    return ""
