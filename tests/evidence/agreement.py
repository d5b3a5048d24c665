"""One mutant, predicted and then built and loaded for real; and the table of all of them."""

from __future__ import annotations

import pickletools
import re
import shutil
import zipfile
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

from mutations import Mutant, mutants
from page import Tree
from reproduce import Machines, Outcome, reproduce

from nequip_lint.engine.predict import predict
from nequip_lint.engine.run import check
from nequip_lint.engine.selection import Selection
from nequip_lint.project.assemble import Request
from nequip_lint.values import Severity

ROOT = Path(__file__).parents[2]
HERE = Machines(nequip=True, build=(), load=(), standins={})
PROJECT = """\
[project]
name = "{name}"
version = "1"
dependencies = ["torch>=2.6", "nequip>=0.19", "e3nn>=0.6"]

[project.entry-points."nequip.extension"]
own = "{top}"
frame = "mypkg"
"""
FRAME = """\
import torch


class Frame(torch.nn.Module):
    def __init__(self, model):
        super().__init__()
        self.model = model

    def forward(self, data):
        pairs = [(i, j) for i in range(4) for j in range(4) if i != j]
        pos = torch.tensor([[0.0, 0, 0], [1.8, 0, 0], [0, 1.8, 0], [0, 0, 1.9]])
        types = torch.zeros(4, dtype=torch.long)
        frame = {"pos": pos, "edge_index": torch.tensor(pairs).T, "atom_types": types}
        result = self.model(frame)
        # The sums of a loaded model may be rounded otherwise than those of its source.
        return {key: result[key].detach().double().round(decimals=3) for key in ("total_energy", "forces")}
"""
MODEL = """\
import torch
from nequip.utils.global_state import set_global_state

from {module} import {builder}

from .frame import Frame


def make():
    set_global_state()
    return Frame({builder}(**{arguments!r}))
"""


class Subject(NamedTuple):
    """Real source and a real model made by it."""

    top: str
    folder: Path
    builder: str
    arguments: dict[str, object]

    def tree(self, mutant: Mutant | None = None) -> Tree:
        """The whole source, with one module changed."""
        files = {
            path.relative_to(self.folder.parent).as_posix(): path.read_text(encoding="utf-8")
            for path in self.folder.rglob("*.py")
        }
        module, _, builder = self.builder.partition(":")
        own = MODEL.format(module=module, builder=builder, arguments=self.arguments)
        files |= {"mypkg/__init__.py": "", "mypkg/frame.py": FRAME, "mypkg/model.py": own}
        files["pyproject.toml"] = PROJECT.format(name=f"mutant-of-{self.top}", top=self.top)
        return Tree(files if mutant is None else {**files, mutant.path: mutant.source})


class Archive(NamedTuple):
    """What a real archive holds: actions by module, and the modules and classes that its pickles name."""

    actions: dict[str, str]
    names: frozenset[tuple[str, str]]

    @property
    def roots(self) -> tuple[str, ...]:
        return tuple(sorted({module for module, _ in self.names}))


def read(package: Path) -> Archive:
    """Read an archive without running anything of it."""
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


def _pair(text: str) -> tuple[str, str]:
    module, _, name = text.partition(" ")
    return module, name


class Baseline(NamedTuple):
    """The unmodified source: its archive, its findings, and where they were made."""

    subject: Subject
    site: Path
    archive: Archive
    findings: Counter[str]


class Result(NamedTuple):
    """A mutant with the new findings and what happened; `closure` is '' where the archive is as predicted.

    `closure` is not judged where there is no archive.
    """

    mutant: Mutant
    errors: tuple[str, ...]
    warnings: tuple[str, ...]
    outcome: Outcome
    lost: tuple[str, ...]
    closure: str

    @property
    def fails(self) -> bool:
        return self.outcome.stage is not None or bool(self.lost)

    @property
    def verdict(self) -> str:
        """`agree`, `missed` (unannounced failure, other closure) or `false` (an error, yet it works)."""
        if self.closure or (self.fails and not self.errors and not self.warnings):
            return "missed"
        return "false" if self.errors and not self.fails else "agree"


