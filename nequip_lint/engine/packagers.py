"""What a packager makes of a project: which registrations it has, and what it does with absent externals."""

from __future__ import annotations

import re
from difflib import get_close_matches

from nequip_lint import __version__
from nequip_lint.declared.installed import distributions
from nequip_lint.errors import LintError
from nequip_lint.machine import standard_library as stdlib
from nequip_lint.machine.target import Patterns, Target
from nequip_lint.project.assemble import Assembled
from nequip_lint.project.model import Project
from nequip_lint.project.select import Combination

OURS = "ours"
_TORCH = "torch"
_NEQUIP = "nequip"


def check_packager(packager: str) -> None:
    """Refuse what names no packager.

    Raises:
        LintError: it is none of `ours`, `torch`, `nequip` and `nequip==X`.
    """
    if packager in (OURS, _TORCH, _NEQUIP) or re.fullmatch(r"nequip==[\w.]+", packager):
        return
    near = get_close_matches(re.split("[=<>~]", packager)[0].lower(), (OURS, _TORCH, _NEQUIP), n=1)
    wish = {_NEQUIP: "nequip==X"}.get(near[0], near[0]) if near else ""
    hint = f"did you mean {wish}?" if near else "it is ours, torch, nequip or nequip==X"
    raise LintError(f"--packager {packager}: there is no such packager; {hint}")


def python_of(text: str) -> tuple[int, int]:
    """The Python that `--python` names.

    Raises:
        LintError: no such Python is known.
    """
    known = [f"{major}.{minor}" for major, minor in stdlib.pythons()]
    if text not in known:
        short = re.match(r"3\.1\d", text)
        near = [short[0]] if short and short[0] in known else get_close_matches(text, known, n=1)
        hint = f"did you mean {near[0]}?" if near else f"it is one of {', '.join(known)}"
        raise LintError(f"--python {text}: no such Python is known; {hint}")
    return stdlib.version_of(text)


def seen_by(packager: str, assembled: Assembled) -> tuple[str, Project]:
    """How a target names a packager, and the project as it sees it.

    Args:
        packager: `ours`, `torch`, `nequip` (the release at hand) or `nequip==X`.
        assembled: the project with the releases that it allows.

    Raises:
        LintError: that release of nequip is not among those that the project may be packaged with.
    """
    if packager == _TORCH:
        return _TORCH, _with_patterns(assembled.project, assembled.config.patterns)
    if packager == OURS:
        return f"nequip-pack {__version__}", assembled.project
    here = distributions(assembled.project.sources.installed).get(_NEQUIP)
    if here is not None or packager == _NEQUIP:
        version = here.version if here is not None else _nequip(assembled.combinations[0])
        if packager in (_NEQUIP, f"nequip=={version}"):
            return f"nequip {version}".rstrip(), assembled.project
        raise LintError(
            f"--packager {packager}: the environment holds nequip {version}; name that, or no environment"
        )
    chosen = _combination(packager.removeprefix("nequip=="), assembled)
    return f"nequip {_nequip(chosen)}", assembled.beside(chosen)


def _combination(wish: str, assembled: Assembled) -> Combination:
    """The newest releases that the project allows together with one of nequip."""
    releases = {version: item for item in reversed(assembled.combinations) if (version := _nequip(item))}
    if wish in releases:
        return releases[wish]
    if not releases:
        raise LintError(
            f"--packager nequip=={wish}: these files are nequip, or need no nequip; use --packager nequip"
        )
    near = get_close_matches(wish, releases, n=1) or list(releases)[-1:]
    raise LintError(
        f"--packager nequip=={wish}: this project does not allow that release, or it has no summary; "
        f"did you mean nequip=={near[0]}?"
    )


def in_force(project: Project, target: Target, packager: str) -> Patterns:
    """The registrations with which a packager builds on one machine.

    nequip interns nothing that no entry point names; nequip-pack may know better, from a plain checkpoint.
    """
    return project.patterns_on(target, project.uncovered if packager == OURS else frozenset())


def _nequip(choices: Combination) -> str:
    """The release of nequip in a combination; empty where there is none."""
    found = (item.release for item in choices if item.package == "nequip")
    return next((release.version for release in found if release is not None), "")


def _with_patterns(project: Project, patterns: Patterns) -> Project:
    return Project(
        project.metadata,
        project.files,
        project.sources,
        project.required,
        project.extensions,
        project.settings,
        project.roots,
        patterns,
    )
