"""Builds in a process of their own: what they raise arrives here, and where they work."""

from __future__ import annotations

import pickle
from typing import TYPE_CHECKING

import pytest
from needs import needs

from nequip_pack import errors
from nequip_pack.rehearsal.apart import apart

if TYPE_CHECKING:
    from pathlib import Path

CLASSES = [errors.NequipPackError, *errors.NequipPackError.__subclasses__()]


@pytest.mark.parametrize("kind", CLASSES)
def test_an_error_arrives_whole(kind: type[errors.NequipPackError]) -> None:
    error = kind("it is wrong", where="there", why="because", remedy="do this", details="a\nb")
    copy = pickle.loads(pickle.dumps(error))
    assert (type(copy), str(copy), vars(copy)) == (kind, str(error), vars(error))


def test_it_works_in_this_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """And imports nothing from there."""
    (tmp_path / "odd.ckpt").write_text("no checkpoint")
    (tmp_path / "json.py").write_text("raise SystemExit('imported')")
    monkeypatch.chdir(tmp_path)
    with pytest.raises(errors.InputError, match="this is a text file, not a checkpoint") as caught:
        apart("build_package", "odd.ckpt", tmp_path / "m.nequip.zip", sources=[tmp_path])
    assert caught.value.where == "odd.ckpt"


@needs("hydra")
def test_what_hydra_composed_is_an_argument() -> None:
    """Its interpolations are resolved there, where resolvers and statistics are at hand."""
    from omegaconf import OmegaConf

    config = OmegaConf.create({"run": ["train"], "data": {"seed": "${no_such_resolver:1}"}})
    with pytest.raises(errors.UsageError, match="the configuration has no section trainer"):
        apart("rehearse", config)


def test_a_process_that_fails_otherwise_is_told() -> None:
    with pytest.raises(errors.ModelError, match="has no attribute 'nothing'"):
        apart("nothing")
