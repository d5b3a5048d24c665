"""Where packaged source comes from: the release that the package claims, as it is known here."""

from __future__ import annotations

import base64
import csv
import hashlib
import importlib.metadata
import zipfile
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from nequip_lint import api as lint
from nequip_pack.audit.accepted import check_accepted
from nequip_pack.audit.findings import Finding, Origin, eyes, refuse
from nequip_pack.audit.source import MOCK, Source
from nequip_pack.compare.lines import changes
from nequip_pack.errors import InputError

if TYPE_CHECKING:
    from nequip_pack.format import Metadata

_KIND: Final = "origin"
_SHOWN: Final = 20
_SUMMARIES: Final = "known releases"
_WHEEL_LIMIT: Final = 64 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Release:
    """The source of one release of one package, as far as it is known here.

    Attributes:
        distribution: its name on the package index.
        version: of it.
        known_by: how it is known, for people.
        digests: by path, the hash of each file.
        texts: where files are at hand, their source by path; for showing differences.
    """

    distribution: str
    version: str
    known_by: str
    digests: Mapping[str, str]
    texts: Mapping[str, bytes]


@dataclass(frozen=True, slots=True)
class Judged:
    """The origin of all source in a package.

    Attributes:
        origins: by top-level package.
        findings: files that are not what they claim to be, or that nobody knows.
        unknown: the modules that are in no release known here.
        summarised: the top-level packages whose releases we have seen ourselves.
    """

    origins: tuple[Origin, ...]
    findings: tuple[Finding, ...]
    unknown: frozenset[str]
    summarised: frozenset[str]


def judge(source: Source, metadata: Metadata, accepted: Collection[str], wheels: Sequence[Path]) -> Judged:
    """Compare each file with the release of the version that the package claims.

    Args:
        source: the source in the package.
        metadata: which claims versions by the import name of packages.
        accepted: distributions whose source may differ.
        wheels: releases at hand.

    Raises:
        InputError: if one of these is no wheel.
        UsageError: if a distribution is accepted of which nothing is here.
    """
    given = dict(release for path in wheels for release in _of_wheel(path))
    whose = {top: release.distribution for top, release in given.items()}
    check_accepted(source.archive.path, accepted, _by_top(source), whose)
    digests = {name: lint.source_digest(source.archive.read(name)) for name in source.members.values()}
    origins, findings, unknown = [], list[Finding](), set[str]()
    for top, members in _by_top(source).items():
        version = metadata.versions.get(top)
        releases, differing = [], members
        for release in _releases(top, version or "", given):
            releases.append(release)
            if not (differing := [name for name in differing if release.digests.get(name) != digests[name]]):
                break
        known_by = releases[-1].known_by if releases else ""
        origins.append(Origin(top, version, len(members), len(members) - len(differing), known_by))
        unknown |= {module for module, name in source.members.items() if name in differing}
        findings += _told(source, top, version or "", differing, releases, accepted)
    summarised = {origin.name for origin in origins if origin.known_by == _SUMMARIES}
    return Judged(tuple(origins), tuple(findings), frozenset(unknown), frozenset(summarised))


def _by_top(source: Source) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for module, name in source.members.items():
        if name != MOCK and module not in source.stubs:
            found.setdefault(module.partition(".")[0], []).append(name)
    return found


def _told(
    source: Source,
    top: str,
    claim: str,
    differing: list[str],
    releases: list[Release],
    accepted: Collection[str],
) -> Iterator[Finding]:
    """The findings about the files of one package that no release has so."""
    exact = [release for release in releases if release.version == claim]
    is_accepted = bool({top, *(release.distribution for release in releases)} & {*accepted})
    if releases and not exact and not differing:
        what = f"is said to be {top} {claim}, of which no release is known here"
        yield eyes(_KIND, top, f"{what}; other releases have all of its files")
    for name in differing:
        if not exact:
            yield eyes(_KIND, name, f"is of unknown origin: no release known here{_of(top, claim)} has it so")
            continue
        is_new = not any(name in release.digests for release in exact)
        whose = f"{exact[0].distribution} {claim}"
        what = (
            f"is in no release of {whose}"
            if is_new
            else f"differs from the release of {whose} that it claims to be"
        )
        text = next((release.texts[name] for release in exact if name in release.texts), None)
        details = () if text is None else _difference(text, source.archive.read(name))
        yield (eyes if is_accepted else refuse)(_KIND, name, what, details=details)


