"""A page for each rule, written from `rules/` before the documentation is read."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nequip_lint.pages import Page, codes, page

if TYPE_CHECKING:
    from sphinx.application import Sphinx

FOLDER = "rules"
FAMILIES = {
    "NQ0": "The project itself",
    "NQ1": "What is imported",
    "NQ2": "What is packaged, and as what",
    "NQ3": "What a load and a forward pass run",
    "NQ4": "What is pickled",
    "NQ5": "Other Pythons and machines",
}
_FENCE = re.compile(r"^```(\w+) file=(\S+)$", re.MULTILINE)


def write_pages(app: Sphinx, config: Any) -> None:
    """Write the pages and their index into the folder `rules` of the documentation."""
    folder = Path(app.srcdir, FOLDER)
    folder.mkdir(exist_ok=True)
    pages = [page(code) for code in codes()]
    texts = {one.code: _text(one) for one in pages} | {"index": _index(pages)}
    for name, text in texts.items():
        _write(folder / f"{name}.md", text)


def _text(one: Page) -> str:
    return _FENCE.sub(r'```{code-block} \1\n:caption: "`\2`"\n', one.body)


def _index(pages: list[Page]) -> str:
    parts = ["# Rules\n\nEach rule fails for real: its bad example is built and loaded in the tests.\n"]
    for start, title in FAMILIES.items():
        rows = [
            f"| [{one.code}]({one.code}.md) | {one.name} | {one.severity.value} | {one.summary} |"
            for one in pages
            if one.code.startswith(start)
        ]
        parts += [f"## {title}\n", "| code | name | level | |\n|---|---|---|---|\n" + "\n".join(rows) + "\n"]
    names = "\n".join(one.code for one in pages)
    return "\n".join([*parts, "```{toctree}\n:hidden:\n:maxdepth: 1\n\n" + names + "\n```\n"])


def _write(path: Path, text: str) -> None:
    """Write a page unless it is there already, so that an unchanged one is not read again."""
    if not path.exists() or path.read_text(encoding="utf-8") != text:
        path.write_text(text, encoding="utf-8")


def setup(app: Sphinx) -> dict[str, Any]:
    """Called by Sphinx."""
    app.connect("config-inited", write_pages)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
