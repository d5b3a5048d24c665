"""The settings in force in a project, and where each comes from."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

from nequip_lint.declared.config import IN_FILE, KEYS, Config
from nequip_lint.engine.run import combined
from nequip_lint.engine.selection import Selection
from nequip_lint.project.assemble import Assembled, Request
from nequip_lint.rules.pythons import pythons, shown

DEFAULT = "default"


class Setting(NamedTuple):
    """The values of one key, and their origin: an option, a variable, `IN_FILE`, or why there are none."""

    key: str
    values: tuple[str, ...]
    origin: str


def settings_of(item: Assembled, request: Request, asked: Selection, baseline: Path | None) -> list[Setting]:
    """Every setting of one project; a key to which options add comes twice.

    Args:
        item: the project.
        request: what the command asks for.
        asked: the codes that options name.
        baseline: the file that an option names.

    Raises:
        LintError: the settings name a code that no rule has.
    """
    combined(item.config, asked)
    options = {
        "select": ("--select", asked.select),
        "ignore": ("--ignore", asked.ignore),
        "roots": _asked_roots(request),
        "baseline": ("--baseline", (str(baseline),) if baseline is not None else ()),
    }
    found = []
    for key in KEYS:
        option, values = options.get(key, ("", ()))
        in_file = _in_file(key, item)
        found += [in_file] if not values or (key == "ignore" and in_file.origin == IN_FILE) else []
        found += [Setting(key, values, option)] if values else []
    return found


def _asked_roots(request: Request) -> tuple[str, tuple[str, ...]]:
    if request.training is None:
        return "--root", request.roots
    folder, name = request.training
    return "--config-name", (*request.roots, str(folder / name))


def _in_file(key: str, item: Assembled) -> Setting:
    if key == "environment":
        found = () if item.environment is None else (str(item.environment),)
        return Setting(key, found, item.read_by)
    if item.config.table.get(key):
        return Setting(key, tuple(_values(key, item.config)), IN_FILE)
    if key == "target-python":
        return _python(item)
    return Setting(key, (), DEFAULT)


def _values(key: str, config: Config) -> Iterable[str]:
    value = config.table[key]
    if isinstance(value, dict):
        return (f"{pattern}: {', '.join(codes)}" for pattern, codes in value.items())
    return value if isinstance(value, list) else [str(value)]


def _python(item: Assembled) -> Setting:
    """The lowest Python that counts where the settings name none."""
    allowed = item.project.metadata.python
    lowest = (shown(version) for version in pythons(item.project)[:1])
    return Setting("target-python", tuple(lowest), f"requires-python {allowed}" if allowed else DEFAULT)
