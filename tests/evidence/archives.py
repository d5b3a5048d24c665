"""What a real archive holds, read without running anything of it."""

from __future__ import annotations

import pickletools
import re
import zipfile
from pathlib import Path
from typing import NamedTuple


class Archive(NamedTuple):
    """Actions by module, and the modules and classes that the pickles name."""

    actions: dict[str, str]
    names: frozenset[tuple[str, str]]

    @property
    def roots(self) -> tuple[str, ...]:
        return tuple(sorted({module for module, _ in self.names}))

    def of(self, action: str) -> frozenset[str]:
        """The modules with an action."""
        return frozenset(name for name, item in self.actions.items() if item == action)


def read(package: Path) -> Archive:
    """Read an archive, by whichever packager."""
    actions: dict[str, str] = {}
    names: set[tuple[str, str]] = set()
    with zipfile.ZipFile(package) as archive:
        for name in archive.namelist():
            short = name.partition("/")[2]
            if short.endswith(".py"):
                is_mock = b"from _mock import MockedObject" in archive.read(name)
                module = re.sub(r"/__init__$", "", short[:-3]).replace("/", ".")
                actions[module] = "mock" if is_mock else "intern"
            elif short.endswith(".pkl"):
                found = pickletools.genops(archive.read(name))
                names |= {_pair(str(text)) for code, text, _ in found if code.name == "GLOBAL"}
            elif short.endswith("extern_modules"):
                actions |= dict.fromkeys(archive.read(name).decode().split(), "extern")
    actions.pop("_mock", None)
    return Archive(actions, frozenset(names))


def refused(error: str) -> frozenset[str]:
    """The modules that torch.package has no action for or cannot intern; not mocks that are pickled."""
    blocks = re.split(r"^\* ", error, flags=re.MULTILINE)[1:]
    wanted = [block for block in blocks if not block.startswith("Module was mocked out")]
    return frozenset(name for block in wanted for name in re.findall(r"^ {4}([\w.]+)$", block, re.MULTILINE))


def _pair(text: str) -> tuple[str, str]:
    module, _, name = text.partition(" ")
    return module, name
