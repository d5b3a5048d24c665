"""Make the summaries in `rules/ecosystem/` from installed distributions and wheels; nothing is imported."""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from nequip_lint.declared.files import python_files
from nequip_lint.declared.installed import Distribution, distributions, mandatory, required_names
from nequip_lint.declared.locate import site_folders
from nequip_lint.declared.specifiers import allows, specifier_of
from nequip_lint.errors import LintError
from nequip_lint.facts.collect import details_of, facts_of
from nequip_lint.machine.libraries import normalized
from nequip_lint.machine.versions import parse_version
from nequip_lint.project.references import references_of
from nequip_lint.summaries.codec import encode_facts, encode_references
from nequip_lint.summaries.effects import Effects, below, registered_by_all
from nequip_lint.summaries.hashes import HASHES, Hashes, digest, encoded, read
from nequip_lint.summaries.releases import INDEX, Summary, load, summarised
from nequip_lint.tables import data_folder

_CHARACTERS = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"


def main(arguments: Sequence[str] | None = None) -> None:
    """Summarise installed distributions and wheels, then compare all releases of their packages anew."""
    parser = argparse.ArgumentParser(prog="python -m nequip_lint.summarize", description=main.__doc__)
    parser.add_argument(
        "environment", type=Path, help="where all requirements are installed; nothing of it is imported"
    )
    parser.add_argument(
        "subjects", nargs="+", metavar="DISTRIBUTION|WHEEL", help="an installed distribution or a wheel"
    )
    parser.add_argument("--into", type=Path, default=data_folder() / "ecosystem", help="default: %(default)s")
    given = parser.parse_args(arguments)
    try:
        for path in summarize(given.environment, given.subjects, given.into):
            print(path)
    except LintError as error:
        sys.exit(f"error: {error}")


def summarize(environment: Path, subjects: Sequence[str], into: Path) -> Iterator[Path]:
    """Write one summary for each subject, then all indexes; yields their paths.

    The requirements of a release are followed through the distributions of the environment, whichever
    releases these are: what an old release brings is taken to bring what it brings today.

    Raises:
        LintError: a subject is not there, or a requirement that every machine needs is not installed.
    """
    folders = site_folders(environment.resolve())
    known = distributions(folders)
    for subject in subjects:
        with _opened(subject, known, folders[0]) as (item, folder):
            package = next(top for top in item.packages if (folder / top / "__init__.py").is_file())
            target = into / package / f"{item.name}-{item.version}.json"
            _write(target, summary(item, known, folder, package))
            _write(target.with_name(HASHES), _hashed(target.with_name(HASHES), item, folder, package))
        yield target
    for package in sorted(path.name for path in into.iterdir()):
        target = into / package / INDEX
        _write(target, index(into / package))
        yield target


@contextmanager
def _opened(subject: str, known: dict[str, Distribution], site: Path) -> Iterator[tuple[Distribution, Path]]:
    """A distribution and the folder with its code; a wheel is unpacked for as long as it is needed."""
    if subject.endswith(".whl"):
        if not Path(subject).is_file():
            raise LintError(f"{subject}: no such file")
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name).resolve()
            with zipfile.ZipFile(subject) as wheel:
                wheel.extractall(folder)
            yield next(iter(distributions((folder,)).values())), folder
    else:
        item = known.get(normalized(subject))
        if item is None:
            raise LintError(f"{subject} is not installed in {site}; name a wheel or another environment")
        yield item, site


