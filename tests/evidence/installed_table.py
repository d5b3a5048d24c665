"""The table of installed trees: what the linter says of them, and how much of it is true."""

from __future__ import annotations

import datetime
from collections import Counter
from collections.abc import Iterator, Sequence

from installed import Linted, Place, judgement
from reality import ROOT
from stamp import Stamp

OUTPUT = ROOT / "docs" / "evidence" / "installed.md"
UNJUDGED = "not judged"
HEAD = """\
# Installed trees of the package index, linted

Written by `python scripts/write_evidence.py installed`; do not edit.
Run of {date}. {versions}.
Linter `{linter}`, harness `{harness}` (hashes of their files).

Each wheel lies alone in a site-packages folder, and its package is linted with models of it as `--root` and
the sources of the test environment. None of these libraries registers anything for packaging (but nequip and
nequip-allegro): NQ201 to NQ203 say so, are true by construction, and are counted apart. Every other error was
read, and built and loaded where reading left a doubt; the judgements stand in
`tests/evidence/installed.toml`.
"""


def table(found: Sequence[Linted], stamp: Stamp) -> str:
    """The whole page."""
    head = HEAD.format(date=datetime.date.today(), **stamp._asdict())
    verdicts = Counter(_verdict(*error) for item in found for error in item.errors)
    crashed = sum(item.crashed for item in found)
    said = ", ".join(f"{count} {name}" for name, count in sorted(verdicts.items()))
    total = f"**{len(found)} trees, {crashed} crashes; of {verdicts.total()} errors: {said}.**\n"
    return "\n".join([head, total, *_rows(found), "", *_errors(found)]) + "\n"


def _rows(found: Sequence[Linted]) -> Iterator[str]:
    yield "| tree | roots | packaged modules | nothing registered | warnings | errors | false |"
    yield "| --- | --- | --- | --- | --- | --- | --- |"
    for item in found:
        names = ", ".join(root.rpartition(":")[2].rpartition(".")[2] for root in item.roots)
        false = sum(_verdict(*error) == "false" for error in item.errors)
        counts = f"{item.judged} | {item.unregistered} | {item.warnings} | {len(item.errors)} | {false}"
        yield f"| {item.requirement.replace('==', ' ')} | {names} | {counts} |"


def _errors(found: Sequence[Linted]) -> Iterator[str]:
    yield "| error | verdict | what was seen |"
    yield "| --- | --- | --- |"
    for place, message in dict.fromkeys(error for item in found for error in item.errors):
        why = str(judgement(place, message).get("why", message)).replace("|", "\\|")
        yield f"| {place.code} {place.requirement}: {place.path} | {_verdict(place, message)} | {why} |"


def _verdict(place: Place, message: str) -> str:
    return str(judgement(place, message).get("verdict", UNJUDGED))
