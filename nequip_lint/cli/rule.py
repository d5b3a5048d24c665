"""`nequip-lint rule`."""

from __future__ import annotations

import argparse
import json

from nequip_lint.engine.selection import hint
from nequip_lint.errors import LintError
from nequip_lint.pages import Page, codes, page


def rule(given: argparse.Namespace) -> int:
    """Print one page, or the table of all."""
    if given.code is None:
        _table(given.format)
        return 0
    code = given.code.upper()
    if code not in codes():
        raise LintError(f"there is no rule {given.code!r}; {hint(code)}")
    one = page(code)
    print(json.dumps(_json(one), indent=2) if given.format == "json" else one.body.rstrip())
    return 0


def _table(style: str) -> None:
    pages = [page(code) for code in codes()]
    if style == "json":
        print(json.dumps({"version": 1, "rules": [_json(item) for item in pages]}, indent=2))
        return
    for item in pages:
        row = (item.code, item.name, item.severity.value, item.summary)
        print(f"| {' | '.join(row)} |" if style == "md" else f"{row[0]}  {row[2]:<7}  {row[1]}")


def _json(item: Page) -> dict[str, str]:
    return {
        "code": item.code,
        "name": item.name,
        "severity": item.severity.value,
        "summary": item.summary,
        "fix": item.fix,
        "url": item.url,
        "text": item.body,
    }
