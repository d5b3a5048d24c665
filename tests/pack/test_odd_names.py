"""Packages whose names are not UTF-8."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

import pytest
from pack_support import checked, pack

from nequip_pack.errors import UsageError
from nequip_pack.signing.sign import sign

NAME = os.fsdecode(b"model\xff.nequip.zip")
pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="other systems refuse such names")


@pytest.mark.real
def test_a_report_is_written(package: Path, tmp_path: Path) -> None:
    shutil.copyfile(package, tmp_path / NAME)
    checked(pack("report", NAME, "-o", "r.html", cwd=tmp_path))
    assert "model\\udcff.nequip.zip" in (tmp_path / "r.html").read_text(encoding="utf-8")


def test_it_is_not_signed(tmp_path: Path) -> None:
    """The signer is not asked."""
    with pytest.raises(UsageError, match="the name is not UTF-8"):
        sign(tmp_path / NAME, None)  # type: ignore[arg-type]
