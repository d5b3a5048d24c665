"""Real source, a real model made by it, and the whole tree that builds it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import NamedTuple

from archives import Archive
from machines import site
from mutations import Module, Mutant
from page import Tree

ROOT = Path(__file__).parents[2]
PROJECT = """\
[project]
name = "mutant-of-{top}"
version = "1"
dependencies = [{requires}]

[project.optional-dependencies]
all = [{extras}]
{entries}
{settings}
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
        frame = {"pos": pos, "edge_index": torch.tensor(pairs).T.contiguous(), "atom_types": types}
        result = self.model(frame)
        # The positions are in single precision, and so are the defaults of the process that loads the model.
        keys = [key for key in ("total_energy", "forces", "mutant") if key in result]
        return {key: result[key].detach().float() for key in keys}
"""
MODEL = """\
from {module} import {builder}
{prepare}
from .frame import Frame


def make():
    prepare()
    return Frame({builder}(**{arguments!r}))
"""
WITH_NEQUIP = "from nequip.utils.global_state import set_global_state as prepare\n"
WITHOUT = "from torch import get_default_dtype as prepare\n"
FITTING = {
    "seed": 1,
    "model_dtype": "float32",
    "type_names": ["Cu"],
    "r_max": 4.0,
    "num_layers": 1,
    "l_max": 1,
    "avg_num_neighbors": 3.0,
}
GNN = {**FITTING, "num_layers": 2, "num_features": 4, "radial_mlp_depth": 1, "radial_mlp_width": 8}
"""Two layers: the first one passes by the exchange of ghost atoms."""
ALLEGRO = {
    **FITTING,
    "num_scalar_features": 8,
    "num_tensor_features": 4,
    "radial_chemical_embed": {
        "_target_": "allegro.nn.TwoBodyBesselScalarEmbed",
        "num_bessels": 4,
        "bessel_trainable": False,
        "polynomial_cutoff_p": 6,
    },
    "radial_chemical_embed_dim": 8,
    "scalar_embed_mlp_hidden_layers_depth": 1,
    "scalar_embed_mlp_hidden_layers_width": 8,
    "allegro_mlp_hidden_layers_depth": 1,
    "allegro_mlp_hidden_layers_width": 8,
    "readout_mlp_hidden_layers_depth": 1,
    "readout_mlp_hidden_layers_width": 4,
}
REQUIRES = ("torch>=2.6", "nequip>=0.19", "e3nn>=0.6")
WITHOUT_NEQUIP = """\
[tool.nequip-lint]
roots = ["e3nn_pair.potential"]
internal-packages = ["e3nn", "e3nn_pair", "mypkg"]
extern-modules = ["io", "numpy", "opt_einsum_fx", "packaging"]
mock-modules = ["matplotlib"]
"""


class Subject(NamedTuple):
    """A package and the builder of its model; `settings` is the linter's configuration, if it needs one."""

    name: str
    folder: Path
    builder: str
    arguments: Mapping[str, object]
    requires: tuple[str, ...] = REQUIRES
    entries: Mapping[str, str] = {}
    settings: str = ""

    @property
    def top(self) -> str:
        return self.folder.name

    @property
    def uses_nequip(self) -> bool:
        return not self.settings

    def tree(self, mutant: Mutant | None = None) -> Tree:
        """The whole source, with the files of a mutant."""
        own = {**sources(self.folder), "mypkg/__init__.py": "", "mypkg/frame.py": FRAME}
        module, _, builder = self.builder.partition(":")
        prepare = WITH_NEQUIP if self.uses_nequip else WITHOUT
        words = {"module": module, "builder": builder, "arguments": self.arguments, "prepare": prepare}
        files = {**own, "mypkg/model.py": MODEL.format(**words), "pyproject.toml": self._project(mutant)}
        return Tree(files if mutant is None else {**files, **mutant.files})

    def _project(self, mutant: Mutant | None) -> str:
        kind = None if mutant is None else mutant.kind
        entries = self.entries if kind is None or kind.entries is None else kind.entries
        return PROJECT.format(
            top=self.top,
            requires=_quoted((*self.requires, *(kind.requires if kind else ()))),
            extras=_quoted(kind.extras if kind else ()),
            entries=self._entries(entries),
            settings=self.settings,
        )

    def _entries(self, entries: Mapping[str, str]) -> str:
        """The entry points of an extension of nequip, which a project without nequip is none of."""
        if not self.uses_nequip and not entries:
            return ""
        rows = {"frame": "mypkg", **{key: value.replace("{top}", self.top) for key, value in entries.items()}}
        return "\n".join(
            ['[project.entry-points."nequip.extension"]', *(f'{k} = "{v}"' for k, v in rows.items())]
        )

    def modules(self, archive: Archive) -> Iterator[Module]:
        """The modules of the subject that the archive of its unmodified model holds."""
        files = sources(self.folder)
        for path, text in sorted(files.items()):
            name = path.removesuffix(".py").removesuffix("/__init__").replace("/", ".")
            if archive.actions.get(name) == "intern":
                pickled = {found for owner, found in archive.names if owner == name}
                first = files[f"{self.top}/__init__.py"]
                yield Module(self.name, self.top, name, path, text, first, pickled)


@cache
def sources(folder: Path) -> Mapping[str, str]:
    """Every file of Python source below a package, by path from where the package lies."""
    found = sorted(folder.rglob("*.py"))
    return {path.relative_to(folder.parent).as_posix(): path.read_text(encoding="utf-8") for path in found}


def _quoted(names: Iterable[str]) -> str:
    return ", ".join(f'"{name}"' for name in names)


def subjects() -> dict[str, Subject]:
    """All subjects by name."""
    docs = ROOT / "docs"
    softcore, pair = docs / "example" / "nequip_softcore", docs / "e3nn-example" / "e3nn_pair"
    loaded = "init_always"
    found = (
        Subject("nequip", site() / "nequip", "nequip.model:NequIPGNNModel", GNN),
        Subject(
            "allegro", site() / "allegro", "allegro.model:AllegroModel", ALLEGRO, entries={loaded: "allegro"}
        ),
        Subject(
            "softcore",
            softcore,
            "nequip_softcore.model:SoftCoreNequIPModel",
            GNN,
            entries={loaded: "nequip_softcore"},
        ),
        Subject(
            "pair",
            pair,
            "e3nn_pair.potential:build",
            {"num_types": 1, "cutoff": 3.0},
            ("torch>=2.6", "e3nn>=0.6"),
            settings=WITHOUT_NEQUIP,
        ),
    )
    return {subject.name: subject for subject in found}
