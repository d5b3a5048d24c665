"""NQ410 unrestorable-object: an object of a model that can be pickled, and not be made again."""

from __future__ import annotations

from collections.abc import Iterator

from nequip_lint.project.model import Project
from nequip_lint.rules.base import Hit, rule
from nequip_lint.rules.identity import is_equal_to_itself_alone
from nequip_lint.rules.kept import held
from nequip_lint.rules.live import hit

_HELP = "define __reduce__, or __getstate__ and __setstate__, so that they fit"
_TOLD = {
    "restore": ("the package does not load", _HELP),
    "lacking": ("the packaged model raises AttributeError", _HELP),
    "hooked": (
        "the packaged model computes something else",
        "register the hook in __setstate__ too, or change the gradient in forward",
    ),
    "sharing": (
        "the packaged model computes something else",
        "take the view where it is used, or use views of torch, which share their memory in a pickle",
    ),
}
"""What happens, and what to do about it, by category."""
_MEMBER_HELP = "give the class of the values an __eq__, or make it a frozen dataclass or a named tuple"


@rule("NQ410")
def unrestorable_object(project: Project) -> Iterator[Hit]:
    """One hit for each class and reason."""
    for category, (effect, help) in _TOLD.items():
        for facts, kept in held(project, category):
            message = f"{effect}: a model keeps an object of {kept.spot.owner}, whose {kept.what}"
            yield hit(project, facts, kept.spot, message, help)
    yield from _members(project)


def _members(project: Project) -> Iterator[Hit]:
    """One hit for each kept member of an enumeration that is looked up by a value without an equal."""
    for facts, kept in held(project, "member"):
        is_of_library = kept.what == "functools.partial" or kept.what.startswith("torch.")
        if is_of_library or is_equal_to_itself_alone(project, kept.what):
            message = (
                f"the package does not load: {kept.keeper} keeps {kept.holder} in {kept.where}, a member "
                f"that pickle finds by its value, and an object of {kept.what} is equal to nothing but itself"
            )
            yield hit(project, facts, kept.spot, message, _MEMBER_HELP)