def baseline(subject: Subject, site: Path, folder: Path) -> Baseline:
    """Build the unmodified source; it must work, or nothing is shown by the mutants."""
    outcome = reproduce(subject.tree(), HERE, folder)
    assert outcome.stage is None, outcome.error
    archive = read(folder / "model.zip")
    assert not _unequal(archive, subject, folder, site)
    return Baseline(subject, site, archive, Counter(text for text, _ in _findings(subject, folder, site)))


def _findings(subject: Subject, folder: Path, site: Path) -> Iterator[tuple[str, Severity]]:
    request = Request((folder / "source" / subject.top,), environment=site, cache=False)
    for item in check(request, Selection()).findings:
        yield f"{item.code} {Path(item.path).name} {item.message}", item.severity


def _unequal(archive: Archive, subject: Subject, folder: Path, site: Path) -> str:
    """The modules whose action is not the predicted one."""
    paths = (folder / "source" / subject.top, folder / "source" / "mypkg")
    request = Request(paths, environment=site, roots=archive.roots, cache=False)
    found = predict(request, frozenset(), frozenset(), gpu=False, packager="nequip")
    kept = {"intern", "extern", "mock", "refused"}
    (closure,) = {id(item): item.closure for item in found}.values()
    expected = {name: item.action for name, item in closure.modules.items() if item.action in kept}
    differ = {
        name for name in {*expected, *archive.actions} if expected.get(name) != archive.actions.get(name)
    }
    return ", ".join(
        f"{name}: {archive.actions.get(name)}, not {expected.get(name)}" for name in sorted(differ)
    )


def candidates(base: Baseline) -> list[Mutant]:
    """All mutants of the modules that the archive of the unmodified source holds."""
    found: list[Mutant] = []
    for path, text in sorted(base.subject.tree().files.items()):
        module = path.removesuffix(".py").removesuffix("/__init__").replace("/", ".")
        if module.startswith(base.subject.top) and base.archive.actions.get(module) == "intern":
            pickled = {name for owner, name in base.archive.names if owner == module}
            found += mutants(module, path, text, pickled)
    return found


def judge(mutant: Mutant, base: Baseline, folder: Path) -> Result:
    """Predict, build and load one mutant below `folder`, which is removed afterwards."""
    outcome = reproduce(base.subject.tree(mutant), HERE, folder)
    new = [item for item in _findings(base.subject, folder, base.site) if item[0] not in base.findings]
    errors = tuple(text for text, severity in new if severity is Severity.ERROR)
    warnings = tuple(text for text, severity in new if severity is Severity.WARNING)
    lost: tuple[str, ...] = ()
    closure = ""
    if (folder / "model.zip").exists() and outcome.stage not in ("import", "build"):
        archive = read(folder / "model.zip")
        whole = {name for name, action in base.archive.actions.items() if action == "intern"}
        lost = tuple(sorted(whole - archive.actions.keys()))
        closure = _unequal(archive, base.subject, folder, base.site)
    shutil.rmtree(folder)
    return Result(mutant, errors, warnings, outcome, lost, closure)


def table(results: Iterable[Result]) -> str:
    """Rows by family and kind, then each disagreement."""
    counts: dict[tuple[str, str], Counter[str]] = defaultdict(Counter)
    listed = []
    for item in results:
        counts[item.mutant.kind.family or "harmless", item.mutant.kind.name][item.verdict] += 1
        if item.verdict != "agree":
            said = "; ".join([*item.errors, *item.warnings]) or "nothing"
            real = item.outcome.error or ", ".join(item.lost) or item.closure or "works"
            listed.append(f"- {item.verdict}: {item.mutant.name}: said {said}; real: {real.splitlines()[0]}")
    rows = [
        f"| {family} | {kind} | {n['agree']} | {n['missed']} | {n['false']} |"
        for (family, kind), n in sorted(counts.items())
    ]
    head = ["| family | mutation | agree | missed | false |", "| --- | --- | --- | --- | --- |"]
    return "\n".join([*head, *rows, "", *sorted(listed)]) + "\n"
