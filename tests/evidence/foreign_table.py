"""The table of real models of other libraries: the linter's word beforehand, the build, the archive."""

from __future__ import annotations

import datetime
from collections.abc import Collection, Iterator, Sequence

from foreign import BARE, EXTERNAL, PROPOSED, Trial
from reality import ROOT
from stamp import Stamp

OUTPUT = ROOT / "docs" / "evidence" / "foreign.md"
HEAD = """\
# Real models of other libraries: the verdict beforehand and the build

Written by `python scripts/write_evidence.py foreign`; do not edit.
Run of {date}. {versions}; no GPU.
Linter `{linter}`, harness `{harness}` (hashes of their files).

`tests/evidence/foreign/` has for each library a class around an untrained model of it, and what is installed
beside torch in an environment of its own. The class is a project of one file, which is linted with that
environment and saved as a plain checkpoint, from which `nequip-pack build` makes a package and proves it.
Its settings are

- **{bare}**: what somebody writes first;
- **{proposed}**: that, with what `nequip-lint registrations` says until it has nothing to add;
- **{external}**: the library in `extern-modules`, and again what `registrations` says;
- **chosen by hand**: what lets the library itself into the package, as far as anything does.

What the gate refuses is built again with `--no-lint`, as the gate asks the linter: the build is what
torch.package and a load in a fresh process make of it. A verdict agrees if both the linter and the gate have
errors exactly where there is no package without them.

Two closures are compared with the archive, module by module. The exact one, `nequip-lint closure
--checkpoint`, has to be all of it. The prediction from source knows no pickles: externals and code of
`torch.fx` that pickles name, and that it does not have, do not count against it; their number is in brackets.
"""
_LONGEST = 200
_COLUMNS = (
    *("library", "settings", "linter", "gate", "build", "agree"),
    *("intern", "extern", "mock", "exact", "predicted"),
)


def table(found: Sequence[Trial], stamp: Stamp) -> str:
    """The whole page."""
    named = {"bare": BARE, "proposed": PROPOSED, "external": EXTERNAL}
    head = HEAD.format(date=datetime.date.today(), **named, **stamp._asdict())
    agree = sum(item.agrees for item in found)
    built = [item for item in found if item.archive is not None]
    exact = sum(not item.unequal for item in built)
    predicted = sum(not item.unpredicted for item in built)
    total = (
        f"**{len(found)} builds, {agree} verdicts agree; {len(built)} packages, {exact} exact and "
        f"{predicted} predicted closures equal the archive.**\n"
    )
    return "\n".join([head, total, *_rows(found), "", *_settings(found), "", *_differences(found)]) + "\n"


def _rows(found: Sequence[Trial]) -> Iterator[str]:
    yield f"| {' | '.join(_COLUMNS)} |"
    yield "| --- " * len(_COLUMNS) + "|"
    for item in found:
        said = ", ".join(f"{count} {code}" for code, count in item.expected.items()) or "no error"
        cells = (
            *(item.library, item.how, said, ", ".join(item.refused) or "accepts", _build(item)),
            "yes" if item.agrees else "**no**",
            *(_count(item, action) for action in ("intern", "extern", "mock")),
            *(_closure(item, item.unequal), _closure(item, item.unpredicted, item.pickled)),
        )
        yield f"| {' | '.join(cells)} |"


def _build(item: Trial) -> str:
    if item.archive is not None:
        return "proved"
    text = item.error.removeprefix("nequip-pack: error: ").partition("; correct what")[0]
    return text.replace("|", "\\|").replace("_", "\\_").replace("<", "\\<")[:_LONGEST]


def _count(item: Trial, action: str) -> str:
    return "" if item.archive is None else str(len(item.archive.of(action)))


def _closure(item: Trial, different: Sequence[str], pickled: Collection[str] = ()) -> str:
    if item.archive is None:
        return ""
    beyond = len([name for name in pickled if name not in item.predicted])
    return (f"{len(different)} differ" if different else "equal") + (f" ({beyond})" if beyond else "")


def _settings(found: Sequence[Trial]) -> Iterator[str]:
    yield "| library | settings | internal | extern | mock |"
    yield "| --- | --- | --- | --- | --- |"
    for item in found:
        if item.how != BARE:
            names = (item.settings.internal, item.settings.extern, item.settings.mock)
            yield f"| {item.library} | {item.how} | {' | '.join(map(', '.join, names))} |"


def _differences(found: Sequence[Trial]) -> Iterator[str]:
    for item in found:
        yield from (f"- {item.library}, {item.how}, exact: {text}" for text in item.unequal)
        yield from (f"- {item.library}, {item.how}, predicted: {text}" for text in item.unpredicted)
