"""`nequip-lint rule`."""

from __future__ import annotations

import argparse
import difflib
import json
import sys
from collections.abc import Iterable

from nequip_lint.engine.selection import hint
from nequip_lint.errors import LintError
from nequip_lint.pages import Page, codes, page


def rule(given: argparse.Namespace) -> int:
    """Show one page, or the table of all; people in front of a terminal get it rendered and paged."""
    is_for_people = given.format == "text" and sys.stdout.isatty()
    if given.code is None:
        _show(_table(given.format), is_for_people)
        return 0
    one = page(_code(given.code))
    if is_for_people:
        _show(_rendered(one), is_for_people)
    else:
        print(json.dumps(_json(one), indent=2) if given.format == "json" else one.body.rstrip())
    return 0


def _rendered(one: Page) -> Iterable[str]:
    from shutil import get_terminal_size

    from nequip_lint.reports.colour import paint_for
    from nequip_lint.reports.rule_page import page_lines

    return page_lines(one, get_terminal_size().columns, paint_for(sys.stdout))


def _show(lines: Iterable[str], is_for_people: bool) -> None:
    if is_for_people:
        from nequip_lint.cli.pager import page_through

        page_through(lines)
        return
    for line in lines:
        print(line)


def _code(text: str) -> str:
    """The code that a code or a name means.

    Raises:
        LintError: there is no such rule.
    """
    code = text.upper()
    if code in codes():
        return code
    named = {page(code).name: code for code in codes()}
    name = text.lower().replace("_", "-")
    if name in named:
        return named[name]
    near = difflib.get_close_matches(name, named, n=1)
    raise LintError(f"there is no rule {text!r}; {f'did you mean {near[0]}?' if near else hint(code)}")


def _table(style: str) -> Iterable[str]:
    pages = [page(code) for code in codes()]
    if style == "json":
        yield json.dumps({"version": 1, "rules": [_json(item) for item in pages]}, indent=2)
        return
    for item in pages:
        row = (item.code, item.name, item.severity.value, item.summary)
        yield f"| {' | '.join(row)} |" if style == "md" else f"{row[0]}  {row[2]:<7}  {row[1]}"


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
