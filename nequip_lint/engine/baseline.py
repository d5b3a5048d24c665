"""A baseline: how many findings of each code a file may have. It lets these pass, and only ever shrinks."""

from __future__ import annotations

import json
import os
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from nequip_lint.contents import read_bytes
from nequip_lint.engine.changes import Change
from nequip_lint.engine.run import Judged, Report
from nequip_lint.errors import LintError
from nequip_lint.values import Finding

_VERSION = 1
_Key = tuple[str, str]
Counts = dict[_Key, int]
"""Findings by file, relative to the baseline's folder, and code."""


class Compared(NamedTuple):
    """One baseline beside what was found: the counts that it allows, those found, and what was judged."""

    path: Path
    allowed: Counts
    found: Counter[_Key]
    judged: tuple[Judged, ...]

    def stale(self) -> list[_Key]:
        """What the baseline allows beyond what is there, as far as this run can tell."""
        return [key for key, count in self.allowed.items() if self._tells(key) and self.found[key] < count]

    def new(self) -> list[_Key]:
        """What is found beyond what the baseline allows."""
        return [key for key, count in self.found.items() if count > self.allowed.get(key, 0)]

    def _tells(self, key: _Key) -> bool:
        """Whether this run judged a file with a rule, or the file is gone."""
        name, code = key
        file = _absolute(self.path, name)
        asked = (item for item in self.judged if item.selection.enabled(code))
        return not Path(file).exists() or any(_is_judged(file, item) for item in asked)

    def shrunk(self, *, is_new: bool) -> Counts:
        """The counts to keep: none grows, and none is forgotten of which this run can tell nothing.

        Args:
            is_new: there is no baseline yet, so that everything found is taken into it.
        """
        if is_new:
            return dict(self.found)
        kept = {
            key: min(count, self.found[key]) if self._tells(key) else count
            for key, count in self.allowed.items()
        }
        return {key: count for key, count in kept.items() if count}


def _is_judged(file: str, item: Judged) -> bool:
    """Whether a run has looked at a file: a linted one, or one of the project's that no file list names."""
    return file in item.files or (not file.endswith(".py") and Path(file).is_relative_to(item.config.root))


def compared(report: Report, option: Path | None, *, may_lack: bool = False) -> list[Compared]:
    """The baselines of a report: the one that the command line names, else each project's own.

    Args:
        report: of a check.
        option: from the command line.
        may_lack: take a baseline that is not there for an empty one.

    Raises:
        LintError: a baseline is not there, or is none.
    """
    groups: dict[Path, list[Judged]] = {}
    for item in report.projects:
        path = option or item.config.baseline
        if path is not None:
            groups.setdefault(path.absolute(), []).append(item)
    return [
        Compared(path, _read(path, may_lack=may_lack), _found(path, report.findings, items), tuple(items))
        for path, items in groups.items()
    ]


def against(report: Report, option: Path | None) -> Report:
    """The report without the findings that baselines allow, and with notes on what these should say.

    Raises:
        LintError: a baseline is not there, or is none.
    """
    known: set[_Key] = set()
    notes: list[str] = []
    for item in compared(report, option):
        fresh = item.new()
        known |= {
            (_absolute(item.path, name), code) for name, code in item.found if (name, code) not in fresh
        }
        notes += _notes(item)
    kept = tuple(finding for finding in report.findings if (finding.path, finding.code) not in known)
    baselined = len(report.findings) - len(kept)
    return report._replace(findings=kept, notes=(*report.notes, *notes), baselined=baselined)


def _notes(item: Compared) -> Iterator[str]:
    for name, code in item.new():
        allowed = item.allowed.get((name, code), 0)
        if allowed:
            count = item.found[name, code]
            yield f"{name}: {count} findings of {code}, of which the baseline allows {allowed}"
    stale = item.stale()
    if stale:
        count = sum(item.allowed[key] - item.found[key] for key in stale)
        yield (
            f"{item.path.name} allows {count} finding{'' if count == 1 else 's'} more than there are "
            f"({', '.join(f'{name} {code}' for name, code in stale)}); shrink it with --write-baseline"
        )


def rewritten(item: Compared) -> Change | None:
    """The change that lets a baseline say what is there, never more than before; None where it does."""
    before = item.path.read_bytes() if item.path.is_file() else None
    after = _text(item.shrunk(is_new=before is None)).encode("utf-8", "backslashreplace")
    return None if after == before else Change(item.path, before, after)


def _text(counts: Mapping[_Key, int]) -> str:
    """A line for each file and code, sorted; what UTF-8 has not becomes the escape that JSON reads back."""
    files: dict[str, dict[str, int]] = {}
    for (name, code), count in sorted(counts.items()):
        files.setdefault(name, {})[code] = count
    return json.dumps({"version": _VERSION, "findings": files}, indent=2, ensure_ascii=False) + "\n"


def _found(path: Path, findings: Iterable[Finding], judged: Iterable[Judged]) -> Counter[_Key]:
    """The findings in what one baseline is for."""
    items = list(judged)
    mine = (item for item in findings if any(_is_judged(item.path, project) for project in items))
    return Counter((_relative(path, item.path), item.code) for item in mine)


def _relative(path: Path, file: str) -> str:
    return os.path.relpath(file, path.parent).replace(os.sep, "/")


def _absolute(path: Path, name: str) -> str:
    return os.path.normpath(path.parent / name)


def _read(path: Path, *, may_lack: bool) -> Counts:
    try:
        data = json.loads(read_bytes(path).decode("utf-8"))
    except FileNotFoundError as error:
        if may_lack:
            return {}
        raise LintError(f"{path}: there is no such baseline; make it with --write-baseline") from error
    except OSError as error:
        raise LintError(f"{path}: cannot be read ({error.strerror})") from error
    except (ValueError, RecursionError) as error:
        raise LintError(
            f"{path}: is no baseline ({error}); restore it, or delete it and make it anew"
        ) from error
    counts = _counts(data)
    if counts is None:
        raise LintError(
            f"{path}: is no baseline of version {_VERSION}; restore it, or delete it and make it anew"
        )
    return counts


def _counts(data: Any) -> Counts | None:
    files = data.get("findings") if isinstance(data, dict) and data.get("version") == _VERSION else None
    if not isinstance(files, dict) or not all(isinstance(item, dict) for item in files.values()):
        return None
    rows = {(name, code): count for name, codes in files.items() for code, count in codes.items()}
    return rows if all(type(count) is int and count > 0 for count in rows.values()) else None
