"""What Poetry's tables require, as other tools write it: `^0.19` is `>=0.19,<0.20`."""

from __future__ import annotations

import re
from typing import Any

_VERSION = re.compile(r"\d+(?:\.\d+)*")


def requirements(table: dict[str, Any]) -> tuple[str, ...]:
    """The requirements in a table of dependencies, which has the Python as well.

    Args:
        table: `[tool.poetry.dependencies]`.
    """
    found = ((name, entry) for name, entry in table.items() if name != "python")
    return tuple(f"{name}{_specifier(_version(entry))}" for name, entry in found if not _is_optional(entry))


def python(table: dict[str, Any]) -> str:
    """The Pythons that a table of dependencies allows; '' where it does not say.

    Args:
        table: `[tool.poetry.dependencies]`.
    """
    return _specifier(_version(table.get("python", "")))


def _is_optional(entry: object) -> bool:
    return isinstance(entry, dict) and bool(entry.get("optional"))


def _version(entry: object) -> str:
    found = entry.get("version", "") if isinstance(entry, dict) else entry
    return found if isinstance(found, str) else ""


def _specifier(text: str) -> str:
    """Clauses with commas between; '' for any version, and for alternatives, which nobody else can write."""
    if "|" in text:
        return ""
    clauses = (clause.strip() for clause in re.split(r",|(?<=\d)\s+(?=[<>=!~^])", text))
    return ",".join(filter(None, map(_clause, clauses)))


def _clause(text: str) -> str:
    sign, version = text[:1], text[1:].strip()
    if sign in ("^", "~") and _VERSION.fullmatch(version):
        return f">={version},<{_next(version, _place(version, sign))}"
    if _VERSION.fullmatch(text) or (text.endswith(".*") and text[0].isdigit()):
        return f"=={text}"
    return "" if text == "*" else text


def _place(version: str, sign: str) -> int:
    """Which of the numbers of a version has to stay: the first but zeros after `^`, the second after `~`."""
    numbers = [int(number) for number in version.split(".")]
    if sign == "~":
        return min(1, len(numbers) - 1)
    return next((place for place, number in enumerate(numbers) if number), len(numbers) - 1)


def _next(version: str, place: int) -> str:
    numbers = [int(number) for number in version.split(".")]
    return ".".join(map(str, [*numbers[:place], numbers[place] + 1]))
