"""`docs/format.md` names what is in a package, and the versions that the code has."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from nequip_pack.format import (
    CURRENT,
    PACK_FORMAT,
    closure,
    manifest,
    open_archive,
    read_metadata,
    references,
)

if TYPE_CHECKING:
    from collections.abc import Iterable

PAGE = (Path(__file__).parents[2] / "docs" / "format.md").read_text(encoding="utf-8")


def rows(head: str) -> list[list[str]]:
    """The cells of the table whose first line is given."""
    table = PAGE.partition(f"{head}\n")[2].partition("\n\n")[0]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in table.splitlines()[1:]]


MEMBERS = rows("| member | by | when | holds |")
KEYS = rows("| key | by | when | holds |")
OURS = rows("| key | when | holds |")


def pattern(member: str) -> re.Pattern[str]:
    """What the name of a member in the table stands for."""
    return re.compile("".join(".+" if part[:1] == "<" else re.escape(part) for part in _parts(member)))


def _parts(member: str) -> Iterable[str]:
    return re.split(r"(<\w+>)", member.strip("`"))


@pytest.mark.real
def test_every_member_is_named_and_the_named_ones_are_there(package: Path) -> None:
    found = open_archive(package).members
    named = [(pattern(row[0]), row[2] == "always") for row in MEMBERS]
    assert [name for name in found if not any(item.fullmatch(name) for item, _ in named)] == []
    for item, is_always in named:
        assert not is_always or any(map(item.fullmatch, found)), item.pattern
    assert list(found)[-1] == manifest.MEMBER


@pytest.mark.real
def test_every_key_is_named_and_the_named_ones_are_there(package: Path) -> None:
    metadata = read_metadata(open_archive(package))
    assert metadata.nequip_pack is not None
    for table, found in ((KEYS, metadata.raw), (OURS, metadata.nequip_pack)):
        named = {row[0].strip("`"): row[-2] == "always" for row in table}
        assert found.keys() <= named.keys()
        assert {name for name, is_always in named.items() if is_always} <= found.keys()


def test_versions_are_those_of_the_code() -> None:
    for member in (closure, references, manifest):
        assert f"- `{member.MEMBER}`, version {member.VERSION}:" in PAGE
    assert f"the format, {CURRENT} |" in PAGE
    assert f"our own counter, {PACK_FORMAT} |" in PAGE
    assert f"Up to {references.WHOLE:,} numbers are stored whole" in PAGE
    assert f"at most {references.SMALL} numbers" in PAGE
    assert f"writes {CURRENT}." in PAGE
