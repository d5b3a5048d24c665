"""Read a rule page: its front matter, its sections and its two example trees."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import yaml

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

SEVERITIES = ("error", "warning")
STAGES = ("lint-only", "import", "build", "load", "forward", "modifier", "incomplete", "wrong")
THEN = ("copy", "compile")
"""What can fail after a load and a forward pass; done only where a page says that it fails."""
SECTIONS = (
    "What it does",
    "Why it matters",
    "Severity",
    "Bad example",
    "Good example",
    "Does not check",
    "Fix safety",
    "Options",
    "References",
)
REQUIRED_KEYS = ("code", "name", "severity", "family", "since", "fix", "fails", "needs", "error")
OPTIONAL_KEYS = ("archive", "loads", "modifier", "python", "runs", "source", "symptom")
"""`source: works` says that only the packaged model fails in its forward pass, `loads` how often to load it.

`python` names another Python on which the file `runs`, which needs no library, fails instead of the load.
"""

_FENCE = re.compile(r"^(`{3,})\s*(\S*)(.*)$")
_FILE = re.compile(r"\bfile=(\S+)")
_MARKER = re.compile(r"#\s*(error|warning):\s*(NQ\d{3})\b")


@dataclass(frozen=True, slots=True)
class Marker:
    """A finding that an example announces in a comment on the offending line."""

    code: str
    path: str
    line: int
    severity: str


@dataclass(frozen=True, slots=True)
class Tree:
    """A small extension project: file contents by path relative to its root."""

    files: Mapping[str, str]

    def write(self, folder: Path) -> None:
        for path, text in self.files.items():
            target = folder / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(text, encoding=_encoding(text))

    def markers(self) -> set[Marker]:
        return {
            Marker(found[2], path, number, found[1])
            for path, text in self.files.items()
            for number, line in enumerate(text.splitlines(), 1)
            for found in _MARKER.finditer(line)
        }


@dataclass(frozen=True, slots=True)
class Page:
    """A rule page. ``sections`` keeps the order of the file."""

    path: Path
    meta: Mapping[str, Any]
    title: str
    sections: Mapping[str, str]
    length: int

    @property
    def code(self) -> str:
        return self.path.stem

    @property
    def bad(self) -> Tree:
        return _tree(self.sections["Bad example"])

    @property
    def good(self) -> Tree:
        """The bad tree with the files that the good example shows in place of its own."""
        return Tree({**self.bad.files, **_tree(self.sections["Good example"]).files})


def read_page(path: Path) -> Page:
    """Parse the page at ``path``.

    Raises:
        ValueError: the page has no front matter between ``---`` lines.
    """
    text = path.read_text(encoding="utf-8")
    parts = text.split("---\n", 2)
    if len(parts) != 3 or parts[0]:
        raise ValueError(f"{path.name}: no front matter between two lines of ---")
    title, sections = _sections(parts[2])
    return Page(path, yaml.safe_load(parts[1]), title, sections, len(text.splitlines()))


def _encoding(text: str) -> str:
    """The encoding that a file declares in its first line."""
    found = re.match(r"# -\*- coding: (\S+) -\*-", text)
    return found[1] if found else "utf-8"


def _lines_with_fence(text: str) -> Iterator[tuple[str, str | None, bool]]:
    """Yield each line with the info string of the fence around it, and whether it is the fence itself."""
    fence: str | None = None
    info: str | None = None
    for line in text.splitlines():
        found = _FENCE.match(line)
        if found and fence is None:
            fence, info = found[1], found[2] + found[3]
            yield line, info, True
        elif fence is not None and line.strip() == fence:
            yield line, info, True
            fence = info = None
        else:
            yield line, info, False


def _sections(body: str) -> tuple[str, dict[str, str]]:
    title = ""
    sections: dict[str, list[str]] = {}
    current: list[str] = []
    for line, info, _ in _lines_with_fence(body):
        if info is None and line.startswith("## "):
            current = sections.setdefault(line[3:].strip(), [])
        elif info is None and line.startswith("# "):
            title = line[2:].strip()
        else:
            current.append(line)
    return title, {name: "\n".join(lines).strip() for name, lines in sections.items()}


def _tree(section: str) -> Tree:
    files: dict[str, list[str]] = {}
    for line, info, is_fence in _lines_with_fence(section):
        named = _FILE.search(info or "")
        if named is None:
            continue
        lines = files.setdefault(named[1], [])
        if not is_fence:
            lines.append(line)
    return Tree({path: "\n".join(lines) + "\n" if lines else "" for path, lines in files.items()})
