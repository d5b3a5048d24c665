"""The tables in `rules/`: what is known of Python, torch, nequip, e3nn and other libraries."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any


def data_folder() -> Path:
    """The folder `rules/`: inside the installed package, or at the top of a checkout."""
    installed = Path(__file__).parent / "_rules"
    return installed if installed.is_dir() else Path(__file__).parents[1] / "rules"


@cache
def table(name: str) -> dict[str, Any]:
    """The content of `rules/<name>.toml`, read when first asked for."""
    from nequip_lint.toml import read_toml

    return read_toml(data_folder() / f"{name}.toml")
