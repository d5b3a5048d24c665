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
    from nequip_lint.closure.packaged import Edge as Edge
    from nequip_lint.gate.environment import Environment as Environment
    from nequip_lint.gate.judgement import Allowed as Allowed
    from nequip_lint.gate.judgement import Judgement as Judgement
    from nequip_lint.gate.predicted import Registered as Registered
    from nequip_lint.machine.libraries import Library as Library
    from nequip_lint.machine.target import Patterns as Patterns
    from nequip_lint.machine.target import Target as Target
    from nequip_lint.snapshot.code import ArchivedCode as ArchivedCode
    from nequip_lint.snapshot.code import Copies as Copies
    from nequip_lint.snapshot.judge import Judged as Judged
    from nequip_lint.snapshot.machine import Machine as Machine
    from nequip_lint.snapshot.uses import Use as Use
    from nequip_lint.snapshot.uses import Uses as Uses
    from nequip_lint.summaries.hashes import Hashes as Hashes
    from nequip_lint.values import Chain as Chain
    from nequip_lint.values import Finding as Finding

__all__ = [
    "LintError",
    "__version__",
    "any_machine",
    "archived_code",
    "closure_in",
    "closure_lines",
    "command",
    "declared",
    "environment",
    "escaped",
    "extension_group",
    "failures",
    "finding_json",
    "install_command",
    "is_implicitly_external",
    "judge_closure",
    "judge_imports",
    "judge_package",
    "known_distribution",
    "known_library",
    "libraries_named",
    "names_too_much",
    "painted",
    "printed",
    "project_root",
    "released_hashes",
    "released_packages",
    "source_digest",
    "table",
    "target_json",
    "unknown_code",
    "uses",
    "with_generated",
]


def environment(
    owned: Iterable[Path],
    origin: Copies | None = None,
    imports: tuple[str, ...] | None = None,
    projects: Iterable[Path] = (),
    absent: frozenset[str] = frozenset(),
) -> Environment:
    """What is installed in this process, learnt from files and metadata.

    Args:
        owned: folders of owned code, from `--source`.
        origin: copies of the source of the package that the model came from, as for :func:`archived_code`; it
            hides that of this environment.
        imports: the internal modules of a plain checkpoint, None for a checkpoint of nequip.
        projects: the folders of the projects in which these are developed.
        absent: the import names of libraries that are installed, and that this machine shall not have.
    """
    from nequip_lint.gate.environment import this_environment

    return this_environment(owned, origin, imports, projects, absent)


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


def uses(code: ArchivedCode) -> Uses:
    """What the source in a package names, where, and whether that runs when the package is loaded."""
    from nequip_lint.snapshot.uses import Uses

    return Uses(code)


def released_hashes(package: str) -> Hashes | None:
    """The hashes of the source of released versions of a package; None where none are known.

    Args:
        package: its import name.
    """
    from nequip_lint.summaries.hashes import released

    return released(package)


def released_packages() -> frozenset[str]:
    """The import names of the packages of which released versions are known."""
    from nequip_lint.summaries.releases import summarised

    return summarised()


def source_digest(source: bytes) -> str:
    """The hash of a source file, as :func:`released_hashes` has it."""
    from nequip_lint.summaries.hashes import digest

    return digest(source)


def table(name: str) -> dict[str, Any]:
    """The content of a table in `rules/`."""
    from nequip_lint.tables import table

    return table(name)


def judge_package(
    code: ArchivedCode,
    machine: Machine,
    *,
    roots: tuple[str, ...],
    externals: frozenset[str],
    versions: Mapping[str, str | None],
    python: tuple[int, int],
    mocks: frozenset[str] = frozenset(),
) -> Judged:
    """Judge the source in a package for the machine that loads it.

    Args:
        code: from :func:`archived_code`.
        machine: where it is to be loaded.
        roots: the modules of the package that the models' pickles name.
        externals: the modules that its importer looks up outside.
        versions: of registered libraries at the build, None for an absent one.
        python: the Python that built it.
        mocks: the registered mocks that the build reached and did not find.
    """
    from nequip_lint.snapshot.judge import judge_package
    from nequip_lint.snapshot.machine import Built

    return judge_package(code, Built(roots, externals, versions, python, mocks), machine)


