"""The reusable workflow: valid by the schema of GitHub's workflows, and its steps run as they stand."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
import yaml

import nequip_lint
from nequip_pack.format import open_archive, read_metadata

ROOT = Path(__file__).parents[2]
EXAMPLE = ROOT / "docs" / "example"
WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
TEXT = (ROOT / ".github" / "workflows" / "check-extension.yml").read_text(encoding="utf-8")
WORKFLOW: dict[Any, Any] = yaml.safe_load(TEXT)
INPUTS: dict[str, dict[str, Any]] = WORKFLOW[True]["workflow_call"]["inputs"]  # YAML 1.1 reads `on` as true
_INPUT = re.compile(r"\$\{\{ inputs\.([\w-]+) \}\}")
_CONDITION = re.compile(r"inputs\.([\w-]+) != ''")


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_it_is_valid(path: Path) -> None:
    pytest.importorskip("check_jsonschema")
    jsonschema = pytest.importorskip("jsonschema")
    schema_path = files("check_jsonschema") / "builtin_schemas" / "vendor" / "github-workflows.json"
    schema = json.loads(schema_path.read_text(encoding="utf-8"))
    loaded = yaml.safe_load(path.read_text(encoding="utf-8"))
    workflow = {"on" if key is True else key: value for key, value in loaded.items()}
    validator = jsonschema.Draft7Validator(schema)
    validator.validate(workflow)
    assert not validator.is_valid({**workflow, "jobs": {"lint": {"steps": []}}}), "the schema can refuse"


def test_zizmor_finds_nothing(tmp_path: Path) -> None:
    zizmor = shutil.which("zizmor", path=str(Path(sys.executable).parent))
    if zizmor is None:
        pytest.skip("needs zizmor, which the development group installs on Python 3.11 and later")
    looked = [zizmor, "--offline", "--no-progress"]
    done = subprocess.run([*looked, str(ROOT / ".github")], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout
    worse = tmp_path / ".github" / "workflows" / "worse.yml"
    worse.parent.mkdir(parents=True)
    worse.write_text(re.sub(r"@[0-9a-f]{40} # .*", "@main", TEXT))
    done = subprocess.run([*looked, str(worse)], capture_output=True, text=True, check=False)
    assert done.returncode != 0, "zizmor can find something"


def test_actions_are_pinned_by_hash() -> None:
    used = [
        line.split("uses:")[1]
        for path in WORKFLOWS
        for line in path.read_text().splitlines()
        if "uses:" in line
    ]
    used = [one.strip() for one in used if "check-extension.yml" not in one]
    assert len(used) > 8
    assert [one for one in used if not re.fullmatch(r"[\w./-]+@[0-9a-f]{40} # v[\d.]+", one)] == []


def test_inputs_are_declared_and_used() -> None:
    used = set(re.findall(r"inputs\.([\w-]+)", TEXT))
    assert used == set(INPUTS)


def test_no_input_is_put_into_a_script() -> None:
    """A script takes inputs from its environment: what is put into its text would be run."""
    steps = [step for job in WORKFLOW["jobs"].values() for step in job["steps"]]
    assert not [step for step in steps if "${{" in step.get("run", "")]


@pytest.mark.parametrize(("tag", "is_right"), [(f"v{nequip_lint.__version__}", True), ("v0.0.1", False)])
def test_a_release_has_the_tag_of_its_version(tag: str, is_right: bool) -> None:
    steps = yaml.safe_load((ROOT / ".github" / "workflows" / "release.yml").read_text())["jobs"]["build"][
        "steps"
    ]
    (text,) = [step["run"] for step in steps if step.get("name") == "The tag is the version"]
    install, check = text.strip().splitlines()
    assert install == "python -m pip install dist/*.whl"
    variables = {**os.environ, "TAG": tag, "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"}
    assert (subprocess.run(["bash", "-c", check], env=variables, check=False).returncode == 0) is is_right


def run_job(name: str, folder: Path, **given: str) -> subprocess.CompletedProcess[str]:
    """Run the steps of a job here, up to the first that fails; what installs is left out, it is all here.

    Args:
        name: of the job.
        folder: stands for the checkout.
        given: the inputs, with `_` for `-`.
    """
    inputs = {key: str(item.get("default", "")) for key, item in INPUTS.items()}
    inputs |= {key.replace("_", "-"): value for key, value in given.items()}
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    output = ""
    for step in WORKFLOW["jobs"][name]["steps"]:
        condition = _CONDITION.fullmatch(step.get("if", ""))
        if "run" not in step or "pip install" in step["run"] or (condition and not inputs[condition[1]]):
            continue
        declared = step.get("env", {}).items()
        own = {key: _INPUT.sub(lambda found: inputs[found[1]], value) for key, value in declared}
        done = subprocess.run(
            ["bash", "-e", "-c", step["run"]],
            cwd=folder,
            env={**os.environ, "PATH": path, **own},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        output += done.stdout
        if done.returncode != 0:
            break
    return subprocess.CompletedProcess(name, done.returncode, output)


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """The example in a folder below the checkout's root."""
    shutil.copytree(EXAMPLE, tmp_path / "my ext", ignore=shutil.ignore_patterns("__pycache__", ".venv*"))
    return tmp_path


def break_it(checkout: Path) -> None:
    """The variant whose kernel would be left out of the archive."""
    kernel = checkout / "my ext" / "nequip_softcore" / "softcore_kernel.py"
    shutil.copy(EXAMPLE / "broken" / "softcore_kernel.py.txt", kernel)


def test_lint_passes_and_refuses(checkout: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GITHUB_WORKSPACE", str(checkout))
    done = run_job("lint", checkout, path="my ext")
    assert done.returncode == 0, done.stdout
    break_it(checkout)
    done = run_job("lint", checkout, path="my ext")
    assert done.returncode == 1
    assert done.stdout.startswith("::error file=my ext/nequip_softcore/softcore_kernel.py,line=")


@pytest.mark.parametrize("rest", ["", " @ git+https://host/owner/repository@1"])
def test_the_linter_is_installed_without_the_extra(rest: str) -> None:
    scripts = [step.get("run", "") for step in WORKFLOW["jobs"]["lint"]["steps"]]
    script = next(text for text in scripts if "pip install" in text).replace(
        "python -m pip install", "printf %s"
    )
    given = {"NEQUIP_PACK": f"nequip-pack[nequip]{rest}"}
    done = subprocess.run(["bash", "-c", script], env=given, capture_output=True, text=True, check=True)
    assert done.stdout == f"nequip-pack{rest}"


@pytest.mark.real
def test_rehearsal_and_proof(checkout: Path) -> None:
    """The model is one of plain NequIP, because the extension is not installed here."""
    place = checkout / "my ext" / "train.yaml"
    settings = yaml.safe_load(place.read_text())
    model = settings["training_module"]["model"]
    del model["softcore"]
    model["_target_"] = "nequip.model.NequIPGNNModel"
    place.write_text(yaml.safe_dump(settings))
    given = {"path": "my ext", "options": "--mode nequip training_module.model.num_layers=1"}
    done = run_job("rehearse", checkout, config="my ext/train.yaml", **given)
    assert done.returncode == 0, done.stdout
    assert read_metadata(open_archive(checkout / "model.rehearsed.nequip.zip")).is_rehearsed
    assert "verified in a fresh process" in done.stdout
    assert "clean: " in done.stdout.splitlines()[-1]
    failed = run_job("rehearse", checkout, config="my ext/gone.yaml", **given)
    assert failed.returncode == 2
