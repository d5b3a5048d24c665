"""The packager's only door into the linter: what `nequip_pack` asks, and the values that come back.

A build asks three things: what is installed here (:func:`environment`), whether what a load imports can be
imported here (:func:`judge_imports`, gate A), and what becomes of the closure of its exact roots
(:func:`judge_closure`, gate B). A finished package is read as text (:func:`archived_code`) and judged for
the machine that loads it (:func:`judge_package`). The rest shows what was found, and tells what both sides
need to know alike.

Importing this module imports next to nothing: each function imports what it needs when it is called, so that
commands which lint nothing do not pay for the linter.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from nequip_lint import __version__
from nequip_lint.errors import LintError
from nequip_lint.text import escaped

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping
    from pathlib import Path
    from typing import Any, TextIO

    from nequip_lint.closure.packaged import Closure as Closure
    from nequip_lint.gate.environment import Environment as Environment
    from nequip_lint.gate.judgement import Allowed as Allowed
    from nequip_lint.gate.judgement import Judgement as Judgement
    from nequip_lint.gate.predicted import Registered as Registered
    from nequip_lint.machine.target import Patterns as Patterns
    from nequip_lint.machine.target import Target as Target
    from nequip_lint.snapshot.code import ArchivedCode as ArchivedCode
    from nequip_lint.snapshot.code import Copies as Copies
    from nequip_lint.snapshot.judge import Judged as Judged
    from nequip_lint.snapshot.machine import Machine as Machine
    from nequip_lint.values import Chain as Chain
    from nequip_lint.values import Finding as Finding

__all__ = [
    "LintError",
    "__version__",
    "archived_code",
    "closure_lines",
    "command",
    "declared",
    "environment",
    "escaped",
    "judge_closure",
    "judge_imports",
    "judge_package",
    "known_distribution",
    "libraries_named",
    "names_too_much",
    "printed",
    "project_root",
    "target_json",
]


def environment(
    owned: Iterable[Path],
    origin: Copies | None = None,
    imports: tuple[str, ...] | None = None,
    projects: Iterable[Path] = (),
) -> Environment:
    """What is installed in this process, learnt from files and metadata.

    Args:
        owned: folders of owned code, from `--source`.
        origin: copies of the source of the package that the model came from, as for :func:`archived_code`; it
            hides that of this environment.
        imports: the internal modules of a plain checkpoint, None for a checkpoint of nequip.
        projects: the folders of the projects in which these are developed.
    """
    from nequip_lint.gate.environment import this_environment

    return this_environment(owned, origin, imports, projects)


def judge_imports(environment: Environment, gpu: bool, allowed: Allowed) -> Judgement:
    """Gate A: whether what a load imports can be imported here, and errors in owned code on the way.

    What comes of environment variables is left to the load, which runs code that sets some of them.

    Args:
        environment: what is installed.
        gpu: whether this machine has a GPU.
        allowed: codes and modules of accepted findings.
    """
    from nequip_lint.gate.imports import judge_imports

    return judge_imports(environment, gpu, allowed)


def judge_closure(
    environment: Environment,
    roots: Iterable[str],
    registered: Registered,
    gpu: bool,
    can_import: Callable[[str], bool],
    allowed: Allowed,
) -> Judgement:
    """Gate B: the closure of exact roots on this machine, against the one on a machine with everything.

    Args:
        environment: what is installed.
        roots: every module that a pickle of the build names.
        registered: the registrations in force.
        gpu: whether this machine has a GPU.
        can_import: whether an installed library can be imported here; asked of those that are reached.
        allowed: codes and modules of accepted losses and findings.
    """
    from nequip_lint.gate.closure import judge_closure

    return judge_closure(environment, roots, registered, gpu, can_import, allowed)


def archived_code(copies: Copies) -> ArchivedCode:
    """Read copies of the Python members of an archive as text; nothing of them runs.

    Args:
        copies: a folder with the files, each under its name in the archive; these names; and the size in
            bytes beyond which a file is not parsed.
    """
    from nequip_lint.cache.entries import Cache
    from nequip_lint.snapshot.code import archived_code

    return archived_code(copies, Cache(None))


def judge_package(
    code: ArchivedCode,
    machine: Machine,
    *,
    roots: tuple[str, ...],
    externals: frozenset[str],
    versions: Mapping[str, str | None],
    python: tuple[int, int],
) -> Judged:
    """Judge the source in a package for the machine that loads it.

    Args:
        code: from :func:`archived_code`.
        machine: where it is to be loaded.
        roots: the modules of the package that the models' pickles name.
        externals: the modules that its importer looks up outside.
        versions: of registered libraries at the build, None for an absent one.
        python: the Python that built it.
    """
    from nequip_lint.snapshot.judge import judge_package
    from nequip_lint.snapshot.machine import Built

    return judge_package(code, Built(roots, externals, versions, python), machine)


def libraries_named(code: ArchivedCode, externals: frozenset[str]) -> frozenset[str]:
    """The top-level names that anything in a package imports or that it names as external."""
    from nequip_lint.snapshot.judge import libraries_named

    return libraries_named(code, externals)


def printed(findings: Iterable[Finding], stream: TextIO | None = None) -> str:
    """Findings as the linter prints them.

    Args:
        findings: in this order.
        stream: where they go, which decides whether they have colours; None for none.
    """
    from nequip_lint.reports.colour import paint_for, plain
    from nequip_lint.reports.frame import frame

    paint = plain if stream is None else paint_for(stream)
    return "\n".join(frame(finding, paint) for finding in findings)


def closure_lines(closure: Closure, target: Target) -> Iterator[str]:
    """A closure as text, worst actions first, each module with the imports that lead to it."""
    from nequip_lint.reports.prediction import closure_lines

    return closure_lines(closure, target, every_way=True)


def target_json(target: Target) -> dict[str, Any]:
    """A machine as JSON values."""
    from nequip_lint.reports.machine import target_json

    return target_json(target)


def declared(project: Path) -> Patterns:
    """What a project declares as internal, external and mocked in its table `[tool.nequip-lint]`.

    Raises:
        LintError: the table is wrong.
    """
    from nequip_lint.project.config import project_config
    from nequip_lint.project.metadata import read_metadata

    return project_config(read_metadata(project), None).patterns


def command(module: str) -> list[str]:
    """The command line of a fresh Python that calls `main()` of a module, the working directory kept out."""
    from nequip_lint.children import command

    return command(module)


def project_root(folder: Path) -> Path | None:
    """The root of the project that a folder is in; None for code that is in none."""
    from nequip_lint.project.files import project_root

    return project_root(folder)


def known_distribution(name: str) -> str | None:
    """The distribution that provides an import, where the linter knows it."""
    from nequip_lint.machine.libraries import distribution_of

    return distribution_of(name)


def names_too_much(source: str) -> bool:
    """Whether an import in a source names more than any file does, so that parsing it would take too long."""
    from nequip_lint.source.text import names_too_much

    return names_too_much(source)
