"""Training configurations: read and never run, and what of them names roots."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

import pytest
from lint_support import nequip_lint, write

from nequip_lint.errors import LintError
from nequip_lint.project.assemble import Request, assemble
from nequip_lint.trainings.targets import training_of

if TYPE_CHECKING:
    from pathlib import Path

PYPROJECT = """[project]
name = "mylab"
version = "1"
dependencies = ["nequip"]
[project.entry-points."nequip.extension"]
mylab = "mylab"
"""
BUILD = """import networkx
from nequip.model.utils import model_builder
from mylab.net import Net


@model_builder
def Mine(**options):
    return Net(**options)


@model_builder
def Other(**options):
    from mylab.other import Other

    return Other()
"""
CLASS = "import torch\nfrom nequip.nn import GraphModuleMixin\n\n\n"
CLASS += "class {}(GraphModuleMixin, torch.nn.Module): ...\n"
CODE = {
    "pyproject.toml": PYPROJECT,
    "mylab/__init__.py": "",
    "mylab/build.py": BUILD,
    "mylab/net.py": CLASS.format("Net"),
    "mylab/other.py": CLASS.format("Other"),
    "mylab/radial.py": CLASS.format("Radial"),
}
MINE = "training_module:\n  model:\n    _target_: mylab.build.Mine\n"
OTHER = "    _target_: mylab.build.Other\n"
GROUP = "_target_: mylab.build.Mine\nradial: {_target_: mylab.radial.Radial}\n"

# the files of a configuration, and the dotted names that its model needs
FORMS: dict[str, tuple[dict[str, str], set[str]]] = {
    "plain": ({"train.yaml": MINE}, {"mylab.build.Mine"}),
    "nested": (
        {"train.yaml": f"{MINE}    parts: [{{_target_: mylab.radial.Radial, _partial_: true}}]\n"},
        {"mylab.build.Mine", "mylab.radial.Radial"},
    ),
    "interpolated": (
        {
            "train.yaml": "kind: Mine\nhome: mylab.build\ntraining_module:\n  model: ${model}\n"
            "model: {_target_: '${home}.${kind}', r: '${.s}', s: {_target_: mylab.radial.Radial}}\n"
        },
        {"mylab.build.Mine", "mylab.radial.Radial"},
    ),
    "an alias": (
        {"train.yaml": "m: &m {_target_: mylab.build.Mine}\ntraining_module: {model: {<<: *m, r: 4.0}}\n"},
        {"mylab.build.Mine"},
    ),
    "a group": (
        {
            "train.yaml": "defaults:\n  - model: big\ntraining_module: {model: '${model}'}\n",
            "model/big.yaml": GROUP,
        },
        {"mylab.build.Mine", "mylab.radial.Radial"},
    ),
    "a group at a place": (
        {
            "train.yaml": "defaults:\n  - model@training_module.model: big\n  - _self_\n",
            "model/big.yaml": GROUP,
        },
        {"mylab.build.Mine", "mylab.radial.Radial"},
    ),
    "a file at a place": (
        {"train.yaml": "defaults:\n  - model/big@training_module.model\n", "model/big.yaml": GROUP},
        {"mylab.build.Mine", "mylab.radial.Radial"},
    ),
    "a package in the header": (
        {"train.yaml": "defaults:\n  - model: big\n", "model/big.yaml": f"# @package _global_\n{MINE}"},
        {"mylab.build.Mine"},
    ),
    "a base file": (
        {"train.yaml": f"defaults:\n  - base\n{MINE.replace('Mine', 'Other')}", "base.yaml": MINE},
        {"mylab.build.Other"},
    ),
    "the base file last": (
        {
            "train.yaml": f"defaults:\n  - _self_\n  - base\n{MINE.replace('Mine', 'Other')}",
            "base.yaml": MINE,
        },
        {"mylab.build.Mine"},
    ),
    "an override": (
        {
            "train.yaml": "defaults: [base, override model: small]\ntraining_module: {model: '${model}'}\n",
            "base.yaml": "defaults:\n  - model: big\n",
            "model/big.yaml": GROUP,
            "model/small.yaml": "_target_: mylab.build.Other\n",
        },
        {"mylab.build.Other"},
    ),
    "what is not there and need not be": (
        {"train.yaml": f"defaults:\n  - optional local: me\n  - override hydra/job_logging: none\n{MINE}"},
        {"mylab.build.Mine"},
    ),
}


@pytest.mark.parametrize("name", FORMS)
def test_what_a_configuration_names(tmp_path: Path, name: str) -> None:
    files, expected = FORMS[name]
    training = training_of(write(tmp_path, files), "train")
    assert {item.name for item in training.targets if item.is_needed} == expected
    assert training.notes == ()


@pytest.mark.filterwarnings("ignore:In 'train'. Defaults list is missing")
@pytest.mark.parametrize("name", [name for name in FORMS if "need not" not in name])
def test_hydra_reads_the_same(tmp_path: Path, name: str) -> None:
    """A defaults list without `_self_` is read as hydra 1.2 and later read it, which say so."""
    hydra = pytest.importorskip("hydra")
    conf = pytest.importorskip("omegaconf").OmegaConf
    files, expected = FORMS[name]
    with hydra.initialize_config_dir(str(write(tmp_path, files)), version_base=None):
        model = conf.to_container(hydra.compose("train").training_module.model, resolve=True)
    assert set(re.findall(r"'_target_': '([^']+)'", str(model))) == expected


WRONG = {
    "no such name": (
        {"train.yaml": MINE},
        "trian",
        "trian.yaml: there is no such configuration; did you mean train?",
    ),
    "no mapping": ({"train.yaml": "- 1\n"}, "train", "holds no configuration"),
    "no YAML": ({"train.yaml": "a: [\n"}, "train", "is not readable YAML"),
    "an object": (
        {"train.yaml": "a: !!python/object/apply:os.getcwd []\n"},
        "train",
        "is not readable YAML",
    ),
    "too deep": ({"train.yaml": "[" * 5000}, "train", "YAML"),
    "no model": (
        {"train.yaml": "training_module: {loss: 1}\n"},
        "train",
        "no model: training_module has no model",
    ),
    "nothing": ({"train.yaml": ""}, "train", "no model"),
    "no target": ({"train.yaml": "training_module: {model: {r: 1}}\n"}, "train", "model has no _target_"),
    "a resolver": (
        {"train.yaml": "training_module: {model: {_target_: '${oc.env:MODEL}'}}\n"},
        "train",
        "only a run can tell what ${oc.env:MODEL} is",
    ),
    "a package": (
        {
            "train.yaml": "training_module:\n  model:\n    _target_: nequip.model.ModelFromPackage\n"
            "    package_path: a.nequip.zip\n"
        },
        "train",
        "the model is that of a.nequip.zip",
    ),
    "a package that is modified": (
        {
            "train.yaml": "training_module:\n  model:\n    _target_: nequip.model.modify\n    modifiers: []\n"
            "    model: {_target_: nequip.model.ModelFromPackage, package_path: a.nequip.zip}\n"
        },
        "train",
        "the model is that of a.nequip.zip, whose own code counts; nothing tells what the model is made of",
    ),
    "a default that is not there": (
        {"train.yaml": f"defaults: [model: big]\n{MINE}"},
        "train",
        "big.yaml: there is no",
    ),
    "defaults in a circle": ({"train.yaml": f"defaults: [train]\n{MINE}"}, "train", "files deep"),
    "an interpolation in a circle": (
        {"train.yaml": "a: ${b}\nb: ${a}\ntraining_module: {model: '${a}'}\n"},
        "train",
        "only a run can tell",
    ),
}


@pytest.mark.parametrize("name", WRONG)
def test_what_does_not_tell_a_model_is_an_error(tmp_path: Path, name: str) -> None:
    files, asked, message = WRONG[name]
    with pytest.raises(LintError, match=re.escape(message)):
        training_of(write(tmp_path, files), asked)


def test_aliases_do_not_grow_without_bound(tmp_path: Path) -> None:
    lines = ["a0: &a0 [1, 1]", *(f"a{n}: &a{n} [*a{n - 1}, *a{n - 1}]" for n in range(1, 40))]
    text = "\n".join(lines) + "\ntraining_module: {model: {_target_: mylab.build.Mine, x: *a39}}\n"
    with pytest.raises(LintError, match="more than 10000 values"):
        training_of(write(tmp_path, {"train.yaml": text}), "train")


def test_the_commands(tmp_path: Path) -> None:
    """Exactly the roots of the configuration; with settings that name the file too."""
    folder = write(tmp_path, {**CODE, "conf/train.yaml": MINE})
    options = ("--config-path", "conf", "--config-name", "train")
    closure = nequip_lint("closure", "--json", *options, cwd=folder)
    told = json.loads(closure.stdout)
    assert {root for root in told["roots"] if root.startswith("mylab")} == {"mylab.net"}
    assert "nequip.nn.graph_model" in told["roots"]
    assert not {"networkx", "mylab.other", "mylab.build"} & told["modules"].keys()
    assert nequip_lint(*options, cwd=folder).returncode == 0
    assert "mylab.net: intern" in nequip_lint("why", "mylab.net", *options, cwd=folder).stdout
    settings = f'{PYPROJECT}\n[tool.nequip-lint]\nroots = ["conf/train.yaml"]\n'
    write(folder, {"pyproject.toml": settings})
    assert json.loads(nequip_lint("closure", "--json", cwd=folder).stdout) == told
    wrong = nequip_lint("--config-path", "conf", "--config-name", "tran", cwd=folder)
    assert (wrong.returncode, wrong.stdout) == (2, "")
    assert "did you mean train?" in wrong.stderr


TARGETS = {
    "mylab.build.Mien": "conf/train.yaml: training_module.model._target_: there is no 'mylab.build.Mien'",
    "mylab.bild.Mine": "there is no 'mylab.bild.Mine'",
    "nequip.model.NequIPGNNModl": "there is no 'nequip.model.NequIPGNNModl'",
    "elsewhere.Model": "elsewhere.Model cannot be followed; name the environment that has elsewhere",
}


@pytest.mark.parametrize("target", TARGETS)
def test_a_target_that_is_not_there(tmp_path: Path, target: str) -> None:
    folder = write(tmp_path, {**CODE, "conf/train.yaml": MINE.replace("mylab.build.Mine", target)})
    done = nequip_lint("--config-path", "conf", "--config-name", "train", cwd=folder)
    assert (done.returncode, done.stdout) == (2, "")
    assert TARGETS[target] in done.stderr


def test_what_is_not_told_is_said(tmp_path: Path) -> None:
    more = "    radial: {_target_: elsewhere.Radial}\n    pair: {_target_: '${oc.env:PAIR}'}\n"
    more += "    act: {_target_: torch.nn.SiLU}\n"
    folder = write(tmp_path, {**CODE, "conf/train.yaml": f"{MINE}{more}ckpt_path: last.ckpt\n"})
    done = nequip_lint("--config-path", "conf", "--config-name", "train", cwd=folder)
    assert "training_module.model.radial._target_: elsewhere.Radial cannot be followed" in done.stdout
    assert "training_module.model.pair._target_: only a run can tell what ${oc.env:PAIR} is" in done.stdout
    assert "the training goes on from last.ckpt, whose own model counts" in done.stdout
    assert "SiLU" not in done.stdout
    closure = nequip_lint("closure", "--json", "--config-path", "conf", "--config-name", "train", cwd=folder)
    assert "note: conf/train.yaml: the training goes on from last.ckpt" in closure.stderr
    assert "mylab.net" in json.loads(closure.stdout)["roots"]


def test_strings_that_name_classes_are_roots(tmp_path: Path) -> None:
    more = "    radial: mylab.radial.Radial\n    data: mylab.gone.Nothing\n    file: train.xyz\n"
    folder = write(tmp_path, {**CODE, "train.yaml": MINE + more})
    (assembled,) = assemble(Request((folder,), training=(folder, "train")))
    roots = {root for root in assembled.project.roots if root.startswith("mylab")}
    assert roots == {"mylab.net", "mylab.radial"}


def test_one_of_several_projects_has_the_builder(tmp_path: Path) -> None:
    beside = {path.replace("mylab", "other"): text.replace("mylab", "other") for path, text in CODE.items()}
    files = {
        f"{name}/{path}": text for name, tree in (("a", CODE), ("b", beside)) for path, text in tree.items()
    }
    folder = write(tmp_path, {**files, "train.yaml": MINE})
    first, second = assemble(Request((folder,), training=(folder, "train")))
    assert "mylab.net" in first.project.roots
    assert second.project.roots == ()
    assert first.notes == second.notes == ()


# Functions that take the model and give it back

CHANGES = """from nequip.model import modify
from nequip.model.utils import model_builder
from mylab.net import Net


