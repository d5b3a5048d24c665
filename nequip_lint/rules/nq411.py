"""NQ411 needs-newer-numpy: objects of numpy whose pickles older releases of numpy cannot read."""

from __future__ import annotations

from collections.abc import Iterator

from nequip_lint.declared.installed import mandatory
from nequip_lint.declared.specifiers import allows, specifier_of
from nequip_lint.machine.libraries import normalized
from nequip_lint.project.model import Project
from nequip_lint.rules.base import Hit, rule
from nequip_lint.rules.kept import held
from nequip_lint.rules.live import hit
from nequip_lint.tables import table

_HELP = {
    "array": "keep a tensor, as a buffer say, a list or a plain number; or require numpy>={}",
    "random": "keep its seed, and make the generator where it is used; or require numpy>={}",
}


@rule("NQ411")
def needs_newer_numpy(project: Project) -> Iterator[Hit]:
    """One hit for each attribute, unless the project excludes numpy 2 or all that do not read it."""
    for category, since in table("numpy")["since"].items():
        if not _allows_both(project, since):
            continue
        for facts, kept in held(project, category):
            message = (
                f"a package that is built with numpy 2 does not load with numpy before {since}: "
                f"{kept.keeper} keeps {kept.what} in {kept.where}, and its pickle asks for what is not there"
            )
            yield hit(project, facts, kept.spot, message, _HELP[category].format(since))


def _allows_both(project: Project, since: str) -> bool:
    """Whether the project allows numpy 2, for the build, and some release before one, for the load."""
    required = [item for item in project.metadata.requirements if normalized(mandatory(item)) == "numpy"]
    older = [item for item in table("numpy")["releases"] if not allows(f">={since}", item)]
    newer = [item for item in table("numpy")["releases"] if allows(">=2", item)]
    return all(
        any(all(allows(specifier_of(item), version) for item in required) for version in versions)
        for versions in (newer, older)
    )
