"""Settings as text, one a line."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from nequip_lint.declared.config import IN_FILE, Config
from nequip_lint.engine.settings import Setting
from nequip_lint.reports.paths import shown

_UNSET = {"select": "all", "roots": "inferred"}


def lines(config: Config, settings: Iterable[Setting]) -> Iterator[str]:
    """The settings of one project: key, values, and in brackets where they come from.

    Args:
        config: of the project.
        settings: of the same.
    """
    yield f"project: {shown(str(config.root.absolute()))}"
    for item in settings:
        values = ", ".join(map(shown, item.values)) or _UNSET.get(item.key, "none")
        origin = shown(str(config.path.absolute())) if item.origin == IN_FILE else item.origin
        yield f"  {item.key}: {values}  ({origin})"
