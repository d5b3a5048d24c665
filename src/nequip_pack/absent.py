"""Installed libraries hidden from a whole process, as on a machine that does not have them.

Whoever asks whether such a library is here gets the same answer: an import, `importlib.util.find_spec`, the
versions and the entry points in the metadata. So torch, nequip and extensions discover none of it. Hiding has
to come first in a process, since code that has looked once does not look again.
"""

from __future__ import annotations

import importlib
import json
import os
import subprocess
import sys
from typing import TYPE_CHECKING, Any, NamedTuple, NoReturn

from nequip_lint.api import command

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from importlib.machinery import ModuleSpec
    from importlib.metadata import Distribution


class Absent(NamedTuple):
    """Libraries that a process shall not see.

    Attributes:
        imports: their top-level import names.
        distributions: the names of their distributions, as package indexes compare them; of libraries that
            are blocked in another way, these alone.
    """

    imports: frozenset[str] = frozenset()
    distributions: frozenset[str] = frozenset()

    def union(self, other: Absent) -> Absent:
        """Both together."""
        return Absent(self.imports | other.imports, self.distributions | other.distributions)

    def plain(self) -> list[list[str]]:
        """The same as JSON values."""
        return [sorted(self.imports), sorted(self.distributions)]

    @classmethod
    def of(cls, plain: Sequence[Sequence[str]]) -> Absent:
        """What :meth:`plain` gave."""
        return cls(*map(frozenset, plain))


_hidden = [Absent()]


def hidden() -> Absent:
    """What this process does not see."""
    return _hidden[0]


def hide(absent: Absent) -> None:
    """Hide libraries from now on, what Python has imported of them for a `.pth` file included.

    Args:
        absent: they come on top of those that are hidden.
    """
    if not any(absent):
        return
    if not any(hidden()):
        sys.meta_path[:] = [_Filtered(finder) for finder in sys.meta_path]
    _hidden[0] = hidden().union(absent)
    for name in [name for name in sys.modules if name.partition(".")[0] in absent.imports]:
        del sys.modules[name]


class _Filtered:
    """A finder of `sys.meta_path` that knows nothing of what is hidden."""

    def __init__(self, finder: Any) -> None:
        self._finder = finder

    def find_spec(self, name: str, path: Any = None, target: Any = None) -> ModuleSpec | None:
        if name.partition(".")[0] in hidden().imports:
            return None
        found: ModuleSpec | None = self._finder.find_spec(name, path, target)
        return found

    def find_distributions(self, *context: Any, **options: Any) -> Iterator[Distribution]:
        """What `importlib.metadata` asks each finder for; not every finder can tell."""
        from packaging.utils import canonicalize_name

        find = getattr(self._finder, "find_distributions", lambda *_, **__: ())
        for item in find(*context, **options):
            if canonicalize_name(item.metadata["Name"] or "") not in hidden().distributions:
                yield item

    def __getattr__(self, name: str) -> Any:
        return getattr(self._finder, name)


def without(absent: Absent, module: str, *words: str) -> list[str]:
    """The command line of a fresh Python that hides libraries and then calls `main()` of a module.

    Args:
        absent: the libraries.
        module: its dotted name.
        words: its arguments.
    """
    return [*command(__name__), json.dumps(absent.plain()), module, *words]


def become(words: list[str], environment: Mapping[str, str]) -> NoReturn:
    """Be another program from here on: its streams, its exit code and the signals for it are this process's.

    Args:
        words: its command line.
        environment: its environment variables.
    """
    for stream in (sys.stdout, sys.stderr):
        stream.flush()
    if os.name == "nt":  # there, a process that replaces itself ends for who waits for it
        sys.exit(subprocess.run(words, env=environment, check=False).returncode)
    os.execve(words[0], words, environment)


def main() -> None:
    """The start of what :func:`without` runs."""
    plain, module, *words = sys.argv[1:]
    hide(Absent.of(json.loads(plain)))
    sys.argv[1:] = words
    importlib.import_module(module).main()
