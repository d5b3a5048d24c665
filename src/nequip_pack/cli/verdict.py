"""The gate's verdict in a package's metadata, for people. Someone else wrote it, so nothing is trusted."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from nequip_lint.api import escaped


def lint_lines(record: object) -> list[str]:
    """The status, and one line per accepted loss and per warning."""
    if not isinstance(record, Mapping):
        return []
    lines = [str(record.get("status", "unknown")), *_losses(record), *_items(record, "warnings", "warning")]
    return [escaped(line) for line in lines]


def closure_line(record: object) -> str:
    """How many modules there are per action, and whether that was predicted."""
    if not isinstance(record, Mapping):
        return ""
    modules = record.get("modules")
    counts = (
        [f"{number} {action}" for action, number in modules.items()] if isinstance(modules, Mapping) else []
    )
    absent = record.get("absent_externals")
    return "; ".join(
        [
            ", ".join(counts),
            "as predicted from source"
            if record.get("compared") is True
            else "not compared with a prediction",
            *([f"absent when built: {', '.join(_tops(absent))}"] if absent else []),
        ]
    )


def _losses(record: Mapping[str, Any]) -> Iterator[str]:
    yield from _items(record, "allowed", "allowed loss")
    yield from _items(record, "accepted", "accepted finding")


def _items(record: Mapping[str, Any], key: str, word: str) -> Iterator[str]:
    items = record.get(key)
    for item in items if isinstance(items, list) else []:
        if isinstance(item, Mapping):
            reason = item.get("reason") or item.get("message") or ""
            gone = item.get("with_it")
            more = f"; with it went {', '.join(map(str, gone))}" if isinstance(gone, list) and gone else ""
            help = f"; {item['help']}" if item.get("help") else ""
            yield f"{word} {item.get('code')}:{item.get('module')} {reason}{more}{help}".rstrip()
        else:
            yield f"{word} {item}"


def _tops(names: object) -> list[str]:
    return sorted({str(name).partition(".")[0] for name in names}) if isinstance(names, list) else []