def freeze(model, only=()):
    return modify(model, [])


def widen(model):
    from mylab.radial import Radial

    return Radial(model)


@model_builder
def Unseen(model, **options):
    return globals()[model](**options)
"""
INNER = "    model: {_target_: mylab.build.Mine}\n    modifiers: [{modifier: enable_LoRA}]\n"
# what stands in training_module.model, and the own roots
MODIFIED = {
    "nequip's": (f"    _target_: nequip.model.modify\n{INNER}", {"mylab.net"}),
    "where it is defined": (f"    _target_: nequip.model.modify_utils.modify\n{INNER}", {"mylab.net"}),
    "another name for it": (f"    _target_: mylab.changes.modify\n{INNER}", {"mylab.net"}),
    "one's own": (f"    _target_: mylab.changes.freeze\n{INNER}", {"mylab.net"}),
    "one's own that brings a class": (
        f"    _target_: mylab.changes.widen\n{INNER}",
        {"mylab.net", "mylab.radial"},
    ),
    "twice": (
        "    _target_: nequip.model.modify\n    modifiers: []\n    model:\n"
        "      _target_: mylab.changes.freeze\n      model: {_target_: mylab.build.Mine}\n",
        {"mylab.net"},
    ),
    "of an interpolated model": (
        "    _target_: mylab.changes.freeze\n    model: ${inner}\ninner: {_target_: mylab.build.Mine}\n",
        {"mylab.net"},
    ),
    "a class with a modifier": (
        "    _target_: nequip.model.modify\n    modifiers: [{modifier: enable_far}]\n"
        "    model: {_target_: mylab.far.Far}\n",
        {"mylab.far", "mylab.other"},
    ),
}
FAR = f"""from nequip.nn import model_modifier
{CLASS.format("Far").replace(" ...", "")}
    @model_modifier(persistent=True)
    @classmethod
    def enable_far(cls, model):
        from mylab.other import Other

        return Other()
