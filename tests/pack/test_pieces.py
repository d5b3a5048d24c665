"""Small parts of the packager, each by itself."""

from __future__ import annotations

import contextlib
import gc
import io
import os
import signal
import stat
import sys
from collections import OrderedDict
from pathlib import Path

import pytest

from nequip_lint.gate.judgement import Judgement
from nequip_lint.machine.target import Target
from nequip_lint.values import Finding, Severity, Span
from nequip_pack import registry
from nequip_pack.checkpoint.header import Content, Opaque, _Reader
from nequip_pack.checkpoint.reach import _data_files
from nequip_pack.cli.verdict import closure_line, lint_lines
from nequip_pack.errors import EnvironmentLacksError, NequipPackError, Refused, Terminated, UsageError
from nequip_pack.garbage import no_collection
from nequip_pack.gate.hooks import Allowance
from nequip_pack.gate.report import recorded
from nequip_pack.writing.draft import Draft, check_output
from nequip_pack.writing.publication import publishing
from nequip_pack.writing.signals import StopSignals
from nequip_pack.writing.sink import Sink


@pytest.fixture
def own_registry(monkeypatch: pytest.MonkeyPatch) -> None:
    """An empty registry in a process without nequip."""
    monkeypatch.setattr(registry, "_REGISTRY", registry._Registry())
    monkeypatch.delitem(sys.modules, "nequip", raising=False)


@pytest.mark.usefixtures("own_registry")
class TestRegistry:
    """Registrations in a process without nequip."""

    def test_keeps_what_is_declared(self) -> None:
        registry.register_libraries_as_external_for_packaging(extern_modules=["b", "a"])
        registry.register_libraries_as_external_for_packaging(mock_modules=("plot",))
        assert registry.registered() == registry.Patterns(mock=("plot",), extern=("a", "b"))

    @pytest.mark.parametrize("argument", ["extern_modules", "mock_modules"])
    def test_a_bare_string_is_refused(self, argument: str) -> None:
        with pytest.raises(
            TypeError, match=r"'scipy' is a bare string; write a list of import names: \['scipy'\]"
        ):
            registry.register_libraries_as_external_for_packaging(**{argument: "scipy"})
        assert registry.registered() == registry.Patterns()

    def test_a_name_that_is_no_string(self) -> None:
        with pytest.raises(TypeError, match="must hold import names"):
            registry.register_libraries_as_external_for_packaging(extern_modules=[os])  # type: ignore[list-item]

    def test_both_at_once(self) -> None:
        with pytest.raises(ValueError, match="both as external and as mock: a"):
            registry.register_libraries_as_external_for_packaging(["a"], ["a"])

    def test_modes(self) -> None:
        registry.register_packaging_mode("small", lambda: ["eager"])
        assert registry.packaging_modes()["small"]() == ["eager"]
        with pytest.raises(ValueError, match="'small' is already registered"):
            registry.register_packaging_mode("small", lambda: ["eager"])


def test_patterns_unite() -> None:
    first, second = registry.Patterns(extern=("b",), intern=("x",)), registry.Patterns(extern=("a", "b"))
    assert first.union(second) == registry.Patterns(extern=("a", "b"), intern=("x",))


def test_an_error_is_one_line() -> None:
    error = Refused("it is\nwrong", where=Path("a/b"), why="two\n  reasons", remedy="mend it")
    assert str(error) == "a/b: it is wrong (two reasons); mend it"
    assert isinstance(EnvironmentLacksError("no torch"), ImportError)
    codes = [kind.exit_code for kind in NequipPackError.__subclasses__()]
    assert sorted(codes) == [1, 2, 3, 4, 5, 6, 7, 8, 70]


def test_allowance() -> None:
    assert Allowance.parse("NQ101:a.b") == Allowance("NQ101", "a.b")
    for text in ("NQ101", ":a", "NQ101:"):
        with pytest.raises(UsageError, match="CODE:MODULE"):
            Allowance.parse(text)
    with pytest.raises(UsageError, match="unknown code 'NQ1O1'; did you mean NQ101"):
        Allowance.parse("nq1o1:a")


