"""Defaults lists with overrides and packages: the linter reads them as hydra does, or says what is wrong."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING, Any

import pytest
import yaml
from lint_support import nequip_lint, write

from nequip_lint.errors import LintError
from nequip_lint.trainings.composition import composed

if TYPE_CHECKING:
    from pathlib import Path

GLOBAL = "# @package _global_\n"
NET, OTHER = {"net": 1}, {"other": 1}
FILES = {
    "model/net.yaml": "net: 1\n",
    "model/other.yaml": "other: 1\n",
    "model/third.yaml": "third: 1\n",
    "db/net.yaml": "db: 1\n",
    "exp/none.yaml": "",
}
"""What every layout has besides its own files."""

# the files of a layout, and what they come to: values, or a part of the message
LAYOUTS: dict[str, tuple[dict[str, str], dict[str, Any] | str]] = {
    "in a nested list, with a package": (
        {
            "train.yaml": "defaults: [_self_, model@training_module.model: net, exp: big]\n",
            "exp/big.yaml": f"{GLOBAL}defaults:\n  - override /model@training_module.model: other\n",
        },
        {"training_module": {"model": OTHER}},
    ),
    "in a nested list, without a package": (
        {
            "train.yaml": "defaults: [model: net, exp: big]\n",
            "exp/big.yaml": f"{GLOBAL}defaults: [override /model: other, _self_]\nlr: 1\n",
        },
        {"model": OTHER, "lr": 1},
    ),
    "before another entry": (
        {"train.yaml": "defaults: [model: net, override model: other, db: net]\n"},
        "train.yaml: override model comes before db; overrides stand at the end of a defaults list",
    ),
    "in a nested list, behind the file itself": (
        {
            "train.yaml": "defaults: [model: net, exp: big]\n",
            "exp/big.yaml": f"{GLOBAL}defaults: [_self_, override /model: other]\nmodel: {{lr: 1}}\n",
        },
        {"model": {**OTHER, "lr": 1}},
    ),
    "in a file with a package of its own": (
        {
            "train.yaml": "defaults: [model@exp.model: net, exp: big]\n",
            "exp/big.yaml": "defaults: [override /model: other]\n",
        },
        {"exp": {"model": OTHER}},
    ),
    "of another package": (
        {
            "train.yaml": "defaults: [model@one: net, exp: big]\n",
            "exp/big.yaml": f"{GLOBAL}defaults: [override /model: other]\n",
        },
        "big.yaml: its defaults list overrides model with other, but no defaults list chooses anything for "
        "that; did you mean model@one?",
    ),
    "of a group beside": (
        {
            "train.yaml": "defaults: [exp: none, exp/big]\n",
            "exp/big.yaml": "defaults: [model: net, override model: other]\n",
            "exp/model/net.yaml": "net: 1\n",
            "exp/model/other.yaml": "other: 1\n",
        },
        {"exp": {"model": OTHER}},
    ),
    "to nothing": (
        {
            "train.yaml": "defaults: [model: net, db: net, exp: big]\n",
            "exp/big.yaml": f"{GLOBAL}defaults: [override /model: null]\n",
        },
        {"db": {"db": 1}},
    ),
    "of nothing": (
        {
            "train.yaml": "defaults: [model: null, exp: big]\n",
            "exp/big.yaml": f"{GLOBAL}defaults: [override /model: other]\n",
        },
        {"model": OTHER},
    ),
    "to several": (
        {
            "train.yaml": "defaults: [model: net, exp: big]\n",
            "exp/big.yaml": f"{GLOBAL}defaults: [override /model: [other, third]]\n",
        },
        {"model": {**OTHER, "third": 1}},
    ),
    "two of one group, the outer one counts": (
        {
            "train.yaml": "defaults: [model: net, exp: big, override model: third]\n",
            "exp/big.yaml": f"{GLOBAL}defaults: [override /model: other]\n",
        },
        {"model": {"third": 1}},
    ),
    "two of one group beside each other, the last counts": (
        {
            "train.yaml": "defaults: [model: net, exp: big, more: big]\n",
            "exp/big.yaml": f"{GLOBAL}defaults: [override /model: other]\n",
            "more/big.yaml": f"{GLOBAL}defaults: [override /model: third]\n",
        },
        {"model": {"third": 1}},
    ),
    "two in one list, the first counts": (
        {"train.yaml": "defaults: [model: net, override model: third, override model: other]\n"},
        {"model": {"third": 1}},
    ),
    "two levels down": (
        {
            "train.yaml": "defaults: [model: net, exp: big]\n",
            "exp/big.yaml": f"{GLOBAL}defaults: [/more: big]\n",
            "more/big.yaml": f"{GLOBAL}defaults: [override /model: other]\n",
        },
        {"model": OTHER},
    ),
    "of what overrides": (
        {
            "train.yaml": "defaults: [model: net, exp: none, override exp: big]\n",
            "exp/big.yaml": f"{GLOBAL}defaults: [override /model: other]\n",
        },
        {"model": OTHER},
    ),
    "of a group that nobody selects": (
        {
            "train.yaml": "defaults: [model: net, exp: big]\n",
            "exp/big.yaml": f"{GLOBAL}defaults: [override /db: net]\n",
        },
        "big.yaml: its defaults list overrides db with net, but no defaults list chooses anything for that",
    ),
    "of a group that comes later": (
        {
            "train.yaml": "defaults: [exp: big, model: net]\n",
            "exp/big.yaml": f"{GLOBAL}defaults: [override /model: other]\n",
        },
        "overrides model with other, but is read before the entry for model: name it after that",
    ),
    "to what is not there": (
        {
            "train.yaml": "defaults: [model: net, exp: big]\n",
            "exp/big.yaml": f"{GLOBAL}defaults: [override /model: nope]\n",
        },
        "model/nope.yaml: there is no such configuration",
    ),
    "another choice for one group": (
        {
            "train.yaml": "defaults: [model: net, exp: big]\n",
            "exp/big.yaml": f"{GLOBAL}defaults: [/model: other]\n",
        },
        "the defaults lists choose both other and net for model; to replace one, write override model",
    ),
    "the same choice twice": (
        {
            "train.yaml": "defaults: [model: net, exp: big]\n",
            "exp/big.yaml": f"{GLOBAL}defaults: [/model: net]\n",
        },
        "train.yaml: model is in the defaults lists twice",
    ),
    "itself twice": ({"train.yaml": "defaults: [_self_, model: net, _self_]\n"}, "has _self_ twice"),
    "an absolute group below a package": (
        {"train.yaml": "defaults: [exp: big]\n", "exp/big.yaml": "defaults: [/model: net]\n"},
        {"exp": {"model": NET}},
    ),
    "a package of the group": (
        {"train.yaml": "defaults: [exp: big]\n", "exp/big.yaml": "defaults: [/model@_group_.a: net]\n"},
        {"exp": {}, "model": {"a": NET}},
    ),
    "a header that is no first line": (
        {"train.yaml": "defaults: [exp: big]\n", "exp/big.yaml": f"# the big one\n{GLOBAL}lr: 1\n"},
        {"exp": {"lr": 1}},
    ),
}


@pytest.mark.parametrize("name", LAYOUTS)
def test_what_a_layout_comes_to(tmp_path: Path, name: str) -> None:
    files, expected = LAYOUTS[name]
    folder = write(tmp_path, {**FILES, **files})
    if not isinstance(expected, str):
        assert composed(folder, "train").content == expected
        return
    with pytest.raises(LintError) as caught:
        composed(folder, "train")
    assert expected in str(caught.value)
    assert "\n" not in str(caught.value)


def of_hydra(folder: Path, name: str = "train") -> dict[str, Any] | None:
    """What hydra makes of a layout; None if it refuses it."""
    hydra = pytest.importorskip("hydra")
    errors = pytest.importorskip("hydra.errors")
    conf = pytest.importorskip("omegaconf").OmegaConf
    with hydra.initialize_config_dir(str(folder), version_base=None):
        try:
            content: dict[str, Any] = conf.to_container(hydra.compose(name), resolve=False)
        except (errors.HydraException, RecursionError):
            return None
    return content


@pytest.mark.filterwarnings("ignore:In 'train'. Defaults list is missing")
@pytest.mark.parametrize("name", LAYOUTS)
def test_hydra_comes_to_the_same(tmp_path: Path, name: str) -> None:
    files, expected = LAYOUTS[name]
    found = of_hydra(write(tmp_path, {**FILES, **files}))
    assert found == (None if isinstance(expected, str) else expected)


def test_a_name_in_a_folder(tmp_path: Path) -> None:
    """Its values are below that folder's name, as hydra has it, and its groups are looked for there."""
    files = {
        "sub/train.yaml": "defaults: [_self_, /model: net, db: net]\nlr: 1\n",
        "sub/db/net.yaml": "a: 1\n",
    }
    content = {"sub": {"lr": 1, "model": NET, "db": {"a": 1}}}
    folder = write(tmp_path, {**FILES, **files})
    assert composed(folder, "sub/train").content == of_hydra(folder, "sub/train") == content


