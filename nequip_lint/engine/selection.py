"""Which codes are switched on."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from nequip_lint.errors import LintError
from nequip_lint.pages import codes

_DIGITS = str.maketrans("OIL", "011")
"""Letters that look like digits."""


class Selection(NamedTuple):
    """Codes or prefixes to select and to ignore; nothing selected means all."""

    select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()

    def enabled(self, code: str) -> bool:
        """Whether a rule is switched on; `ignore` wins over an equal or shorter `select`."""
        chosen = max((len(p) for p in self.select if code.startswith(p)), default=-1 if self.select else 0)
        refused = max((len(p) for p in self.ignore if code.startswith(p)), default=-1)
        return chosen >= 0 and chosen > refused


def validated(given: Iterable[str], where: str) -> tuple[str, ...]:
    """Codes and prefixes in upper case.

    Raises:
        LintError: one of them matches no rule.
    """
    result = []
    for code in given:
        text = code.strip().upper()
        if not text or not any(known.startswith(text) for known in codes()):
            raise LintError(f"{where}: unknown code {code!r}; {hint(text)}")
        result.append(text)
    return tuple(result)


def hint(code: str) -> str:
    """What to write instead of an unknown code."""
    from difflib import get_close_matches

    digits = code[:2] + code[2:].translate(_DIGITS)
    is_beginning = digits.startswith("NQ") and len(digits) < len("NQ101")
    near = [] if is_beginning else get_close_matches(digits, codes(), n=len(codes()))
    best = max(near, key=lambda known: _in_place(known, digits), default="")
    return f"did you mean {best}?" if best else "`nequip-lint rule` lists all codes"


def _in_place(known: str, code: str) -> int:
    """How many characters of a code stand where they stand in a known one: NQ1O1 means NQ101."""
    return sum(mine == other for mine, other in zip(known, code, strict=False))