class _Full(io.BytesIO):
    def write(self, data: object) -> int:
        raise OSError(28, "No space left on device")


def test_the_sink_keeps_the_first_error_and_never_raises() -> None:
    sink = Sink(_Full())
    assert sink.write(b"abc") == 3
    assert sink.write(memoryview(b"de")) == 2
    sink.flush()
    with pytest.raises(OSError, match="No space left"):
        sink.check()


def test_a_draft_vanishes_unless_committed(tmp_path: Path) -> None:
    target = tmp_path / "m.nequip.zip"
    target.write_bytes(b"old")
    with pytest.raises(RuntimeError), Draft(target) as draft:
        draft.stream.write(b"new")
        raise RuntimeError
    assert [path.name for path in tmp_path.iterdir()] == [target.name]
    assert target.read_bytes() == b"old"
    with Draft(target) as draft:
        draft.stream.write(b"new")
        assert draft.finish() == 3
        draft.commit()
    assert [path.name for path in tmp_path.iterdir()] == [target.name]
    assert target.read_bytes() == b"new"


@pytest.mark.parametrize("enabled", [True, False])
def test_a_pause_of_the_collector_ends(enabled: bool) -> None:
    was_enabled = gc.isenabled()
    try:
        (gc.enable if enabled else gc.disable)()
        with pytest.raises(KeyError), no_collection():
            assert not gc.isenabled()
            raise KeyError
        assert gc.isenabled() is enabled
    finally:
        (gc.enable if was_enabled else gc.disable)()


def test_the_mode_of_the_output_follows_the_umask(tmp_path: Path) -> None:
    before = os.umask(0o027)
    try:
        with Draft(tmp_path / "m.nequip.zip") as draft:
            draft.finish()
            draft.commit()
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "m.nequip.zip").stat().st_mode) == 0o640


def test_a_link_stays_a_link(tmp_path: Path) -> None:
    (tmp_path / "store").mkdir()
    link = tmp_path / "m.nequip.zip"
    link.symlink_to(tmp_path / "store" / "v1.nequip.zip")
    assert check_output(link) == (tmp_path / "store" / "v1.nequip.zip").resolve()
    assert list((tmp_path / "store").iterdir()) == []


def test_the_header_reader_runs_no_code(tmp_path: Path) -> None:
    """A pickle that would make a file, read without making it; plain data comes out as it went in."""
    import pickle

    class Bomb:
        def __reduce__(self) -> tuple[object, tuple[object, ...]]:
            return os.mkdir, (str(tmp_path / "made"),)

    content = {"plain": [1, "a", None], "ordered": OrderedDict(a=1), "bomb": Bomb()}
    read = _Reader(io.BytesIO(pickle.dumps(content)), Content()).load()
    assert read["plain"] == [1, "a", None]
    assert read["ordered"] == {"a": 1}
    assert isinstance(read["bomb"], Opaque)
    assert not (tmp_path / "made").exists()


def test_files_of_nequips_data_modules() -> None:
    ase = {"_target_": "nequip.data.dataset.ASEDataset", "file_path": "a.xyz"}
    made = {"_target_": "nequip.data.dataset.LMDBTestDataset", "file_path": "made.lmdb"}
    module = "nequip.data.datamodule.NequIPDataModule"
    data = {
        "_target_": module,
        "train_dataset": [ase],
        "val_dataset": made,
        "test_dataset": {**ase, "file_path": "t"},
    }
    assert list(_data_files(data)) == ["a.xyz"]
    split = {"split_dataset": {"dataset": ase, "train": 1, "val": 1}}
    assert list(_data_files({"_target_": module, **split})) == ["a.xyz"]
    named = {
        "_target_": "nequip.data.datamodule.ASEDataModule",
        "train_file_path": ["x", "y"],
        "val_file_path": "z",
    }
    assert list(_data_files(named)) == ["x", "y", "z"]
    assert list(_data_files({"_target_": "mine.DataModule", "train_file_path": "x"})) == []