GROUPS = ("a", "b", "a/c")
PACKAGES = ("", "", "", "", "@p", "@_global_", "@_here_", "@x.y", "@_group_.q")


def entry(chance: random.Random) -> Any:
    place = chance.choice(["", "/"]) + chance.choice(GROUPS)
    package = chance.choice(PACKAGES)
    option = chance.choice(["one", "two", None, ["one", "two"]])
    if chance.random() < 0.1:
        return f"{place}/one{package}"
    return {chance.choice(["", "", "override ", "optional "]) + place + package: option}


def layout(chance: random.Random) -> dict[str, str]:
    """Files that name each other; hydra takes about a third of such layouts.

    No values are below others: hydra 1.3.8 mixes up those of a file that is named twice.
    """
    files = {}
    for name in ("train", *(f"{group}/{option}" for group in GROUPS for option in ("one", "two"))):
        most = chance.randint(1, 3) if name == "train" else chance.choice([0, 0, 0, 1])
        entries = sorted((entry(chance) for _ in range(most)), key=lambda item: "override" in str(item))
        content = {"defaults": [*chance.choice([["_self_"], []]), *entries], "v": name, name: 1}
        header = chance.choice(["", "", GLOBAL, "# @package h.k\n"])
        files[f"{name}.yaml"] = header + yaml.safe_dump(content, sort_keys=False)
    return files


@pytest.mark.filterwarnings("ignore:In 'train'. Defaults list is missing")
def test_hydra_comes_to_the_same_whatever_the_layout(tmp_path: Path) -> None:
    first = random.randrange(1_000_000)
    print(f"the first seed is {first}")
    for seed in range(first, first + 60):
        files = layout(random.Random(seed))
        folder = write(tmp_path / str(seed), files)
        try:
            found: dict[str, Any] | None = dict(composed(folder, "train").content)
        except LintError:
            found = None
        assert found == of_hydra(folder), (seed, files)


def test_the_command_says_what_is_wrong(tmp_path: Path) -> None:
    files, expected = LAYOUTS["of a group that nobody selects"]
    done = nequip_lint(
        "--config-path", ".", "--config-name", "train", cwd=write(tmp_path, {**FILES, **files})
    )
    assert (done.returncode, done.stdout) == (2, "")
    assert str(expected) in done.stderr
    assert len(done.stderr.splitlines()) == 1
