"""The table of real models: what was predicted, and whether the archive and the loaded model agree."""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Sequence

from models import SEED, Comparison
from reality import ROOT, STEPS
from stamp import Stamp

OUTPUT = ROOT / "docs" / "evidence" / "models.md"
HEAD = """\
# Real models: predicted archives against real ones

Written by `python scripts/write_evidence.py models`; do not edit.
Run of {date}, seed {seed}. {versions}; no GPU.
Linter `{linter}`, harness `{harness}` (hashes of their files).

Each model is built with torch.package and nequip's registrations (`pair`: with those of its own project). It
is loaded in a process without nequip, e3nn and its own source, and evaluated; energy and forces are those of
the unpackaged model, bit for bit or within {steps} steps of single precision (at the largest number), in
which the positions are given. A row agrees if every module of the archive has the predicted action, no other
is in it, and build, load and forward pass succeed. Dropped is what the linter says will be missing, and is.
"""


def table(found: Sequence[Comparison], stamp: Stamp, missing: int) -> str:
    """The whole page; `missing` chosen models were not built."""
    head = HEAD.format(date=datetime.date.today(), seed=SEED, steps=STEPS, **stamp._asdict())
    agree = sum(item.agrees for item in found)
    total = f"**{len(found)} models, {agree} agree.** Chosen and not built: {missing}.\n"
    return "\n".join([head, total, *_rows(found)]) + "\n"


def _rows(found: Sequence[Comparison]) -> Iterator[str]:
    yield "| model | intern | extern | mock | dropped | real | agrees |"
    yield "| --- | --- | --- | --- | --- | --- | --- |"
    for item in found:
        counts = " | ".join(str(item.predicted.get(name, 0)) for name in ("intern", "extern", "mock"))
        real = f"{item.real.stage}: {item.real.error[:120]}" if item.real.stage else "works"
        verdict = "yes" if item.agrees else f"no: {item.unequal or item.real.stage}"
        yield f"| {item.configuration.name} | {counts} | {', '.join(item.dropped)} | {real} | {verdict} |"