def _write(path: Path, data: dict[str, Any]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    text = json.dumps(data, separators=(",", ":"), sort_keys=True)
    path.write_text(text.replace('},"', '},\n"') + "\n", encoding="utf-8")


def summary(item: Distribution, known: dict[str, Distribution], folder: Path, package: str) -> dict[str, Any]:
    """The summary of one distribution as JSON values.

    Args:
        item: the distribution.
        known: the distributions through which its requirements are followed.
        folder: with its code.
        package: its import name.

    Raises:
        LintError: a requirement that every machine needs is not among the known distributions.
    """
    _all_known(item, known)
    return {
        "package": package,
        "distribution": item.name,
        "version": item.version,
        "requirements": sorted(line for line in item.requirements if mandatory(line)),
        "required": sorted(required_names(item.requirements, known)),
        "extensions": list(item.extensions),
        "modules": _modules(folder, package),
    }


def _modules(folder: Path, package: str) -> dict[str, Any]:
    """The encoded facts of every module below a package; 0 for a folder without `__init__.py`."""
    modules: dict[str, Any] = {}
    tops = summarised()
    for path in python_files([folder / package]):
        relative = path.relative_to(folder)
        is_package = path.name == "__init__.py"
        name = ".".join(relative.parent.parts if is_package else relative.with_suffix("").parts)
        data = path.read_bytes()
        facts = facts_of(data, name, str(path), is_package)
        followed = encode_references(references_of(facts, details_of(data, facts)), tops | {package})
        modules[name] = encode_facts(facts, relative.as_posix()) | followed
        for parent in list(relative.parents)[:-1]:
            if not (folder / parent / "__init__.py").is_file():
                modules[".".join(parent.parts)] = 0
    return modules


def _hashed(kept: Path, item: Distribution, folder: Path, package: str) -> dict[str, Any]:
    """The hashes that are kept of a package, those of one release made anew."""
    releases = dict(read(kept).releases) if kept.is_file() else {}
    paths = ((path, path.relative_to(folder).as_posix()) for path in python_files([folder / package]))
    releases[item.version] = {name: digest(path.read_bytes()) for path, name in paths}
    ordered = sorted(releases, key=parse_version)
    return encoded(Hashes(item.name, {version: releases[version] for version in ordered}))


def _all_known(item: Distribution, known: dict[str, Distribution]) -> None:
    pending, seen = [item], {normalized(item.name)}
    while pending:
        current = pending.pop()
        for name in filter(None, map(mandatory, current.requirements)):
            found = known.get(normalized(name))
            if found is None:
                raise LintError(
                    f"{current.name} requires {name}, which is not installed in the environment; install it, "
                    "so that the summary does not depend on what is missing"
                )
            if normalized(name) not in seen:
                seen.add(normalized(name))
                pending.append(found)


def index(folder: Path) -> dict[str, Any]:
    """What `index.json` holds for the summaries in a folder, given those of nequip and e3nn beside it."""
    ordered = _releases(folder)
    nequip = _releases(folder.parent / "nequip")
    e3nn = _releases(folder.parent / "e3nn") if folder.name != "e3nn" else []
    others = frozenset(path.stem.rpartition("-")[0] for path in folder.parent.glob("*/*-*.json"))
    known = below([Effects(item, _registered(item, nequip, others)) for item in e3nn])
    effects = [Effects(item, _registered(item, nequip, others), known) for item in ordered]
    names = sorted({name for item in ordered for name in item.modules})
    return {
        "distribution": ordered[-1].distribution,
        "releases": [[item.version, _requires(item.requirements, others)] for item in ordered],
        "entry_points": _lettered([item.of_entry_points() for item in effects]),
        "packaging": _differing({name: [item.of_packaging(name) for item in effects] for name in names}),
        "importing": _differing({name: [item.of_importing(name) for item in effects] for name in names}),
        "declared": _declared([item.declared() for item in effects]),
    }


def _registered(item: Summary, nequip: Sequence[Summary], others: frozenset[str]) -> frozenset[str]:
    """What every release of nequip registers that may be installed with a release of another package."""
    asked = _requires(item.requirements, others).get("nequip", "")
    asking = [(one, _requires(one.requirements, others).get(item.distribution, "")) for one in nequip]
    return registered_by_all(
        release
        for release, specifier in asking
        if allows(asked, release.version) and allows(specifier, item.version)
    )


def _releases(folder: Path) -> list[Summary]:
    """The summaries in a folder, oldest first."""
    found = (load(path) for path in folder.glob("*-*.json"))
    return sorted(found, key=lambda item: parse_version(item.version))


def _declared(found: Sequence[frozenset[str]]) -> dict[str, str]:
    every = sorted(frozenset[str]().union(*found))
    return _differing({text: [text in item or None for item in found] for text in every})


def _differing(answers: Mapping[str, Sequence[object]]) -> dict[str, str]:
    """The answers that are not the same for all releases."""
    lettered = {name: _lettered(values) for name, values in answers.items()}
    return {name: letters for name, letters in lettered.items() if len(set(letters)) > 1}


def _requires(requirements: Sequence[str], others: frozenset[str]) -> dict[str, str]:
    """The requirements on packages that have summaries themselves, those of which releases matter."""
    named = {normalized(mandatory(line)): specifier_of(line) for line in requirements}
    return {name: named[name] for name in sorted(others & named.keys())}


def _lettered(values: Sequence[object]) -> str:
    """One character for each value, equal for equal values, `-` for None."""
    letters: dict[object, str] = {None: "-"}
    return "".join(letters.setdefault(value, _CHARACTERS[len(letters) - 1]) for value in values)


if __name__ == "__main__":
    main()
