"""Fix what can be fixed, pass by pass: each change is judged before anything is written."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from nequip_lint.contents import remembered
from nequip_lint.edits.declined import Declined
from nequip_lint.edits.text import applied, read_raw
from nequip_lint.engine.changes import Change
from nequip_lint.engine.planning import MOST, planned
from nequip_lint.engine.run import Checked, Report, checked
from nequip_lint.engine.selection import Selection
from nequip_lint.project.assemble import Request
from nequip_lint.values import Edit, Finding

_Key = tuple[str, str, str]
_MOST_PASSES = 500
"""Each pass ends a finding in every file that it changes; more passes than this go round in circles."""
_STAYS = "the finding would still be there after the change"
_MORE = f"fixes are planned for {MOST} findings of a file at a time; help with the others first"


class Fixed(NamedTuple):
    """What remains after all fixes, what was fixed, and how the files change."""

    report: Report
    fixed: tuple[Finding, ...]
    changes: tuple[Change, ...]


def fix(request: Request, selection: Selection, *, unsafe: bool) -> Fixed:
    """Find fixes for the findings of a check, and apply them in memory until nothing changes.

    A pass applies at most one fix to each file, since a fix is made for the file as it was. One after which
    its finding is still there is taken back.

    Args:
        request: what to lint.
        selection: codes from the command line.
        unsafe: apply fixes that may change what the code does, too.

    Raises:
        LintError: something in the request or the configuration is not usable.
    """
    files: dict[str, bytes] = {}
    changed: dict[str, bytes] = {}
    refused: dict[_Key, str] = {}
    fixed: list[Finding] = []
    found = _checked(request, selection, files, changed)
    for _ in range(_MOST_PASSES):
        with _reading(files, changed):
            chosen = _choice(found, refused, unsafe)
        if not chosen:
            break
        trial = changed | _applied(chosen, files, changed, refused)
        after = _checked(request, selection, files, trial)
        failed = [finding for finding in chosen if not _is_gone(finding, found.report, after.report)]
        refused |= {_key(finding): _STAYS for finding in failed}
        if not failed and not any(_key(finding) in refused for finding in chosen):
            changed, found, fixed = trial, after, [*fixed, *chosen]
    with _reading(files, changed):
        left = tuple(planned(found, found.report.findings, _path, _MORE))
    remaining = tuple(_explained(finding, refused) for finding in left)
    changes = tuple(
        Change(Path(path), files[path], data) for path, data in sorted(changed.items()) if data != files[path]
    )
    return Fixed(found.report._replace(findings=remaining, is_fixable=False), tuple(fixed), changes)


@contextmanager
def _reading(files: dict[str, bytes], changed: dict[str, bytes]) -> Iterator[None]:
    """Let the changed files be read; what is read for the first time is remembered in `files`."""
    together = files | changed
    with remembered(together):
        yield
    files |= {path: data for path, data in together.items() if path not in changed}


def _checked(
    request: Request, selection: Selection, files: dict[str, bytes], changed: dict[str, bytes]
) -> Checked:
    with _reading(files, changed):
        return checked(request, selection)


def _choice(found: Checked, refused: dict[_Key, str], unsafe: bool) -> list[Finding]:
    """The findings to fix in one pass: no two of them change the same file."""
    chosen: list[Finding] = []
    touched: set[str] = set()
    waiting = (f for f in found.report.findings if f.path not in touched and _key(f) not in refused)
    for finding in planned(found, waiting, _path, _MORE):
        if finding.fix is None or not (unsafe or finding.fix.is_safe):
            continue
        paths = {edit.path for edit in finding.fix.edits}
        if touched.isdisjoint(paths):
            touched |= paths
            chosen.append(finding)
    return chosen


def _path(finding: Finding) -> str:
    return finding.path


def _applied(
    chosen: Iterable[Finding], files: dict[str, bytes], changed: dict[str, bytes], refused: dict[_Key, str]
) -> dict[str, bytes]:
    """The new bytes of the files that some findings' fixes change; what cannot be applied is refused."""
    found: dict[str, bytes] = {}
    with _reading(files, changed):
        for finding in chosen:
            try:
                found |= _bytes_of(finding.fix.edits if finding.fix else ())
            except Declined as reason:
                refused[_key(finding)] = str(reason)
    return found


def _bytes_of(edits: tuple[Edit, ...]) -> dict[str, bytes]:
    paths = dict.fromkeys(edit.path for edit in edits)
    return {
        path: applied(read_raw(Path(path)), [edit for edit in edits if edit.path == path]) for path in paths
    }


def _is_gone(finding: Finding, before: Report, after: Report) -> bool:
    """Whether there are fewer such findings than before, and no file that was readable is broken now."""

    def count(report: Report) -> int:
        return sum((item.code, item.path) == (finding.code, finding.path) for item in report.findings)

    broken = Counter(item.path for item in after.findings if item.code == "NQ001")
    broken.subtract(item.path for item in before.findings if item.code == "NQ001")
    return count(after) < count(before) and not +broken


def _explained(finding: Finding, refused: dict[_Key, str]) -> Finding:
    reason = refused.get(_key(finding))
    return finding if reason is None else finding._replace(fix=None, unfixable=reason)


def _key(finding: Finding) -> _Key:
    return finding.code, finding.path, finding.message