"""


@pytest.mark.parametrize("name", MODIFIED)
def test_what_modifies_a_model_is_no_part_of_it(tmp_path: Path, name: str) -> None:
    text, expected = MODIFIED[name]
    files = {**CODE, "mylab/changes.py": CHANGES, "mylab/far.py": FAR}
    folder = write(tmp_path, {**files, "train.yaml": f"training_module:\n  model:\n{text}"})
    (assembled,) = assemble(Request((folder,), training=(folder, "train")))
    assert {root for root in assembled.project.roots if root.startswith("mylab")} == expected
    assert "nequip.model.modify_utils" not in assembled.project.packaged.modules
    assert assembled.notes == ()


# names of what makes the model, and where it stands
NOT_FOLLOWED = {
    "a builder": ("Unseen", 17),
    "a plain function": ("plain", 21),
    "a name for a function": ("also", 25),
}
PLAINLY = """

def plain(kind, **options):
    return globals()[kind](**options)


also = plain
"""


@pytest.mark.parametrize("name", NOT_FOLLOWED)
@pytest.mark.parametrize("around", [False, True])
def test_a_builder_that_cannot_be_followed_is_said(tmp_path: Path, name: str, around: bool) -> None:
    builder, line = NOT_FOLLOWED[name]
    model = f"{{_target_: mylab.changes.{builder}, kind: Mine}}"
    text = f"{{_target_: nequip.model.modify, modifiers: [], model: {model}}}" if around else model
    files = {**CODE, "mylab/changes.py": CHANGES + PLAINLY}
    folder = write(tmp_path, {**files, "train.yaml": f"training_module:\n  model: {text}\n"})
    told = nequip_lint("--config-path", ".", "--config-name", "train", cwd=folder).stdout
    place = f"mylab/changes.py:{line}:1: warning NQ005 [nothing-judged]\n"
    assert told.startswith(f"{place}  what {builder}() makes is not known")
    assert "nothing judged: no class here is known" in told
    assert nequip_lint("closure", "--config-path", ".", "--config-name", "train", cwd=folder).returncode == 0


def test_a_function_that_a_model_holds_counts_itself(tmp_path: Path) -> None:
    more = "    act: {_target_: mylab.changes.plain, _partial_: true}\n"
    files = {**CODE, "mylab/changes.py": CHANGES + PLAINLY, "train.yaml": MINE + more}
    (assembled,) = assemble(Request((write(tmp_path, files),), training=(tmp_path, "train")))
    assert {root for root in assembled.project.roots if root.startswith("mylab")} == {
        "mylab.net",
        "mylab.changes",
    }
