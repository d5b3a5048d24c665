"""`nequip-lint check` of real packages: one of ours, and nequip's own of the same model."""

from __future__ import annotations

import json
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

import pytest
from pack_support import checked, pack, python

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.real


def found(package: Path, *options: str) -> list[dict[str, Any]]:
    """The findings in a package."""
    done = python("-m", "nequip_lint", str(package), "--format", "json", *options, cwd=package.parent)
    assert done.returncode in (0, 1), done.stderr
    findings: list[dict[str, Any]] = json.loads(done.stdout)["findings"]
    return findings


def test_ours_loads_anywhere(package: Path) -> None:
    for options in (
        [],
        ["--python", "3.10"],
        ["--python", "3.14"],
        ["--gpu", "--present", "openequivariance"],
    ):
        assert found(package, *options) == []


def test_without_a_library_that_loading_needs(package: Path) -> None:
    findings = found(package, "--absent", "numpy")
    (one,) = findings
    assert (one["code"], one["severity"]) == ("NQ101", "error")
    assert "numpy is not installed" in one["message"]


@pytest.mark.skipif(find_spec("openequivariance") is not None, reason="it would be recorded")
def test_nequips_own_does_not_name_what_was_absent(upstream_package: Path, tmp_path: Path) -> None:
    """nequip issue 557: external libraries that are absent in the build are forgotten; migrate names them."""
    findings = found(upstream_package, "--present", "openequivariance")
    assert {one["code"] for one in findings} == {"NQ201"}
    (one,) = (one for one in findings if "openequivariance here fails: " in one["message"])
    assert "openequivariance is registered as external, but was not installed" in one["message"]
    assert one["help"].startswith("run `nequip-pack migrate PACKAGE OUTPUT`")
    after = tmp_path / "after.nequip.zip"
    checked(pack("migrate", upstream_package, after, cwd=tmp_path))
    assert found(after, "--present", "openequivariance") == []
