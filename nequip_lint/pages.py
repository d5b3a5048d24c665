"""The rule pages: specification, examples and help text in one, read when first needed."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import NamedTuple

from nequip_lint.tables import data_folder
from nequip_lint.values import Severity


class Page(NamedTuple):
    """One page: the scalar keys of its front matter, and the Markdown below it.

    `fix` is `none`, `safe` or `unsafe`: what the fix of the bad example is. `fails` is where that example
    fails: `lint-only` for rules about linting, else a step such as `build` or `load`.
    """

    code: str
    name: str
    severity: Severity
    path: Path
    body: str
    fix: str
    fails: str

    @property
    def summary(self) -> str:
        """The first sentence of the section "What it does"."""
        _, _, text = self.body.partition("## What it does")
        paragraph = " ".join(text.strip().split("\n\n")[0].split())
        return paragraph.partition(". ")[0].rstrip(".") + "."

    @property
    def url(self) -> str:
        """Where the page stands: on the site, or relative to the repository where no site is known."""
        return self.address or f"rules/{self.code}.md"

    @property
    def address(self) -> str:
        """Where the page stands on the documentation's site; '' where no site is known."""
        site = documentation()
        return f"{site}/rules/{self.code}.html" if site else ""


def codes() -> list[str]:
    """The codes that have a page, in order."""
    return sorted(path.stem for path in data_folder().glob("NQ*.md"))


@cache
def page(code: str) -> Page:
    """Read the page of a rule.

    Raises:
        FileNotFoundError: there is no such page.
    """
    path = data_folder() / f"{code}.md"
    _, front, body = path.read_text(encoding="utf-8").split("---\n", 2)
    keys = dict(line.split(": ", 1) for line in front.splitlines() if ": " in line and line[0] != " ")
    return Page(
        code,
        keys["name"].strip(),
        Severity(keys["severity"].strip()),
        path,
        body.strip() + "\n",
        keys["fix"].strip(),
        keys["fails"].strip(),
    )


@cache
def documentation() -> str:
    """The address of the documentation that the installed distribution names, '' for none."""
    from importlib.metadata import PackageNotFoundError, metadata

    try:
        named = metadata("nequip-pack").get_all("Project-URL") or ()
    except PackageNotFoundError:  # run from a copy of the source
        return ""
    pairs = (item.partition(",") for item in named)
    found = (
        address.strip().rstrip("/") for label, _, address in pairs if label.strip().lower() == "documentation"
    )
    return next(found, "")
