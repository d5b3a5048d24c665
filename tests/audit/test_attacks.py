"""The audit of altered packages, each shown to do what it is here for when it is really loaded."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from altered import altered
from attacks import ATTACKS, EYES, HIDDEN, REFUSED, Attack
from pack_support import checked, python

from nequip_pack.audit import Audit, Level, audit_package
from nequip_pack.format import open_archive

if TYPE_CHECKING:
    from collections.abc import Callable

    from once import Once

pytestmark = pytest.mark.real

LEVELS = {REFUSED: Level.REFUSE, EYES: Level.EYES, HIDDEN: Level.NOTHING}


@pytest.fixture(scope="module")
def attacked(package: Path, once: Once) -> Path:
    """A folder with all altered packages, numbered."""

    def fill(folder: Path) -> None:
        for number, attack in enumerate(ATTACKS.values()):
            altered(package, folder / f"{number}.nequip.zip", attack.alter(open_archive(package)))

    return once("attacked", fill)


def path_of(attacked: Path, name: str) -> Path:
    return attacked / f"{list(ATTACKS).index(name)}.nequip.zip"


def reasons(audit: Audit, level: Level) -> str:
    return "\n".join(finding.what for finding in audit.findings if finding.level is level)


@pytest.mark.parametrize("name", ATTACKS)
def test_an_attack_is_told(name: str, attacked: Path) -> None:
    attack = ATTACKS[name]
    found = audit_package(path_of(attacked, name))
    assert found.level is LEVELS[attack.says], reasons(found, found.level)
    assert attack.why in reasons(found, found.level)


@pytest.mark.parametrize("name", [name for name, attack in ATTACKS.items() if attack.says == HIDDEN])
def test_what_no_audit_sees_a_package_that_is_trusted_shows(name: str, package: Path, attacked: Path) -> None:
    found = audit_package(path_of(attacked, name), against=package)
    assert found.level is Level.EYES
    assert "is not as in" in reasons(found, Level.EYES)


@pytest.mark.slow
def test_every_attack_is_real(
    package: Path, attacked: Path, tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    """Loaded for real, it runs its payload, computes something else, or seems to be whole."""
    script = Path(__file__).with_name("show.py")
    paths = {name: str(path_of(attacked, name)) for name in ATTACKS}
    done = checked(python(str(script), str(package), *paths.values(), cwd=tmp_path))
    found = json.loads(done.stdout.splitlines()[-1])
    shown = {name: found[path] for name, path in paths.items()}
    assert shown == {name: attack.shows for name, attack in ATTACKS.items()}, done.stderr
    record_property("table", _table(shown))


def _table(shown: dict[str, str]) -> str:
    counts: dict[tuple[str, str], int] = {}
    for name, outcome in shown.items():
        counts[outcome, ATTACKS[name].says] = counts.get((outcome, ATTACKS[name].says), 0) + 1
    lines = [f"{outcome:8} {says:14} {count}" for (outcome, says), count in sorted(counts.items())]
    return "\n".join([f"{len(shown)} altered packages: loaded, audited, number", *lines])


def test_there_are_enough_attacks() -> None:
    assert len(ATTACKS) >= 40
    assert all(isinstance(attack, Attack) for attack in ATTACKS.values())