def test_a_verdict_for_people() -> None:
    allowed = {"code": "NQ101", "module": "a.b", "reason": "triton is not installed", "chain": []}
    record = {
        "status": "losses allowed",
        "allowed": [allowed],
        "warnings": [{"code": "NQ102", "module": "c"}],
    }
    lines = ["losses allowed", "allowed loss NQ101:a.b triton is not installed", "warning NQ102:c"]
    assert lint_lines(record) == lines
    assert lint_lines("nonsense") == []
    assert lint_lines({"allowed": 3}) == ["unknown"]
    closure = {"modules": {"intern": 2}, "compared": True, "absent_externals": ["x.y", "x"]}
    assert closure_line(closure) == "2 intern; as predicted from source; absent when built: x"
    assert closure_line({}) == "; not compared with a prediction"


def test_a_finding_is_recorded_with_its_help_and_shown_again() -> None:
    span = Span(1, 1, 1, 1)
    found = Finding("NQ101", "name", Severity.WARNING, "it fails", "do that", "a.py", span, "a")
    record = recorded(Judgement(Target(), warnings=(found,), accepted=(found,)), linted=True)
    assert lint_lines(record) == [
        "losses allowed",
        "accepted finding NQ101:a it fails; do that",
        "warning NQ101:a it fails; do that",
    ]


@pytest.mark.parametrize("is_deferred", [False, True])
def test_a_stop_that_was_lost_comes_again(is_deferred: bool) -> None:
    """As Python loses it in `__del__`; before what must not be interrupted, else at the end."""
    reached = []
    with pytest.raises(Terminated), StopSignals() as signals:
        with contextlib.suppress(Terminated):
            os.kill(os.getpid(), signal.SIGTERM)
        if is_deferred:
            with signals.deferred(final=True):
                reached.append("written")
    assert reached == []


def test_a_signal_that_is_ignored_stays_so() -> None:
    """SIGHUP under ``nohup``: the build goes on when the terminal is closed."""
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        with StopSignals():
            os.kill(os.getpid(), signal.SIGHUP)
        assert signal.getsignal(signal.SIGHUP) is signal.SIG_IGN
    finally:
        signal.signal(signal.SIGHUP, before)


class TestPublishing:
    """A stop at each stage of a file's way to its place."""

    @pytest.mark.parametrize("stage", ["before", "write", "prove"])
    def test_a_stop_leaves_what_was_there(self, tmp_path: Path, stage: str) -> None:
        """While the file is written it waits; no proof of the file begins then."""
        output = tmp_path / "m.nequip.zip"
        output.write_bytes(b"old")
        passed = []

        def at(name: str) -> None:
            passed.append(name)
            if name == stage:
                os.kill(os.getpid(), signal.SIGTERM)
            passed.append(f"{name} over")

        with pytest.raises(Terminated), publishing(output) as publication:
            at("before")
            publication.publish(
                lambda draft: (at("write"), draft.stream.write(b"new")), lambda *_: at("prove")
            )
        assert passed[-1] == ("write over" if stage == "write" else stage)
        assert [(path.name, path.read_bytes()) for path in tmp_path.iterdir()] == [(output.name, b"old")]

    def test_what_was_proved_is_in_its_place(self, tmp_path: Path) -> None:
        output, before = tmp_path / "m.nequip.zip", signal.getsignal(signal.SIGTERM)
        with publishing(output) as publication:
            assert signal.getsignal(signal.SIGTERM) != before
            done = publication.publish(
                lambda draft: draft.stream.write(b"new"),
                lambda draft, size, content: (draft.read_bytes(), size, content),
            )
        assert done.proof == (b"new", 3, 3)
        assert output.read_bytes() == b"new"
        assert signal.getsignal(signal.SIGTERM) == before

    def test_the_place_is_checked_first(self, tmp_path: Path) -> None:
        with pytest.raises(UsageError, match="no folder"), publishing(tmp_path / "none" / "m.nequip.zip"):
            pytest.fail("work began")
