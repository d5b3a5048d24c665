"""`nequip-lint rule`."""

from __future__ import annotations

import json

import click

from nequip_lint.errors import LintError
from nequip_lint.pages import Page, codes, page


@click.command()
@click.argument("code", required=False)
@click.option(
    "--format", "style", type=click.Choice(["text", "md", "json"]), default="text", show_default=True
)
def rule(code: str | None, style: str) -> None:
    """Show the page of the rule CODE, or the table of all rules."""
    if code is None:
        _table(style)
        return
    found = code.upper()
    if found not in codes():
        raise LintError(f"there is no rule {code!r}; `nequip-lint rule` lists all codes")
    one = page(found)
    click.echo(json.dumps(_json(one), indent=2) if style == "json" else one.body.rstrip())


def _table(style: str) -> None:
    pages = [page(code) for code in codes()]
    if style == "json":
        click.echo(json.dumps({"version": 1, "rules": [_json(item) for item in pages]}, indent=2))
        return
    for item in pages:
        row = (item.code, item.name, item.severity.value, item.summary)
        click.echo(f"| {' | '.join(row)} |" if style == "md" else f"{row[0]}  {row[2]:<7}  {row[1]}")


def _json(item: Page) -> dict[str, str]:
    return {
        "code": item.code,
        "name": item.name,
        "severity": item.severity.value,
        "summary": item.summary,
        "url": item.url,
        "text": item.body,
    }
