"""Installed trees of other people, linted: every error, and what reading it and building it showed."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from reality import STORE
from wheels import fetch_wheel

from nequip_lint.toml import read_toml

TREES = Path(__file__).with_name("installed.toml")
BY_CONSTRUCTION = frozenset({"NQ201", "NQ202", "NQ203"})
"""What says that nothing is registered: these trees register nothing, so that every such build is refused."""


class Place(NamedTuple):
    """What a judgement is about: a code at a file of a distribution."""

    requirement: str
    code: str
    path: str


@dataclass(frozen=True)
class Linted:
    """One tree: how the command ended, what it judged, and the errors that are no matter of registrations."""

    requirement: str
    roots: tuple[str, ...]
    code: int
    judged: int
    unregistered: int
    warnings: int
    errors: tuple[tuple[Place, str], ...]

    @property
    def crashed(self) -> bool:
        """Whether the command neither found nothing nor something."""
        return self.code not in (0, 1)


def requirements() -> tuple[str, ...]:
    """The distributions, in the order of their table."""
    return tuple(item["requirement"] for item in _table()["tree"])


def linted(requirement: str) -> Linted:
    """Lint the tree of a distribution; its wheel is fetched once."""
    (data,) = [item for item in _table()["tree"] if item["requirement"] == requirement]
    folder = _site(requirement)
    options = [option for root in data["roots"] for option in ("--root", root)]
    place = [str(folder / data["folder"]), "--environment", str(Path(sys.prefix)), "--no-cache"]
    done, found = _answer("check", *place, *options, "--format", "json")
    modules = _answer("closure", *place, *options, "--json")[1].get("modules", {})
    findings = found.get("findings", ())
    errors = [item for item in findings if item["severity"] == "error"]
    special = [item for item in errors if item["code"] not in BY_CONSTRUCTION]
    return Linted(
        requirement,
        tuple(data["roots"]),
        done,
        sum(entry["action"] == "intern" for entry in modules.values()),
        len(errors) - len(special),
        len(findings) - len(errors),
        tuple((_place(requirement, item, folder), item["message"]) for item in special),
    )


def judgement(place: Place, message: str) -> Mapping[str, Any]:
    """What was judged by hand: `verdict` is true or false, `why` says how that is known; else empty."""
    listed = _judgements().get(place, ())
    words = message.split()
    return next((item for item in listed if item.get("about", words[0]) in words), {})


@cache
def _judgements() -> Mapping[Place, Sequence[Mapping[str, Any]]]:
    found: dict[Place, list[Mapping[str, Any]]] = {}
    for item in _table().get("judged", ()):
        for path in item["paths"]:
            found.setdefault(Place(item["requirement"], item["code"], path), []).append(item)
    return found


def _table() -> Any:
    return read_toml(TREES)


def _site(requirement: str) -> Path:
    """A site-packages folder with the wheel of a distribution alone; it is fetched once."""
    folder = STORE / "trees" / requirement / "site-packages"
    if not folder.is_dir():
        folder.parent.mkdir(parents=True, exist_ok=True)
        shutil.copytree(fetch_wheel(requirement), folder)
    return folder


def _place(requirement: str, item: Mapping[str, Any], folder: Path) -> Place:
    path = Path(item["path"])
    inside = path.relative_to(folder) if path.is_relative_to(folder) else Path(*path.parts[-3:])
    return Place(requirement, item["code"], inside.as_posix())


def _answer(*arguments: str) -> tuple[int, Any]:
    """The exit code of the linter and its JSON; nothing where it prints none."""
    line = [sys.executable, "-m", "nequip_lint", *arguments]
    done = subprocess.run(line, cwd="/", capture_output=True, text=True, check=False)
    return done.returncode, json.loads(done.stdout) if done.stdout.startswith("{") else {}
