"""Everything that stops a rehearsal: its exit code, and one line that says what, where and what to do."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest
from rehearsal_support import changed, checked, inside
from trainings import NEQUIP, config
from warm import warm_python

if TYPE_CHECKING:
    from collections.abc import Mapping

pytestmark = pytest.mark.real
WORKER = Path(__file__).with_name("rehearsal_worker.py")
MODEL = "training_module.model"
STATS = {"_target_": "nequip.data.CommonDataStatisticsManager", "type_names": ["Cu"]}
MEAN = "${training_data_stats:num_neighbors_mean}"


class Case(NamedTuple):
    """What is changed in a good configuration, and what then stops its rehearsal."""

    changes: Mapping[str, Any]
    code: int
    texts: tuple[str, ...]
    options: Mapping[str, Any] = {}
    free: int | None = None


CASES = {
    "no section": Case({"trainer": None}, 2, ("has no section trainer", "run, data, trainer")),
    "no target": Case({"training_module._target_": None}, 2, ("training_module has no _target_",)),
    "no model": Case({MODEL: None}, 2, ("training_module has no model",)),
    "a section of another kind": Case({"training_module": 5}, 2, ("section training_module is no mapping",)),
    "a section that is a list": Case({"data": [1]}, 2, ("the section data is no mapping",)),
    "a section that names one of another kind": Case(
        {"trainer": "${training_module.loss.coeffs.forces}"}, 2, ("the section trainer is no mapping",)
    ),
    "a run of another kind": Case({"run": [5]}, 2, ("run has 5, but a run is train, val or test",)),
    "a run that names nothing": Case({"run": ["${nope}"]}, 2, ("interpolation in run cannot be resolved",)),
    "a training module that names nothing": Case(
        {"training_module._target_": "${nope}"}, 2, ("interpolation in training_module cannot be resolved",)
    ),
    "odd run": Case({"run": ["train", "fly"]}, 2, ("run has fly", "train, val or test")),
    "two trainings": Case({"run": ["train", "train"]}, 2, ("run has train twice",)),
    "no loss": Case({"training_module.loss": None}, 2, ("no loss, which the run train needs",)),
    "no metrics": Case({"run": ["train", "test"]}, 2, ("no test_metrics, which the run test needs",)),
    "a key that is not there": Case(
        {f"{MODEL}.r_max": "${cutoff}"}, 2, ("in training_module cannot be resolved", "'cutoff' not found")
    ),
    "a resolver that is not there": Case(
        {f"{MODEL}.r_max": "${cutoff:1}"}, 2, ("Unsupported interpolation type cutoff",)
    ),
    "a resolver that needs a file": Case(
        {f"{MODEL}.type_names": "${type_names_from_package:none.nequip.zip}"},
        6,
        ("a resolver in training_module cannot answer on this machine", "none.nequip.zip"),
    ),
    "a statistic that nothing computes": Case(
        {f"{MODEL}.avg_num_neighbors": MEAN}, 2, ("does not compute num_neighbors_mean", "known: none")
    ),
    "a statistic of another name": Case(
        {"data.stats_manager": STATS, f"{MODEL}.avg_num_neighbors": "${training_data_stats:neighbours}"},
        2,
        ("does not compute neighbours", "num_neighbors_mean"),
    ),
    "a manager that is not there": Case(
        {
            "data.stats_manager": {"_target_": "nequip.data.NoManager"},
            f"{MODEL}.avg_num_neighbors": MEAN,
        },
        6,
        ("cannot be made up", "NoManager", "give --data"),
    ),
    "data that are not there": Case(
        {"data.split_dataset.dataset._target_": "nequip.data.dataset.NoDataset"},
        6,
        ("nequip.data.dataset.NoDataset, which cannot be imported",),
        {"data": True},
    ),
    "data that cannot be read": Case(
        {
            "data.split_dataset.dataset": {
                "_target_": "nequip.data.dataset.ASEDataset",
                "file_path": "none.xyz",
            },
            "data.stats_manager": STATS,
            f"{MODEL}.avg_num_neighbors": MEAN,
        },
        6,
        ("the training data is out of reach", "none.xyz", "leave --data out"),
        {"data": True},
    ),
    "a library that is not installed": Case(
        {"training_module.optimizer._target_": "schedulefree.AdamWScheduleFree"},
        6,
        (
            "needs the package schedulefree, which is not installed",
            "training_module names schedulefree.AdamWScheduleFree",
            "install the library that provides `schedulefree`, or put its folder on PYTHONPATH",
        ),
    ),
    "a known library that is not installed": Case(
        {f"{MODEL}._target_": "openequivariance.Model"},
        6,
        ("openequivariance.Model", "run `pip install openequivariance`"),
    ),
    "a builder that is not there": Case(
        {f"{MODEL}._target_": "nequip.model.NoModel"},
        6,
        ("names nequip.model.NoModel, which cannot be imported", "check its name"),
    ),
    "a builder in a module, with a letter too few": Case(
        {f"{MODEL}._target_": "nequip.model.nequip_models.NequIPGNNMode"},
        6,
        ("'nequip.model.nequip_models' has no attribute 'NequIPGNNMode'); did you mean NequIPGNNModel?",),
    ),
    "an argument that is not there": Case(
        {f"{MODEL}.no_such_argument": 1}, 8, ("the training module did not load", "no_such_argument")
    ),
    "a shift for some types only": Case(
        {f"{MODEL}.type_names": ["Cu", "O"]}, 8, ("(AssertionError: assert ", "atomwise.py:")
    ),
    "a model of nequip.net": Case(
        {MODEL: {"_target_": "nequip.model.ModelFromPackage", "package_path": "nequip.net:group/model:1"}},
        6,
        ("needs nequip.net:group/model:1", "downloads nothing", 'load("nequip.net:group/model:1")'),
    ),
    "a package that is not there": Case(
        {MODEL: {"_target_": "nequip.model.ModelFromPackage", "package_path": "/none/m.nequip.zip"}},
        3,
        ("/none/m.nequip.zip: there is no such package file",),
    ),
    "a package that an interpolation names": Case(
        {
            "training_module": "${other}",
            "place": "/none/m",
            "other": changed(
                config(NEQUIP),
                {
                    MODEL: {
                        "_target_": "nequip.model.ModelFromPackage",
                        "package_path": "${place}",
                    }
                },
            )["training_module"],
        },
        3,
        ("/none/m: there is no such package file",),
    ),
    "a package that is none": Case(
        {MODEL: {"_target_": "nequip.model.ModelFromPackage", "package_path": str(WORKER)}},
        3,
        ("this is a text file, and the model is to start from a torch.package archive",),
    ),
    "a model of nequip.net in a resolver": Case(
        {f"{MODEL}.r_max": "${cutoff_radius_from_package:'nequip.net:group/model:1'}"},
        6,
        ("needs nequip.net:group/model:1", "downloads nothing"),
    ),
    "no training module of nequip": Case(
        {"training_module": {"_target_": "torch.nn.ModuleDict", "model": {}, "loss": {}, "val_metrics": {}}},
        8,
        ("the training module did not load",),
    ),
    "a checkpoint that is not there": Case(
        {"ckpt_path": "none.ckpt"}, 3, ("none.ckpt: there is no such checkpoint file",)
    ),
    "an allocation that fails": Case(
        {f"{MODEL}.radial_mlp_width": 3_000_000, f"{MODEL}.radial_mlp_depth": 2},
        6,
        ("too large for the memory", "you tried to allocate"),
    ),
    "too little memory": Case(
        {}, 6, ("too large for the memory", "parameters, about", "0.0 GiB are free"), free=1000
    ),
    "a training module that cannot be saved": Case(
        {"training_module._target_": "odd_builders.Unsaved"},
        8,
        ("the configuration: the training module cannot be saved as a checkpoint", "no_such_thing"),
    ),
    "a model that does not load": Case(
        {f"{MODEL}._target_": "odd_builders.works_once"},
        8,
        ("the configuration: the eager model did not load", "this builder works once"),
    ),
    "an input that nobody can make up": Case(
        {f"{MODEL}._target_": "odd_builders.wants_colour"},
        6,
        ("the configuration: the model wants the input colour", "--example-data FILE"),
    ),
    "a cutoff that is none": Case(
        {f"{MODEL}.r_max": -1}, 2, ("training_module.model.r_max is -1, and a cutoff is a positive number",)
    ),
    "a cutoff of zero": Case({f"{MODEL}.r_max": 0}, 2, ("training_module.model.r_max is 0, and",)),
    "a cutoff that is text": Case({f"{MODEL}.r_max": "4"}, 2, ("training_module.model.r_max is '4', and",)),
    "a cutoff that an interpolation names, of a model in another": Case(
        {
            "cutoff": -1,
            MODEL: {
                "_target_": "nequip.model.modify",
                "modifiers": [],
                "model": {**config(NEQUIP)["training_module"]["model"], "r_max": "${cutoff}"},
            },
        },
        2,
        ("training_module.model.model.r_max (${cutoff}) is -1, and a cutoff is a positive number",),
    ),
    "a cutoff that a builder makes": Case(
        {f"{MODEL}._target_": "odd_builders.behind_the_atoms"},
        8,
        ("the cutoff of the model, r_max of its metadata, is -1.0, no length",),
    ),
    "no types": Case(
        {f"{MODEL}.type_names": []},
        2,
        ("training_module.model.type_names is [], and a model needs at least one type", "such as [H, O]"),
    ),
    "no list of types": Case({f"{MODEL}.type_names": 5}, 2, ("training_module.model.type_names is 5, and",)),
    "a type that is no text": Case(
        {f"{MODEL}.type_names": ["Cu", False]},
        2,
        ("training_module.model.type_names is ['Cu', False], and False is no text", "put it in quotes"),
    ),
    "types of statistics that are no text": Case(
        {
            "types": [1, 2],
            f"{MODEL}.type_names": "${types}",
            "data.stats_manager": {**STATS, "type_names": "${types}"},
            f"{MODEL}.avg_num_neighbors": MEAN,
        },
        2,
        ("data.stats_manager.type_names (${types}) is [1, 2], and 1 is no text, as names of types are",),
    ),
    "types of the model alone that an interpolation names": Case(
        {"types": [1, 2], f"{MODEL}.type_names": "${types}"},
        2,
        ("training_module.model.type_names (${types}) is [1, 2], and 1 is no text",),
    ),
    "an unknown mode": Case({}, 2, ("no packaging mode 'none'",), {"mode": "none"}),
    "a name for a real package": Case(
        {}, 2, ("must end in .rehearsed.nequip.zip",), {"keep": "model.nequip.zip"}
    ),
    "sources that are not there": Case({}, 3, ("no such source folder",), {"sources": ["none"]}),
    "an example that is not there": Case({}, 3, ("no such example data file",), {"example_data": "none.xyz"}),
    "overrides of no file": Case({}, 2, ("overrides belong to a YAML file",), {"overrides": ["a=1"]}),
}


@pytest.fixture(scope="module")
def answers(tmp_path_factory: pytest.TempPathFactory) -> dict[str, tuple[int, str]]:
    """How each rehearsal ended; all of them in one process."""
    folder = tmp_path_factory.mktemp("failures")
    cases = {
        name: {"config": changed(config(NEQUIP), c.changes), "options": dict(c.options), "free": c.free}
        for name, c in CASES.items()
    }
    (folder / "cases.json").write_text(json.dumps(cases))
    checked(warm_python(str(WORKER), "cases.json", "answers.json", cwd=folder))
    assert inside(folder) == ["answers.json", "cases.json"], "a rehearsal leaves nothing behind"
    found: dict[str, tuple[int, str]] = json.loads((folder / "answers.json").read_text())
    return found


@pytest.mark.parametrize("name", CASES)
def test_what_stops_a_rehearsal(answers: dict[str, tuple[int, str]], name: str) -> None:
    code, message = answers[name]
    assert code == CASES[name].code, message
    for text in CASES[name].texts:
        assert text in message
    assert "\n" not in message
    assert "untrained.ckpt" not in message
