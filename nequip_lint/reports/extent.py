"""How much was judged, and with which sources, in the words of the last line."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from nequip_lint.engine.run import Report
from nequip_lint.reports.paths import shown

IS_KNOWN = "is known to belong to a model"
_NAME_ONE = "name one with --root MODULE, `roots` in pyproject.toml, or a @model_builder that makes it"
_SETTLED = "an environment with all requirements would settle it (--environment, or .venv in the project)"
_MOST_NAMED = 3


def models(report: Report) -> str:
    """`, 5 model classes in 3 modules`, where there are any; a root that is given may have no class.

    Where builders make classes of other packages alone, these are named: `9 model classes of nequip`.
    """
    if not report.classes:
        return f", {count(report.modules, 'root module')}" if report.modules else ""
    of = f" of {' and '.join(report.owners)}" if report.owners else ""
    return f", {count(report.classes, 'model class')}{of} in {count(report.modules, 'module')}"


def sources(report: Report) -> str:
    """`, with the sources in .venv (nequip 0.19.1) and the summaries of e3nn 0.6.0`."""
    parts = [f"the sources in {shown(path)}{_listed(names)}" for path, names in report.environments.items()]
    if report.summaries:
        parts.append(f"the summaries of {', '.join(report.summaries)}")
    return f", with {' and '.join(parts)}" if parts else ""


def _listed(names: Iterable[str]) -> str:
    text = ", ".join(names)
    return f" ({text})" if text else ""


def unjudged(report: Report) -> Iterator[str]:
    """What nothing was judged of, and how that is changed."""
    if report.is_nothing_judged:
        if report.findings or report.baselined:
            more = " else" if any(not code.startswith("NQ00") for code in report.by_code) else ""
            yield f"nothing{more} judged: no class here {IS_KNOWN}"
        yield _NAME_ONE
        return
    idle = sorted({shown(str(item.config.root)) for item in report.projects if item.files})
    busy = {shown(str(item.config.root)) for item in report.projects if item.extent.modules}
    names = [name for name in idle if name not in busy]
    if names:
        others = len(names) - _MOST_NAMED
        more = f" and {count(others, 'other folder')}" if others > 0 else ""
        yield f"nothing judged in {', '.join(names[:_MOST_NAMED])}{more}"


def unchecked(report: Report) -> Iterator[str]:
    """What could not be checked, and what would settle it."""
    if report.lost and not report.is_nothing_judged:
        yield f"{count(report.lost, 'builder')} not followed (named by nequip-lint closure)"
    if report.unchecked:
        why = f": {_SETTLED}" if report.unfollowed and not report.environments else ""
        yield f"{count(report.unchecked, 'place')} not checked (NQ004){why}"


def count(number: int, what: str) -> str:
    """A number with its noun, in the plural where that is due."""
    ending = "" if number == 1 else "es" if what.endswith("s") else "s"
    return f"{number} {what}{ending}"
