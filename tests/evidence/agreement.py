"""One mutant, predicted, beside what really happened to it."""

from __future__ import annotations

import contextlib
import os
import sys
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path

from archives import Archive, refused
from forked import in_fork
from machines import environment
from mutations import Mutant
from page import Tree
from reality import Real, Store, Trial
from reproduce import Machines
from results import Result
from subjects import Subject

from nequip_lint.engine.predict import predict
from nequip_lint.engine.run import check
from nequip_lint.engine.selection import Selection
from nequip_lint.project.assemble import Request

_COMPARED = {"intern", "extern", "mock", "refused"}


class Baseline:
    """An unmodified subject: its archive, its findings, and where it is linted.

    Args:
        subject: what is built.
        machines: what is installed where it is built and loaded.
        store: knows outcomes of earlier runs.
        folder: where everything is written.
    """

    def __init__(self, subject: Subject, machines: Machines, store: Store, folder: Path) -> None:
        self.subject, self.store, self._folder = subject, store, folder
        folder.mkdir(parents=True)
        self._environment = environment(machines, folder)
        self._cache = folder / "cache"
        self._present = frozenset(name.partition("==")[0] for name in machines.build)
        real = store.outcome(Trial(subject.tree(), machines), folder / "real")
        assert real.archive is not None and not real.stage, real.error
        self.archive: Archive = real.archive
        self._original = dict(subject.tree().files)
        subject.tree().write(self.linted)
        assert not self.unequal(self.archive)
        self.known = self.findings(())

    @property
    def linted(self) -> Path:
        """The folder that the linter reads; always the same one, so that it parses what is changed only."""
        return self._folder / "linted"

    def findings(self, more: tuple[str, ...]) -> Counter[tuple[str, str]]:
        """Severity and text of every finding in the subject and in other top packages."""
        paths = tuple(self.linted / top for top in dict.fromkeys((self.subject.top, *more)))
        return in_fork(_findings, self._cache, Request(paths, environment=self._environment))

    def closure(self, roots: tuple[str, ...], more: tuple[str, ...] = ()) -> Mapping[str, str]:
        """The predicted actions of the modules that these roots reach, in other top packages too."""
        paths = tuple(self.linted / top for top in dict.fromkeys((self.subject.top, "mypkg", *more)))
        request = Request(paths, environment=self._environment, roots=roots)
        packager = "nequip" if self.subject.uses_nequip else "torch"
        return in_fork(_closure, self._cache, request, self._present, packager)

    def unequal(self, archive: Archive, more: tuple[str, ...] = ()) -> str:
        """The modules whose action in an archive is not the predicted one."""
        found = self.closure(archive.roots, more)
        expected = {name: action for name, action in found.items() if action in _COMPARED}
        both = {*expected, *archive.actions}
        differ = sorted(name for name in both if expected.get(name) != archive.actions.get(name))
        return ", ".join(f"{n}: {archive.actions.get(n)}, not {expected.get(n)}" for n in differ)

    def unequal_refusals(self, error: str, more: tuple[str, ...]) -> str:
        """The modules that torch.package refuses and the prediction does not, or the other way round."""
        found = self.closure(self.archive.roots, more)
        expected = {name for name, action in found.items() if action == "refused"}
        differ = sorted(expected ^ refused(error))
        return ", ".join(f"{name}: {'not refused' if name in expected else 'refused'}" for name in differ)

    @contextlib.contextmanager
    def changed(self, mutant: Mutant) -> Iterator[None]:
        """Write a mutant's files into the linted folder, and put it right again."""
        tree = self.subject.tree(mutant)
        files = {path: text for path, text in tree.files.items() if self._original.get(path) != text}
        Tree(files).write(self.linted)
        try:
            yield
        finally:
            for path in files:
                (self.linted / path).unlink()
            Tree({path: self._original[path] for path in files if path in self._original}).write(self.linted)
            for folder in sorted({(self.linted / path).parent for path in files}, reverse=True):
                if not any(folder.iterdir()):
                    folder.rmdir()


def trial(mutant: Mutant, subject: Subject) -> Trial:
    """What is done with a mutant."""
    kind = mutant.kind
    tree, helpers = subject.tree(mutant), mutant.helpers if kind.python else ()
    machines, later = kind.machines(subject.uses_nequip), (mutant.module,)
    return Trial(tree, machines, kind.loads, later, kind.python, mutant.path, helpers)


def judge(mutant: Mutant, base: Baseline, folder: Path) -> Result:
    """Predict one mutant, and build and load it below `folder` unless it is known what happens then."""
    real = base.store.outcome(trial(mutant, base.subject), folder)
    with base.changed(mutant):
        tops = tuple(path.partition("/")[0] for path in mutant.helpers)
        new = base.findings(tops) - base.known
        unequal = _unequal(real, base, tops)
    whole = {*base.archive.of("intern"), *mutant.archive}
    lost = () if real.archive is None else tuple(sorted(whole - real.archive.actions.keys()))
    return Result.of(mutant, sorted(new), real, lost, unequal)


def _unequal(real: Real, base: Baseline, tops: tuple[str, ...]) -> str:
    if real.archive is not None:
        return base.unequal(real.archive, tops)
    return base.unequal_refusals(real.error, tops) if real.stage == "build" and refused(real.error) else ""


def _findings(cache: Path, request: Request) -> Counter[tuple[str, str]]:
    os.environ["XDG_CACHE_HOME"] = str(cache)
    found = check(request, Selection()).findings
    return Counter((f.severity.value, f"{f.code} {Path(f.path).name}: {f.message}") for f in found)


def _closure(cache: Path, request: Request, present: frozenset[str], packager: str) -> dict[str, str]:
    os.environ["XDG_CACHE_HOME"] = str(cache)
    python = (sys.version_info.major, sys.version_info.minor)
    found = predict(request, present, frozenset(), False, packager, python)
    (closure,) = {id(item): item.closure for item in found}.values()
    return {name: item.action for name, item in closure.modules.items()}