def _of(top: str, claim: str) -> str:
    return f" of {top} {claim}" if claim else f" of {top}"


def _difference(released: bytes, packaged: bytes) -> tuple[str, ...]:
    old, new = (text.decode(errors="replace").splitlines() for text in (released, packaged))
    found = changes(old, new, context=1)
    more = (f"… {len(found) - _SHOWN} more lines",) if len(found) > _SHOWN else ()
    return (*found[:_SHOWN], *more)


def _releases(top: str, claim: str, wheels: Mapping[str, Release]) -> Iterator[Release]:
    """The release that a package claims, of a wheel, the summaries, this environment; else all others.

    A version of one's own (local, development, a release that is newer than what we know) has most of its
    files from some release.
    """
    hashes = lint.released_hashes(top)
    known = (
        []
        if hashes is None
        else [
            Release(hashes.distribution, version, _SUMMARIES, digests, {})
            for version, digests in reversed([*hashes.releases.items()])
        ]
    )
    given = [wheels[top]] if top in wheels else []
    exact = [release for release in (*given, *known) if release.version == claim and not _is_own(claim)]
    yield from exact
    installed = _of_environment(top)
    if installed is not None and (installed.version == claim or not exact):
        yield installed
    if not exact and (installed is None or installed.version != claim):
        yield from (*given, *known)


def _is_own(version: str) -> bool:
    """Whether a version says that it is no release: a local or a development one."""
    from packaging.version import InvalidVersion, Version

    try:
        found = Version(version)
    except InvalidVersion:
        return True
    return found.local is not None or found.is_devrelease


def _of_wheel(path: Path) -> Iterator[tuple[str, Release]]:
    """The packages in a wheel."""
    try:
        with zipfile.ZipFile(path) as wheel:
            names = [name for name in wheel.namelist() if name.endswith(".py")]
            if sum(wheel.getinfo(name).file_size for name in names) > _WHEEL_LIMIT:
                raise InputError("the wheel has more source than any library", where=path)
            texts = {name: wheel.read(name) for name in names}
    except (OSError, zipfile.BadZipFile) as error:
        raise InputError("this is not a readable wheel", where=path, why=str(error)) from error
    distribution, version, *_ = [*path.name.split("-"), ""]
    digests = {name: lint.source_digest(text) for name, text in texts.items()}
    for top in {name.partition("/")[0] for name in names}:
        yield top, Release(distribution.replace("_", "-"), version, f"the wheel {path.name}", digests, texts)


def _of_environment(top: str) -> Release | None:
    """The installed release, from files that are as its record says; none for one that is being developed."""
    for name in importlib.metadata.packages_distributions().get(top, ()):
        found = importlib.metadata.distribution(name)
        texts = {} if _is_own(found.version) else dict(_recorded(found, top))
        digests = {path: lint.source_digest(text) for path, text in texts.items()}
        return Release(name, found.version, "the installed release", digests, texts) if texts else None
    return None


def _recorded(distribution: importlib.metadata.Distribution, top: str) -> Iterator[tuple[str, bytes]]:
    """The installed source files of a package that still are what was installed."""
    for path, hashed, _ in csv.reader((distribution.read_text("RECORD") or "").splitlines()):
        if path.startswith(f"{top}/") and path.endswith(".py") and hashed.startswith("sha256="):
            try:
                text = Path(str(distribution.locate_file(path))).read_bytes()
            except OSError:
                continue
            found = base64.urlsafe_b64encode(hashlib.sha256(text).digest()).rstrip(b"=").decode()
            if found == hashed.removeprefix("sha256="):
                yield path, text
