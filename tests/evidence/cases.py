"""The labelled experiments in `tests/data/cases`: what was built, what happened, as source trees."""

from __future__ import annotations

import ast
import json
import sys
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from nequip_lint.machine.target import Patterns

FOLDER = Path(__file__).parents[1] / "data" / "cases"
MORE = FOLDER.with_name("more-cases")
EXTERN = frozenset(
    {"triton", "io", "sys", "opt_einsum_fx", "numpy", "packaging", "openequivariance"}
    | {"cuequivariance", "cuequivariance_torch"}
)
_REFUSED = {"NO_ACTION", "NO_DUNDER_FILE", "IS_EXTENSION_MODULE", "SOURCE_FILE_NOT_FOUND"}
_REFUSED |= {"DEPENDENCY_RESOLUTION_FAILED", "MOCKED_BUT_STILL_USED"}
_ACTIONS = {"INTERN": "intern", "EXTERN": "extern", "MOCK": "mock", "REPACKAGED_MOCK_MODULE": "mock"}
_TRITON = "triton_"


@dataclass(frozen=True, slots=True)
class Variant:
    """One build of a case, with what was installed and registered."""

    case: Case
    data: Mapping[str, Any]

    @property
    def name(self) -> str:
        return f"{self.case.name}/{self.data['name']}"

    @property
    def works(self) -> bool:
        return self.data["verdict"] == "works"

    @property
    def libraries(self) -> tuple[str, ...]:
        """Installed at build, by import name; a real release of triton is `triton_3.3.1`."""
        return tuple(self.data.get("build_libs", ()))

    @property
    def imports(self) -> bool:
        """Whether the module with the model could be imported at build."""
        return bool(self.data["outcome"]["build"].get("import") == "ok")

    @property
    def is_comparable(self) -> bool:
        """Whether torch.package went through its whole walk, be it to refuse in the end.

        The walk that is predicted starts at the entry; a pickle that does not name that starts another one.
        """
        end = self.data["outcome"]["build"].get("build")
        refused = isinstance(end, dict) and end["type"] == "PackagingError"
        return self.case.entry.partition(":")[0] in self.actions() and (end == "ok" or refused)

    @property
    def installed(self) -> frozenset[str]:
        """The import names of the libraries that were installed at build."""
        return frozenset(name.partition("_")[0] if name[:7] == _TRITON else name for name in self.libraries)

    @property
    def everywhere(self) -> frozenset[str]:
        """The import names of the libraries that were there at build and, but for mocks, at load."""
        loaded = self.data.get("load_libs")
        if loaded is None or not self.data["outcome"].get("fresh"):
            return self.installed
        there = {name.partition("_")[0] if name[:7] == _TRITON else name for name in loaded}
        return self.installed & (there | self.patterns.mock)

    @property
    def triton(self) -> str:
        """The installed release of triton, '' for none."""
        return next((name.removeprefix(_TRITON) for name in self.libraries if name.startswith(_TRITON)), "")

    @property
    def patterns(self) -> Patterns:
        """The registrations in force; `=name`, the module alone, is taken as `name`."""
        core = {"nequip", "e3nn"} if self.case.uses_nequip else set()
        given = self.data.get("extern_all")
        default = frozenset(given) if isinstance(given, list) else EXTERN
        return Patterns(
            self._names("intern", ["mypkg"]) | core,
            default | self._names("extern", []),
            frozenset({"matplotlib"}) | self._names("mock", []),
        )

    def _names(self, key: str, default: list[str]) -> frozenset[str]:
        return frozenset(name.lstrip("=") for name in self.data.get(key) or default)

    @property
    def environment(self) -> Mapping[str, str]:
        """The environment variables that the build was given; no case tests another one that was set."""
        return self.data.get("build_env") or {}

    @property
    def registrations(self) -> str:
        """What makes variants rows of their own: they can differ in what is registered."""
        return json.dumps([self.data.get(key) for key in ("extern", "mock", "intern", "extern_all")])

    def actions(self) -> dict[str, str]:
        """What torch.package did with each module; empty where the build never got there."""
        given = {name: str(value) for name, value in self.data.get("actions", {}).items() if name[0] != "<"}
        return {name: "refused" if value in _REFUSED else _ACTIONS[value] for name, value in given.items()}

    def write_libraries(self, folder: Path) -> Path:
        """Write the stand-in libraries that were installed at build; returns the folder."""
        folder.mkdir()
        for name in self.libraries:
            stand_in = {"triton/__init__.py": "", "triton/language/__init__.py": ""}
            _write(folder, stand_in if name.startswith(_TRITON) else self.case.data["libs"][name])
        return folder


@dataclass(frozen=True, slots=True)
class Case:
    """One source tree with its variants."""

    name: str
    data: Mapping[str, Any]

    @property
    def uses_nequip(self) -> bool:
        """Whether the tree is built on nequip and e3nn."""
        return any(name in text for text in self.data["files"].values() for name in ("nequip", "e3nn"))

    @property
    def entry(self) -> str:
        """The function that makes the model, as `module:name`."""
        entry: str = self.data.get("entry", "mypkg.model:make")
        return entry

    @property
    def variants(self) -> list[Variant]:
        return [Variant(self, data) for data in self.data["variants"]]

    def write(self, folder: Path) -> Path:
        """Write the source tree; returns the folder."""
        _write(folder, self.data["files"])
        return folder

    def named(self, modules: Collection[str]) -> frozenset[str]:
        """What the imports of some of the case's own modules name, whatever it turns out to be.

        Other names can only come from pickles: `torch._utils`, `collections`, the modules of torch's classes.
        """
        texts = {_module(path): text for path, text in self.data["files"].items()}
        return frozenset(name for module in modules for name in _named(texts.get(module, "")))

    def beside(self) -> frozenset[str]:
        """Imported libraries that are no stand-ins: they were installed in every variant."""
        if not all(variant.imports for variant in self.variants):
            return frozenset()
        trees = [self.data["files"], *self.data.get("libs", {}).values()]
        own = {path.partition("/")[0].removesuffix(".py") for files in trees for path in files}
        names = {name.partition(".")[0] for text in self.data["files"].values() for name in _imported(text)}
        return frozenset(names - own - sys.stdlib_module_names - {"", "torch", "triton"})


def cases(folder: Path = FOLDER) -> list[Case]:
    """All cases of a folder, by name."""
    paths = sorted(folder.glob("*.json"))
    return [Case(path.stem, json.loads(path.read_text(encoding="utf-8"))) for path in paths]


def _write(folder: Path, files: Mapping[str, str]) -> None:
    for path, text in files.items():
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, encoding="utf-8")


def _module(path: str) -> str:
    return path.removesuffix(".py").removesuffix("/__init__").replace("/", ".")


def _named(text: str) -> Iterator[str]:
    """The names of imports, and every string, since `__import__` and kin take strings."""
    yield from _imported(text)
    yield from (str(node.value) for node in _nodes(text) if isinstance(node, ast.Constant))


def _imported(text: str) -> Iterator[str]:
    for node in _nodes(text):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield from (node.module or "", *(f"{node.module or ''}.{alias.name}" for alias in node.names))


def _nodes(text: str) -> Iterator[ast.AST]:
    try:
        return ast.walk(ast.parse(text))
    except (SyntaxError, ValueError):
        return iter(())
