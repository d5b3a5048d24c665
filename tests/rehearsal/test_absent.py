"""Libraries that are hidden from a process: nothing that asks for them finds them."""

from __future__ import annotations

import json
import subprocess
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest
from machines_support import importing, install
from needs import installed

from nequip_lint import api as lint
from nequip_pack.absent import Absent, without
from nequip_pack.errors import UsageError
from nequip_pack.machines.libraries import wanted
from nequip_pack.machines.required import required

if TYPE_CHECKING:
    from pathlib import Path

PROBE = """
import importlib.metadata, importlib.util, json, sys

def main():
    try:
        version = importlib.metadata.version("lab_kernels")
    except importlib.metadata.PackageNotFoundError:
        version = None
    try:
        import labkernels.fast
        branch = "fast"
    except ModuleNotFoundError as error:
        branch = f"slow: {error.name}"
    print(json.dumps({
        "words": sys.argv[1:],
        "version": version,
        "branch": branch,
        "spec": importlib.util.find_spec("labkernels") is not None,
        "points": [point.name for point in importlib.metadata.entry_points(group="lab.plugins")],
        "all": sorted(n for n in importlib.metadata.packages_distributions() if n.startswith("lab")),
        "listed": sorted(d.name for d in importlib.metadata.distributions() if d.name.startswith("lab")),
    }))
"""
ASKING = """
from nequip_pack import fresh

def main():
    print(fresh.ask("answering", frozenset(), {}).content.decode())
"""
ANSWERING = """
from nequip_pack import fresh

def main():
    import contextlib, io, probe
    def told(request):
        with contextlib.redirect_stdout(io.StringIO()) as text:
            probe.main()
        return text.getvalue().encode()
    raise SystemExit(fresh.answer(told))
"""


class Registered(NamedTuple):
    """Registrations of an extension."""

    intern: tuple[str, ...] = ("labmodel",)
    extern: tuple[str, ...] = ("labkernels",)
    mock: tuple[str, ...] = ()


FILES = {"labkernels/__init__.py": "", "labkernels/fast.py": "", "labkernels_data.py": ""}
LAB = Absent(frozenset({"labkernels", "labkernels_data"}), frozenset({"lab-kernels"}))
SEEN = {"version": "1.0", "branch": "fast", "spec": True, "points": ["kernels", "other"]}
SEEN |= {"all": ["labkernels", "labkernels_data", "labother"], "listed": ["lab-kernels", "lab-other"]}
HIDDEN = {"version": None, "branch": "slow: labkernels", "spec": False, "points": ["other"]}
HIDDEN |= {"all": ["labother"], "listed": ["lab-other"]}


@pytest.fixture
def site(tmp_path: Path) -> Path:
    """A folder in which a library is installed whose names differ, another one, and what asks for them."""
    install(tmp_path, "lab-kernels", FILES, points="[lab.plugins]\nkernels = labkernels\n")
    install(tmp_path, "lab-other", {"labother.py": ""}, points="[lab.plugins]\nother = labother\n")
    for name, text in {"probe": PROBE, "asking": ASKING, "answering": ANSWERING}.items():
        (tmp_path / f"{name}.py").write_text(text)
    return tmp_path


