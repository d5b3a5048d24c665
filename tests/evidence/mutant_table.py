"""The table of all mutants: per subject, per rule, per kind, and every disagreement with its reason."""

from __future__ import annotations

import datetime
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

from kinds import kinds
from matrix import PER_KIND, SEED
from reality import ROOT
from results import VERDICTS, Result
from stamp import Stamp

from nequip_lint.toml import read_toml

OUTPUT = ROOT / "docs" / "evidence" / "mutants.md"
KNOWN = ROOT / "tests" / "evidence" / "known.toml"
COMMAND = "python scripts/write_evidence.py mutants"
HEAD = """\
# Mutants: prediction against real builds and loads

Written by `{command}`; do not edit.
Run of {date}, seed {seed}, at most {per_kind} of each kind and subject. {versions}; no GPU.
Linter `{linter}`, harness `{harness}` (hashes of their files).

Each mutant is real source with one hazard put in, or with a harmless edit that looks like one
(`tests/evidence/kinds/`). torch.package builds it in one process, and another one that has neither the source
nor nequip loads it. The linter reads it too; what counts is what it does not say of the unmodified source.

- agree: a failure that the rule of the kind announced, at a stage that its page or the kind names; or no
  failure and no error. The action of every module is as predicted.
- missed: a failure, a lost module, or another action of a module that was not announced.
- false: an error is announced and everything works.
- other: announced by another rule only, or failing at another stage.

`pair` is a model without nequip, for the rule that has nothing to say where nequip's registrations hold.
"""


def known() -> Mapping[str, str]:
    """Reasons for disagreements, by `Result.place`."""
    return {str(key): str(value) for key, value in read_toml(KNOWN).items()}


def disagreements(results: Iterable[Result]) -> dict[str, Result]:
    """The results that do not agree, by place."""
    return {item.place: item for item in results if item.verdict != "agree"}


def table(results: Sequence[Result], stamp: Stamp, missing: int) -> str:
    """The whole page.

    Args:
        results: what was judged.
        stamp: of the files that it was judged with.
        missing: how many chosen mutants were not judged.
    """
    head = HEAD.format(
        command=COMMAND, date=datetime.date.today(), seed=SEED, per_kind=PER_KIND, **stamp._asdict()
    )
    parts = [head, *_totals(results, missing), *_families(results), *_kinds(results), *_listed(results)]
    return "\n".join(parts) + "\n"


def _totals(results: Sequence[Result], missing: int) -> Iterator[str]:
    agree = sum(item.verdict == "agree" for item in results)
    fail = sum(item.stage != "" for item in results)
    yield (
        f"**{len(results)} mutants, {agree} agree ({100 * agree / max(len(results), 1):.1f} %)**; "
        f"{fail} of them fail in reality. Chosen and not judged: {missing}.\n"
    )
    yield from _grid("subject", _grouped(results, lambda item: item.subject))


def _families(results: Sequence[Result]) -> Iterator[str]:
    yield "\n## By rule\n\nHarmless edits count for the rule that they look like.\n"
    yield from _grid("rule", _grouped(results, lambda item: item.rule or item.like or "none"))


def _kinds(results: Sequence[Result]) -> Iterator[str]:
    yield "\n## By kind\n\nThe numbers are agreeing of all mutants, with the stages at which they failed.\n"
    subjects = list(dict.fromkeys(item.subject for item in results))
    yield f"| kind | rule | failed at | {' | '.join(subjects)} |"
    yield f"| --- | --- | --- |{' --- |' * len(subjects)}"
    groups = _grouped(results, lambda item: item.kind)
    for kind in kinds():
        group = groups.get(kind.name, [])
        stages = Counter(item.stage for item in group if item.stage)
        seen = ", ".join(f"{stage} {count}" for stage, count in sorted(stages.items())) or "nothing fails"
        rule = kind.rule or (f"like {kind.like}" if kind.like else "none")
        cells = [_share([item for item in group if item.subject == name]) for name in subjects]
        if group:
            yield f"| {kind.name} | {rule} | {seen} | {' | '.join(cells)} |"


def _listed(results: Sequence[Result]) -> Iterator[str]:
    yield "\n## Disagreements\n"
    reasons = known()
    for place, item in sorted(disagreements(results).items()):
        said = "; ".join(sorted(item.codes)) or "nothing"
        real = f"{item.stage}: {item.error}" if item.stage else "works"
        unequal = f" Actions: {item.unequal}." if item.unequal else ""
        yield (
            f"- {item.verdict}: {place}. Said: {said}. Real: {real.replace('|', ' ')}.{unequal} "
            f"Reason: {reasons.get(place, 'not known yet')}"
        )
    if all(item.verdict == "agree" for item in results):
        yield "None."


def _grid(title: str, groups: Mapping[str, Sequence[Result]]) -> Iterator[str]:
    yield f"| {title} | mutants | fail | {' | '.join(VERDICTS)} |"
    yield f"| --- | --- | --- |{' --- |' * len(VERDICTS)}"
    for name, group in sorted(groups.items()):
        count = Counter(item.verdict for item in group)
        fail = sum(item.stage != "" for item in group)
        cells = " | ".join(str(count[verdict]) for verdict in VERDICTS)
        yield f"| {name} | {len(group)} | {fail} | {cells} |"


def _grouped(results: Iterable[Result], key: Callable[[Result], str]) -> dict[str, list[Result]]:
    found: dict[str, list[Result]] = defaultdict(list)
    for item in results:
        found[key(item)].append(item)
    return found


def _share(group: Sequence[Result]) -> str:
    agree = sum(item.verdict == "agree" for item in group)
    return f"{agree}/{len(group)}" if group else ""
