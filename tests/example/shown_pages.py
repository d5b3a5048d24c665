"""What a page of the documentation tells its reader to type, and what it shows for it.

Comments before a block, which readers do not see, say what a test does with it:

- ``<!-- folder: docs/example -->``: the page is read in a copy of this folder;
- ``<!-- given: model.nequip.zip -->``: with this file, which another page makes, or ``run/best.ckpt``;
- ``<!-- prepare: COMMAND -->``: after this command;
- ``<!-- exit: 1 -->``: the last command of the block ends with this code, the others with 0;
- ``<!-- not run: WHY -->``: the block is not run.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).parents[2]
_PART = re.compile(
    r"^ *<!-- ([\w ]+): (.*?) -->$|^( *)```(console|python)\n(.*?)^\3```$", re.DOTALL | re.MULTILINE
)
_PROMPT = "$ "


@dataclass(frozen=True, slots=True)
class Block:
    """One block of commands or of Python."""

    kind: str
    text: str
    code: int = 0
    reason: str = ""
    """Why it is not run; empty for one that is."""

    @property
    def commands(self) -> list[tuple[str, str]]:
        """Each command with the output that is shown for it."""
        found: list[tuple[str, str]] = []
        for line in self.text.splitlines(keepends=True):
            if line.startswith(_PROMPT):
                found.append((line.removeprefix(_PROMPT).strip(), ""))
            elif found:
                found[-1] = (found[-1][0], found[-1][1] + line)
        return found


@dataclass(slots=True)
class Shown:
    """All of a page that can be run, in its order."""

    path: Path
    folder: str = ""
    given: list[str] = field(default_factory=list)
    prepare: list[str] = field(default_factory=list)
    blocks: list[Block] = field(default_factory=list)

    @property
    def name(self) -> str:
        return self.path.relative_to(ROOT).as_posix()

    @property
    def is_run(self) -> bool:
        return any(not block.reason for block in self.blocks)


def read(path: Path) -> Shown:
    """The page at a path."""
    page, code, reason = Shown(path), 0, ""
    for key, value, indent, kind, text in _PART.findall(path.read_text(encoding="utf-8")):
        if key == "exit":
            code = int(value)
        elif key == "not run":
            reason = value
        elif key:
            _say(page, key, value)
        else:
            page.blocks.append(Block(kind, re.sub(f"^{indent}", "", text, flags=re.MULTILINE), code, reason))
            code, reason = 0, ""
    return page


def _say(page: Shown, key: str, value: str) -> None:
    if key == "folder":
        page.folder = value
    elif key == "given":
        page.given.append(value)
    elif key == "prepare":
        page.prepare.append(value)
    else:
        raise ValueError(f"{page.name}: no test knows the comment {key!r}")


def pages() -> list[Shown]:
    """The README and all pages of the documentation that somebody wrote."""
    docs = ROOT / "docs"
    made = {docs / "rules", docs / "_build", docs / "example", docs / "e3nn-example"}
    paths = [path for path in sorted(docs.rglob("*.md")) if not made.intersection(path.parents)]
    return [read(path) for path in [ROOT / "README.md", *paths]]