def closure_in(code: ArchivedCode, roots: tuple[str, ...]) -> Closure:
    """What the source in a package reaches, whatever was recorded of that; external modules have no action.

    Args:
        code: from :func:`archived_code`.
        roots: the modules of the package that the models' pickles name.
    """
    from nequip_lint.snapshot.judge import closure_in

    return closure_in(code, roots)


def any_machine() -> Machine:
    """The machine that `nequip-lint PKG` judges a package for, unless it is told of another."""
    from nequip_lint.snapshot.machine import Machine

    return Machine()


def finding_json(finding: Finding) -> dict[str, Any]:
    """A finding as JSON values."""
    from nequip_lint.reports.machine import finding_json

    return finding_json(finding)


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


def with_generated(closure: Closure, generated: Iterable[str]) -> Closure:
    """A closure with the modules that pickling makes, of which no import tells."""
    from nequip_lint.closure.recorded import with_generated

    return with_generated(closure, generated)


def target_json(target: Target) -> dict[str, Any]:
    """A machine as JSON values."""
    from nequip_lint.reports.machine import target_json

    return target_json(target)


def declared(project: Path) -> Patterns:
    """What a project declares as internal, external and mocked in its table `[tool.nequip-lint]`.

    Raises:
        LintError: the table is wrong.
    """
    from nequip_lint.declared.config import project_config
    from nequip_lint.declared.metadata import read_metadata

    return project_config(read_metadata(project), None).patterns


def command(module: str) -> list[str]:
    """The command line of a fresh Python that calls `main()` of a module, the working directory kept out."""
    from nequip_lint.children import command

    return command(module)


def painted(kind: str, text: str, stream: TextIO) -> str:
    """A text in the colour of its kind, if the linter would write in colours to a stream."""
    from nequip_lint.reports.colour import paint_for

    return paint_for(stream)(kind, text)


def project_root(folder: Path) -> Path | None:
    """The root of the project that a folder is in; None for code that is in none."""
    from nequip_lint.declared.files import project_root

    return project_root(folder)


def extension_group() -> str:
    """The entry-point group of the modules that nequip imports, and packages as its own."""
    from nequip_lint.declared.metadata import GROUP

    return GROUP


def install_command(extra: str = "", *, upgrade: bool = False) -> str:
    """The command that installs this distribution again, with an optional part or in its newest version."""
    from nequip_lint.install import install_command

    return install_command(extra, upgrade=upgrade)


def is_implicitly_external(module: str) -> bool:
    """Whether torch.package takes a module as external before it looks at any pattern."""
    from nequip_lint.machine.standard_library import is_implicitly_external

    return is_implicitly_external(module)


def known_distribution(name: str) -> str | None:
    """The distribution that provides an import, where the linter knows it."""
    from nequip_lint.machine.libraries import distribution_of

    return distribution_of(name)


def known_library(name: str) -> Library | None:
    """What the linter knows of a library.

    Args:
        name: its import name or its distribution.
    """
    from nequip_lint.machine.libraries import import_names, known

    return next((known()[top] for top in (name, *import_names(name)) if top in known()), None)


def names_too_much(source: str) -> bool:
    """Whether an import in a source names more than any file does, so that parsing it would take too long."""
    from nequip_lint.source.text import names_too_much

    return names_too_much(source)


def failures() -> list[dict[str, Any]]:
    """From kinds of failures of packaged models to rules: the entries of `rules/failures.toml`."""
    from nequip_lint.tables import table

    found: list[dict[str, Any]] = table("failures")["failure"]
    return found


def unknown_code(code: str) -> str:
    """What to write instead of a code that no rule has; '' for one that some rule has."""
    from nequip_lint.engine.selection import hint
    from nequip_lint.pages import codes

    return "" if code in codes() else hint(code)
