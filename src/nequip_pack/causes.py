"""Which rule's hazard an exception of a packaged model shows: `rules/failures.toml`, asked."""

from __future__ import annotations

import re
import traceback
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from nequip_lint.api import failures
from nequip_pack.failure import chain

if TYPE_CHECKING:
    from collections.abc import Mapping

_PREFIX: Final = re.compile(r"<torch_package_\d+>\.?")
"""What torch.package puts before the names of a package's modules, and before their files."""
_BODY: Final = "<module>"


def advice(error: BaseException, *, again: bool = False) -> str:
    """The end of a message about an error of a packaged model; empty where no rule is known to fit.

    Args:
        error: as it was caught.
        again: whether this process had run the model's code before.
    """
    raised = [_Raised.of(one, again) for one in chain(error)]
    fitting = (entry.get("rule") for entry in failures() if any(one.fits(entry) for one in raised))
    rule = next(fitting, None)
    return f"`nequip-lint rule {rule}` tells what to do" if rule else ""


@dataclass(frozen=True, slots=True)
class _Raised:
    """What an entry of the table asks of an exception.

    Attributes:
        types: the names of its classes.
        places: `module` and `module:function` of the function that raised it.
        through: the same of all functions on the way.
        of_package: whether it is about a name that only a package's code has.
        again: whether this process had run the model's code before.
        importing: whether a module of the model was being imported.
    """

    types: frozenset[str]
    places: frozenset[str]
    through: frozenset[str]
    of_package: bool
    again: bool
    importing: bool

    @classmethod
    def of(cls, error: BaseException, again: bool) -> _Raised:
        calls = [
            (str(frame.f_globals.get("__name__")), frame.f_code.co_name)
            for frame, _ in traceback.walk_tb(error.__traceback__)
        ]
        places = [_places(module, function) for module, function in calls]
        return cls(
            types=frozenset(kind.__name__ for kind in type(error).__mro__),
            places=places[-1] if places else frozenset(),
            through=frozenset().union(*places),
            of_package=any(_PREFIX.search(text) for text in _about(error)),
            again=again,
            importing=any(function == _BODY and _PREFIX.match(module) for module, function in calls),
        )

    def fits(self, entry: Mapping[str, object]) -> bool:
        """Whether all that an entry asks is so."""
        answers = {
            "rule": True,
            "type": entry.get("type") in self.types,
            "raised": entry.get("raised") in self.places,
            "through": entry.get("through") in self.through,
            "of": self.of_package,
            "again": self.again,
            "importing": self.importing,
        }
        return all(answers[name] for name in entry)


def _places(module: str, function: str) -> frozenset[str]:
    plain = _PREFIX.sub("", module)
    return frozenset({plain, f"{plain}:{function}"})


def _about(error: BaseException) -> list[str]:
    """The names that an exception is about, as it keeps them beside its message."""
    kept = [getattr(error, "name", None), getattr(error, "filename", None)]
    keys = error.args if isinstance(error, KeyError) else ()
    return [str(value) for value in (*kept, *keys) if value is not None]
