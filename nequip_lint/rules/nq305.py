"""NQ305 postponed-dataclass-annotations: dataclass fields whose annotations are strings."""

from __future__ import annotations

import re
from collections.abc import Iterator

from nequip_lint.facts.details.spots import Spot
from nequip_lint.facts.details.wording import Field
from nequip_lint.facts.values import AT_IMPORT, Facts
from nequip_lint.project.model import Project
from nequip_lint.rules.applied import applies
from nequip_lint.rules.base import Hit, rule
from nequip_lint.rules.live import hit, import_of, live, when
from nequip_lint.rules.pydantic_models import checked_functions, unfinished

_DATACLASSES = frozenset({"dataclasses.dataclass", "pydantic.dataclasses.dataclass"})
_HELP = "do without `from __future__ import annotations` and without quotes in {}"
_UNDOTTED = re.compile(r"(?:\s*(\w+)\s*\.)?\s*\w+")
"""What `dataclasses._is_type` reads of an annotation (CPython 3.10 to 3.14)."""


@rule("NQ305")
def postponed_dataclass_annotations(project: Project) -> Iterator[Hit]:
    """One hit for each dataclass and model of pydantic, at the first field that is looked up by name."""
    seen: set[tuple[str, str]] = set()
    for facts, field in live(project, lambda details: details.fields):
        match = _UNDOTTED.match(field.annotation)
        key = (facts.module, field.spot.owner)
        is_read = match is not None and not match[1] and not field.is_of_function
        if not is_read or key in seen or not _is_dataclass(project, facts, field):
            continue
        seen.add(key)
        message = (
            f"{import_of(project, facts.module)} fails: the annotation of {field.spot.owner}.{field.name} is "
            "a string at run time, for which dataclasses look into sys.modules, where the modules of a "
            "package are not"
        )
        yield hit(project, facts, field.spot, message, _HELP.format(facts.module))
    for facts, field in checked_functions(project):
        part = field.name if field.name != "return" else "the result"
        message = (
            f"{import_of(project, facts.module)} fails: the annotation of {part} of "
            f"{field.spot.owner}() is a string, and pydantic, which checks calls of it, does not find what "
            "it names"
        )
        yield hit(project, facts, field.spot, message, _HELP.format(facts.module))
    for item in unfinished(project):
        spot = Spot(item.field.spot.span, AT_IMPORT._replace(at_import=False), item.key.owner, item.key.name)
        moment = when(project, item.user, spot) if item.key.name else import_of(project, item.user.module)
        message = (
            f"{moment} fails: the annotation of {item.field.spot.owner}.{item.field.name} is a string, and "
            "pydantic, which needs it to make an object or to write one out, does not find what it names"
        )
        finish = f"write `{item.field.spot.owner}.model_rebuild()` below the class, or "
        yield hit(project, item.facts, item.field.spot, message, finish + _HELP.format(item.facts.module))


def _is_dataclass(project: Project, facts: Facts, field: Field) -> bool:
    """Whether a decorator of the class, or a base, makes a dataclass of it."""
    if any(applies(project, facts, name, _DATACLASSES) for name in field.decorators):
        return True
    own = (item.bases for item in facts.classes if item.name == field.spot.owner)
    bases = [base for found in own for base in found if base]
    return any(applies(project, facts, f"{base}.__init_subclass__", _DATACLASSES) for base in bases)
