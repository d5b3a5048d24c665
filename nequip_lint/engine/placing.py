"""Where findings in installed code stand: at the owned import that leads there, the file behind it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from nequip_lint.closure.packaged import span_of
from nequip_lint.contents import read_bytes
from nequip_lint.declared.installed import distributions, owner_of
from nequip_lint.engine.suppress import split
from nequip_lint.facts.values import Facts
from nequip_lint.project.model import Project
from nequip_lint.values import Finding, Step

Owner = Callable[[str], str]
"""The distribution and version that a module belongs to, '' where none is known."""


def placed(project: Project, findings: Iterable[Finding], owner: Owner) -> Iterator[Finding]:
    """Findings, those in installed files at the last owned import that leads there.

    Of several findings of one rule in an installed file there is one, the first: whoever cannot change the
    file does one thing about all of them. Comments in that file suppress as in a linted one. Without an owned
    import a finding stands where it is.

    Args:
        project: in which they were found.
        findings: each in the file that its cause lies in.
        owner: tells of an installed module.
    """
    installed = {facts.path: facts for facts in _installed(project)}
    seen: set[tuple[str, str]] = set()
    for finding in split(findings, installed.values())[0]:
        facts = installed.get(finding.path)
        if facts is None:
            yield finding
        elif (finding.code, finding.path) not in seen:
            seen.add((finding.code, finding.path))
            yield _placed(project, facts, finding, owner(facts.module))


def _installed(project: Project) -> Iterator[Facts]:
    """The installed files that an archive would hold, those that are dropped or refused included."""
    for name, verdict in project.packaged.modules.items():
        if name not in project.owned and verdict.action in ("intern", "dropped", "refused"):
            facts = project.sources.source(name)
            if facts is not None:
                yield facts


def owner_in(project: Project) -> Owner:
    """Tells the distributions of the environment that a project is linted with.

    Args:
        project: the project.
    """
    known = distributions(project.sources.installed)

    def owner(module: str) -> str:
        found = owner_of(module, known)
        return "" if found is None else f"{found.name} {found.version}"

    return owner


def _placed(project: Project, facts: Facts, finding: Finding, owner: str) -> Finding:
    chain = (*project.packaged.chain(facts.module), _cause(facts, finding))
    where = f"in {facts.module} of {owner}" if owner else f"in {facts.module}, which is installed"
    library = owner.partition(" ")[0] or facts.module.partition(".")[0]
    found = finding._replace(
        message=f"{where}: {finding.message}",
        help=_help(project, facts.module, library, finding.help),
        module=facts.module,
        chain=chain,
        installed=True,
    )
    step = next((step for step in reversed(chain) if step.module in project.owned), None)
    if step is None:
        return found
    return found._replace(path=step.path, span=span_of(step, project.owned[step.module]))


def _help(project: Project, module: str, library: str, what: str) -> str:
    """What to do about installed code, which may be external where the configuration makes it internal."""
    found = f"do without {module} in packaged code, or have {library} changed: {what}"
    top = module.partition(".")[0]
    is_chosen = top in {name.partition(".")[0] for name in project.settings.intern} - project.tops
    return f"move {top} from internal-packages to extern-modules, {found}" if is_chosen else found


def _cause(facts: Facts, finding: Finding) -> Step:
    """The place in the installed file, as the last step of a chain."""
    return Step(facts.module, facts.path, finding.span.line, _line(facts.path, finding.span.line))


def _line(path: str, number: int) -> str:
    lines = read_bytes(Path(path)).decode("utf-8", errors="replace").splitlines()
    return lines[number - 1].strip() if number <= len(lines) else ""
