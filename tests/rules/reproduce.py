"""Build and load an example for real, each in a process of its own, and say where it failed."""

from __future__ import annotations

import zipfile
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from libraries import LOADERS, OPTIONAL, not_needed_to_load, write_standins
from servers import build_server, load_server
from wheels import fetch_wheel

from nequip_lint.toml import read_toml

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from page import Tree


@dataclass(frozen=True, slots=True)
class Machines:
    """What is installed where, the front matter's ``needs``: ``name==version``, or ``name`` for a stand-in.

    An optional library without a version is the installed one; one that every loader has may be there in
    another version.
    """

    nequip: bool
    build: tuple[str, ...]
    load: tuple[str, ...]
    standins: Mapping[str, str]

    @classmethod
    def of(cls, needs: Mapping[str, Any]) -> Machines:
        return cls(
            nequip=bool(needs["nequip"]),
            build=tuple(needs["build"]),
            load=tuple(needs["load"]),
            standins=needs.get("stand-ins", {}),
        )

    def with_everything(self) -> Machines:
        """The same example where each library is present at build and at load."""
        named = {*self.build, *self.load, *self.standins}
        every = tuple(sorted(item for item in named if _name(item) not in LOADERS))
        return Machines(self.nequip, every, every, self.standins)

    def hidden(self, present: Sequence[str]) -> frozenset[str]:
        """Optional libraries that must not be found although this environment may have them."""
        return (OPTIONAL | set(self.standins)) - _names(present)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What happened. ``stage`` is None when nothing failed; ``members`` are the archive's own source files.

    ``source_error`` is what the unpackaged model raised in its forward pass, empty if it worked.
    """

    stage: str | None = None
    error: str = ""
    members: frozenset[str] = frozenset()
    source_error: str = ""


def reproduce(
    tree: Tree,
    machines: Machines,
    folder: Path,
    modifier: str | None = None,
    loads: int = 1,
    then: str | None = None,
    later: Sequence[str] = (),
    device: str = "cpu",
    steps: int = 0,
) -> Outcome:
    """Build ``tree`` in one process and load it ``loads`` times in another, below ``folder``.

    ``then`` is what else to do with the loaded model: ``copy`` or ``compile``; ``later`` are modules that are
    imported from each loaded package when all else is done. ``device`` is where the model lies; only for
    another than the CPU the processes see a GPU. ``steps`` is how many of a float's smallest steps the loaded
    model may differ by from its source.

    Raises:
        wheels.Unreachable: a real wheel that the example needs cannot be fetched.
    """
    source, metadata = folder / "source", folder / "installed"
    tree.write(source)
    project = read_toml(source / "pyproject.toml")
    _install_metadata(project, metadata)
    places = write_standins(machines.standins, folder)
    job: dict[str, Any] = {
        "nequip": machines.nequip,
        "patterns": _patterns(project),
        "archive": str(folder / "model.zip"),
        "output": str(folder / "output.pt"),
        "modifier": modifier,
        "loads": loads,
        "then": then,
        "later": list(later),
        "device": device,
        "steps": steps,
    }
    path = [source, metadata, *_folders(machines.build, places)]
    built = build_server(device).do("build", job, path, machines.hidden(machines.build), folder)
    if built["stage"]:
        return Outcome(built["stage"], built["error"], source_error=built["source_error"])
    members = _members(folder / "model.zip")
    hidden = (not_needed_to_load() - _names(machines.load)) | machines.hidden(machines.load)
    server = load_server(device, is_warm=not _names(machines.load) & set(LOADERS))
    loaded = server.do("load", job, _folders(machines.load, places), hidden, folder)
    return Outcome(loaded["stage"], loaded["error"], members, built["source_error"])


def _install_metadata(project: Mapping[str, Any], folder: Path) -> None:
    """Write the dist-info that an installation of the example would leave, so that nequip discovers it."""
    about = project["project"]
    info = folder / f"{about['name'].replace('-', '_')}-{about['version']}.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text(
        f"Metadata-Version: 2.1\nName: {about['name']}\nVersion: {about['version']}\n", encoding="utf-8"
    )
    groups = about.get("entry-points", {})
    lines = [
        line
        for group, entries in groups.items()
        for line in (f"[{group}]", *(f"{name} = {value}" for name, value in entries.items()))
    ]
    (info / "entry_points.txt").write_text("\n".join(lines) + "\n", encoding="utf-8")


def _patterns(project: Mapping[str, Any]) -> dict[str, list[str]]:
    """The patterns of code that is packaged without nequip, from the linter's own configuration."""
    settings = project.get("tool", {}).get("nequip-lint", {})
    return {
        "mock": settings.get("mock-modules", []),
        "extern": settings.get("extern-modules", []),
        "intern": settings.get("internal-packages", []),
    }


def _folders(libraries: Sequence[str], places: Mapping[str, Path]) -> list[Path]:
    """Where the libraries are that this environment lacks or has in another version."""
    others = [name for name in libraries if name not in OPTIONAL]
    return [fetch_wheel(name) if "==" in name else places[name] for name in others]


def _names(libraries: Sequence[str]) -> set[str]:
    return {_name(library) for library in libraries}


def _name(library: str) -> str:
    return library.partition("==")[0]


def _members(archive: Path) -> frozenset[str]:
    """The example's own files in the archive, without the archive's top folder."""
    with zipfile.ZipFile(archive) as opened:
        names = [name.partition("/")[2] for name in opened.namelist()]
    return frozenset(name for name in names if name.startswith("mypkg/"))
