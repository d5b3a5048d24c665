"""Which configuration is meant: the words of nequip-train, read as nequip-train reads them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from rehearsal_support import configure
from warm import warm_python

pytest.importorskip("hydra")

import nequip_pack
from nequip_pack.errors import InputError, NequipPackError, UsageError
from nequip_pack.rehearsal.arguments import Arguments, arguments
from nequip_pack.rehearsal.composition import Composition, composed, of_mapping, overridden

SETTINGS = {"a": {"b": 1, "c": "${hydra:runtime.output_dir}"}, "d": "${a.b}", "e": "${hydra:job.name}"}
IN_CHILD = """
import sys
from nequip_pack.rehearsal.arguments import arguments
from nequip_pack.rehearsal.composition import composed
composed(arguments(sys.argv[1:]))
print(*{"torch", "nequip", "lightning"} & set(sys.modules))
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working directory beside a folder ``confs`` with a configuration ``train``."""
    configure(tmp_path / "confs", SETTINGS, "train")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def values(composition: Composition) -> Any:
    """A whole configuration, resolved."""
    with composition.at_hand():
        return {name: composition.resolved(name) for name in composition.config}


def words(folder: Path, *more: str) -> list[str]:
    """The command line for the configuration in a folder."""
    return ["-cp", str(folder / "confs"), "-cn", "train", *more]


def test_overrides_and_the_folder_of_the_run(folder: Path) -> None:
    given = arguments(words(folder, "a.b=2", "++a.new=x", "~d", "hydra.run.dir=there"))
    assert given.path == folder / "confs" / "train.yaml"
    found = values(composed(given))
    assert found == {"a": {"b": 2, "c": str(folder / "there"), "new": "x"}, "e": "train"}
    assert not (folder / "there").exists()


@pytest.mark.parametrize("path", ["--config-path", "-cp"])
@pytest.mark.parametrize("name", ["--config-name=train", "-cn=train.yaml"])
def test_names_of_the_options(folder: Path, path: str, name: str) -> None:
    found = values(composed(arguments([f"{path}={folder / 'confs'}", *name.split("=")])))
    assert found["d"] == 1
    assert found["e"] == "train"


def test_without_a_path_it_is_the_working_directory(folder: Path) -> None:
    configure(folder, {"x": 1})
    assert values(composed(arguments([]))) == {"x": 1}


def test_a_further_folder_may_be_relative(folder: Path) -> None:
    configure(folder / "more", {"x": 2}, "other")
    for option in ("--config-dir", "-cd"):
        assert values(composed(arguments([option, "more", "-cn", "other"]))) == {"x": 2}


def test_the_same_from_code(folder: Path) -> None:
    file = folder / "confs" / "train.yaml"
    assert values(overridden(file, ["a.b=2"]))["d"] == 2
    assert values(overridden(Path("confs", "train.yaml"), ()))["d"] == 1
    assert values(of_mapping(SETTINGS))["a"]["c"].startswith(str(folder / "outputs"))
    assert values(of_mapping(composed(arguments(words(folder))).config))["d"] == 1


def test_what_hydra_holds_is_as_before(folder: Path) -> None:
    from hydra.core.global_hydra import GlobalHydra
    from hydra.core.hydra_config import HydraConfig

    before = GlobalHydra.instance().hydra, HydraConfig.instance().cfg
    values(composed(arguments(words(folder))))
    assert (GlobalHydra.instance().hydra, HydraConfig.instance().cfg) == before


WRONG = {
    "relative": (["-cp", "confs", "-cn", "train"], "does not find the relative path confs"),
    "multirun": (["-m"], "--multirun starts several trainings"),
    "by mode": (["hydra.mode=MULTIRUN"], "hydra.mode=MULTIRUN starts several trainings"),
    "sweep": (["++a.b=1,2"], "Ambiguous value for argument"),
    "help": (["--hydra-help"], "--hydra-help asks Hydra for something else"),
    "show": (["--cfg", "job"], "--cfg asks Hydra for something else"),
    "option": (["--fold"], "unrecognized arguments: --fold"),
    "no value": (["-cp"], "expected one argument"),
    "key": (["a.z=1"], "Could not override 'a.z'. To append to your config use +a.z=1; Key 'z' is not in"),
    "grammar": (["a.b=${"], "Error parsing override 'a.b=${'"),
    "name": (["-cn", "trian"], "trian.yaml: there is no such configuration; did you mean -cn train?"),
    "other name": (["-cn", "job"], "job.yaml: there is no such configuration; check -cn; there are: train"),
    "empty folder": (["-cp", "/"], "/train.yaml: there is no such configuration; give its folder (-cp)"),
    "file": (
        ["confs/train.yaml"],
        "confs/train.yaml is not an override of the form key=value; give -cp",
    ),
    "word": (["numba"], "numba is not an override of the form key=value; the arguments are those of"),
    "folder": (["-cp", "/none/such"], "/none/such: there is no such folder; check -cp"),
    "further folder": (["-cd", "none"], "there is no such folder"),
}


@pytest.mark.parametrize("name", WRONG)
def test_what_is_refused(folder: Path, name: str) -> None:
    given, text = WRONG[name]
    with pytest.raises(UsageError) as caught:
        composed(arguments([*words(folder), *given]))
    assert text in str(caught.value)


def test_a_file_that_is_none(folder: Path) -> None:
    (folder / "confs" / "train.yaml").write_text("a: [")
    with pytest.raises(UsageError, match=r"train.yaml: the configuration does not compose \(while parsing"):
        composed(arguments(words(folder)))
    with pytest.raises(UsageError, match="no such configuration file"):
        overridden(folder / "none.yaml", ())


def test_an_interpolation_that_turns_in_a_circle(folder: Path) -> None:
    with pytest.raises(NequipPackError) as caught:
        values(of_mapping({"a": "${b}", "b": "${a}"}))
    assert caught.value.exit_code == 2


def test_composing_imports_neither_torch_nor_nequip(folder: Path) -> None:
    from warm import new_python

    done = new_python("-c", IN_CHILD, *words(folder), cwd=folder)
    assert (done.returncode, done.stdout) == (0, "\n"), done.stderr


@pytest.mark.real
def test_nequip_train_does_not_find_the_relative_path_either(folder: Path) -> None:
    """Hydra looks beside nequip's script; what is proposed is what nequip-train finds."""
    train = ("-m", "nequip.scripts.train", "-cn", "train", "--cfg", "job", "-cp")
    lost = warm_python(*train, "confs", cwd=folder)
    assert lost.returncode != 0
    assert "Primary config directory not found" in lost.stderr
    with pytest.raises(UsageError) as caught:
        arguments(["-cp", "confs", "-cn", "train"])
    found = warm_python(*train, caught.value.remedy.removeprefix("give -cp "), cwd=folder)
    assert yaml.safe_load(found.stdout) == SETTINGS


def test_an_address_of_a_package() -> None:
    assert arguments(["-cp", "pkg://some.package"]) == Arguments("pkg://some.package", "config", None, ())


def test_overrides_are_a_list(tmp_path: Path) -> None:
    """A bare string would be read letter by letter."""
    with pytest.raises(UsageError, match="bare string") as refused:
        nequip_pack.rehearse(tmp_path / "none.yaml", "a=1")
    assert refused.value.remedy == "write ['a=1']"


def test_what_is_no_yaml_file_is_a_checkpoint(tmp_path: Path) -> None:
    """Which takes no overrides."""
    (tmp_path / "odd.ckpt").write_text("no checkpoint")
    with pytest.raises(InputError, match="a text file, not a checkpoint"):
        nequip_pack.rehearse(tmp_path / "odd.ckpt")
    with pytest.raises(UsageError, match="overrides belong to a YAML file"):
        nequip_pack.rehearse(tmp_path / "odd.ckpt", ["a=1"])
