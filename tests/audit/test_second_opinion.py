"""What picklescan says of the attacks: whatever it calls dangerous, the audit refuses."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from altered import altered
from attacks import ATTACKS, REFUSED

from nequip_pack.format import open_archive

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

pytestmark = pytest.mark.real


def test_what_picklescan_finds_is_refused(
    package: Path, tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    scanner = pytest.importorskip("picklescan.scanner", reason="picklescan is not installed")
    found = {}
    for name, attack in ATTACKS.items():
        path = altered(package, tmp_path / "m.nequip.zip", attack.alter(open_archive(package)))
        found[name] = scanner.scan_file_path(str(path)).issues_count > 0
    assert [name for name, is_found in found.items() if is_found and ATTACKS[name].says != REFUSED] == []
    refused = sum(attack.says == REFUSED for attack in ATTACKS.values())
    counts = f"picklescan finds {sum(found.values())}, the audit refuses {refused}"
    record_property("table", f"of {len(found)} altered packages {counts}")
