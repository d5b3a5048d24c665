"""The page of a package."""

from __future__ import annotations

import base64
import hashlib
from typing import TYPE_CHECKING

from nequip_pack.report.numbers import rows
from nequip_pack.report.templates import FOLDER, lacking, rendered
from nequip_pack.report.tree import tree
from nequip_pack.report.treemap import HEIGHT, WIDTH, boxes

if TYPE_CHECKING:
    from nequip_pack.report.gather import Content


def page(content: Content) -> str:
    """The page as text.

    Raises:
        EnvironmentLacksError: if what makes pages is not installed.
    """
    try:
        import squarify as squarify
        from markupsafe import Markup
    except ImportError as error:
        raise lacking(error) from error
    script = (FOLDER / "page.js").read_text(encoding="utf-8")
    return rendered(
        "page.html.jinja",
        content=content,
        script=Markup(script),
        hash=_hash(script),
        boxes=boxes(content.sizes),
        canvas=(WIDTH, HEIGHT),
        tree=tree(content.closure),
        predictions=rows(content.references),
    )


def _hash(script: str) -> str:
    """What a browser compares the only script that it may run with."""
    return base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
