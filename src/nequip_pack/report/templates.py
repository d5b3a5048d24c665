"""Pages: one HTML file with everything in it, and nothing of a package in it but text."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

from nequip_lint.api import install_command
from nequip_pack.errors import EnvironmentLacksError
from nequip_pack.units import in_bytes

FOLDER: Final = Path(__file__).parent


def rendered(template: str, **values: Any) -> str:
    """A page as text; its template finds the style, and filters for sizes and numbers.

    Raises:
        EnvironmentLacksError: if what makes pages is not installed.
    """
    try:
        import jinja2
        from markupsafe import Markup
    except ImportError as error:
        raise lacking(error) from error
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(FOLDER), autoescape=True, undefined=jinja2.StrictUndefined
    )
    environment.filters |= {"bytes": in_bytes, "number": number}
    style = Markup((FOLDER / "page.css").read_text(encoding="utf-8"))
    return environment.get_template(template).render(style=style, **values)


def lacking(error: ImportError) -> EnvironmentLacksError:
    """What to do where a library is missing that makes pages."""
    return EnvironmentLacksError(f"a report needs {error.name}", remedy=f"run `{install_command('report')}`")


def number(value: Any) -> str:
    """A number of six digits; a dash for none."""
    return "–" if value is None else f"{value:.6g}"