def asked(site: Path, absent: Absent, module: str) -> dict[str, Any]:
    """What a process says in which libraries are hidden."""
    command = without(absent, module, "a", "-b")
    done = subprocess.run(command, env=importing(site), capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer


@pytest.mark.parametrize(("absent", "seen"), [(Absent(), SEEN), (LAB, HIDDEN)], ids=["nothing", "hidden"])
def test_imports_and_metadata_agree(site: Path, absent: Absent, seen: dict[str, Any]) -> None:
    assert asked(site, absent, "probe") == {"words": ["a", "-b"], **seen}


@pytest.mark.parametrize(("absent", "seen"), [(Absent(), SEEN), (LAB, HIDDEN)], ids=["nothing", "hidden"])
def test_a_fresh_process_does_not_see_it_either(site: Path, absent: Absent, seen: dict[str, Any]) -> None:
    assert asked(site, absent, "asking") == {"words": [], **seen}


def test_what_python_imported_at_its_start_is_hidden_too(site: Path) -> None:
    (site / "early.py").write_text("import labkernels.fast, probe\n\ndef main():\n    probe.main()\n")
    command = without(LAB, "early")
    start = command[2].replace("import sys", "import sys; import labkernels.fast", 1)
    done = subprocess.run([command[0], "-c", start, *command[3:]], env=importing(site), capture_output=True)
    assert b"ModuleNotFoundError: No module named 'labkernels'" in done.stderr


@pytest.mark.parametrize("name", ["labkernels", "labkernels_data", "lab-kernels", "Lab_Kernels"])
def test_an_import_name_or_a_distribution(name: str, site: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """All that the distribution provides is hidden: on a machine without it, nothing of it is there."""
    monkeypatch.syspath_prepend(site)
    assert wanted([name]) == (LAB, ())


def test_an_editable_install_does_not_tell_what_it_provides(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    install(tmp_path, "lab-kernels", {})
    (tmp_path / "lab_kernels.py").touch()
    monkeypatch.syspath_prepend(tmp_path)
    alone = Absent(frozenset({"lab_kernels"}), frozenset({"lab-kernels"}))
    assert wanted(["lab_kernels"]) == wanted(["lab-kernels"]) == (alone, ())


def test_what_is_known_and_not_here_is_absent_as_it_is() -> None:
    known = ("torch-scatter", "torch_sparse", "openequivariance")
    absent = [name for name in known if not installed(name.replace("-", "_"))]
    assert wanted(absent) == (Absent(), tuple(absent))


REFUSED = {
    "labkernel": "'labkernel' is not installed here, and no library is known by that name; did you mean lab",
    "labkernels.fast": "'labkernels.fast' is not installed here",
    "": "'' is not installed here",
    "json": "'json' is not installed here",
    "nequip_lint": "nequip_lint cannot be hidden: no rehearsal does without it; name an optional library",
    "click": "click cannot be hidden: no rehearsal does without it (nequip-pack requires click)",
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_cannot_be_hidden(name: str, site: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(site)
    with pytest.raises(UsageError) as caught:
        wanted([name])
    assert str(caught.value).startswith(f"--absent: {REFUSED[name]}")


@pytest.mark.real
@pytest.mark.parametrize(
    ("name", "why"),
    [("torch", ";"), ("matplotlib", " (nequip requires ase, which requires matplotlib);")],
)
def test_what_torch_or_nequip_requires(name: str, why: str) -> None:
    with pytest.raises(UsageError) as caught:
        wanted([name])
    assert f"{name} cannot be hidden: no rehearsal does without it{why}" in str(caught.value)


def test_an_import_name_that_is_shared(site: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    install(site, "lab-more", {"labkernels/more.py": "", "labmore.py": ""})
    monkeypatch.syspath_prepend(site)
    with pytest.raises(UsageError, match=r"lab-kernels provides labkernels too"):
        wanted(["lab-more"])
    assert wanted(["labkernels"]).absent.distributions == {"lab-kernels", "lab-more"}


def test_extras_and_markers_of_requirements(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What a library marks as optional, like triton, is not required on any machine."""
    install(tmp_path, "lab-a", {}, requires="lab-b[more]; python_version > '3'")
    install(tmp_path, "lab-b", {}, requires="Lab_C; extra == 'more'")
    install(tmp_path, "lab-c", {}, requires="triton==3.5; python_version > '3'")
    install(tmp_path, "lab-d", {}, requires="lab-b; python_version < '3'")
    monkeypatch.syspath_prepend(tmp_path)
    assert required(("lab-a",))["lab-c"] == ("lab-a", "lab-b", "lab-c")
    assert set(required(("lab-a",))) == {"lab-a", "lab-b", "lab-c"}
    assert set(required(("lab-d",))) == {"lab-d"}


def test_the_gate_knows_of_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The extension that is hidden is editable, so that its metadata does not tell what it provides."""
    install(tmp_path, "lab-kernels", FILES)
    install(tmp_path, "lab-model", {}, points="[nequip.extension]\nlab = labmodel.all\n")
    (tmp_path / "labmodel.py").write_text("try:\n    import labkernels\nexcept ImportError:\n    pass\n")
    monkeypatch.syspath_prepend(tmp_path)
    here, lacking = (lint.environment((), absent=names) for names in (frozenset(), LAB.imports))
    assert (here.installed.keys() - lacking.installed.keys()) == {"lab-kernels"}
    judged = [
        lint.judge_closure(environment, ["labmodel"], Registered(), False, bool, frozenset())
        for environment in (here, lacking)
    ]
    actions = [item.closure.modules["labkernels"].action for item in judged if item.closure]
    assert actions == ["extern", "extern"], "what is registered is recorded, installed or not"
    assert [item.absent_externals for item in judged] == [frozenset(), {"labkernels"}]
    assert judged[1].target.machine.endswith("without labkernels, labkernels_data")
    without_model = lint.environment((), absent=frozenset({"labmodel"}))
    assert set(here.extensions) - set(without_model.extensions) == {"labmodel.all"}


NAMED = """
import importlib.metadata
from nequip_pack import fresh

def main():
    def told(request):
        found = (item.name for item in importlib.metadata.distributions())
        return " ".join(sorted(name for name in found if name.startswith("lab"))).encode()
    raise SystemExit(fresh.answer(told))
"""
BLOCKING = """
from nequip_pack import fresh

def main():
    for hidden in (True, False):
        print(fresh.ask("named", frozenset({"labkernels"}), {}, hidden=hidden).content.decode())
"""


def test_the_metadata_of_packaged_code_is_hidden_with_it(site: Path) -> None:
    """As of SevenNet, whose __init__ asks for its own version: without it the package does not load."""
    (site / "named.py").write_text(NAMED)
    (site / "blocking.py").write_text(BLOCKING)
    command = without(Absent(), "blocking")
    done = subprocess.run(command, env=importing(site), capture_output=True, text=True, check=False)
    assert done.stdout.splitlines() == ["lab-other", "lab-kernels lab-other"], done.stderr
