"""What the gate says of closures: each refusal and each loss with its own rule and help."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, NamedTuple

import pytest

from nequip_lint.cache.entries import Cache
from nequip_lint.declared.installed import Distribution
from nequip_lint.gate.closure import judge_closure
from nequip_lint.gate.environment import Environment
from nequip_lint.gate.imports import judge_imports
from nequip_lint.hazards import imports, refusals
from nequip_lint.hazards.cause import Cause, Reason
from nequip_lint.hazards.hazard import hazards as import_hazards
from nequip_lint.pages import codes
from nequip_lint.project.sources import Sources
from nequip_lint.snapshot import world

if TYPE_CHECKING:
    from pathlib import Path

    from nequip_lint.gate.judgement import Judgement
    from nequip_lint.values import Finding


class Registered(NamedTuple):
    """Registrations of a build."""

    intern: tuple[str, ...] = ("pkg",)
    extern: tuple[str, ...] = ()
    mock: tuple[str, ...] = ()


def judged(
    folder: Path, text: str, allowed: frozenset[tuple[str, str]] = frozenset(), broken: str = ""
) -> Judgement:
    """The judgement of a build whose one root has this text, where nothing else is installed.

    Args:
        folder: for the files.
        text: of the root.
        allowed: codes and modules of accepted findings.
        broken: a library that is installed and raises when it is imported.
    """
    (folder / "pkg" / "space").mkdir(parents=True)
    (folder / "pkg" / "__init__.py").touch()
    (folder / "pkg" / "part.py").write_text("import absent\n")
    (folder / "pkg" / "model.py").write_text(text)
    environment = Environment(Sources(installed=[folder]), {}, (), {}, Cache(None))
    registered = Registered(extern=(broken,) if broken else ())
    return judge_closure(environment, ["pkg.model"], registered, False, lambda n: n != broken, allowed)


def test_a_mock_below_an_external_module_is_named(tmp_path: Path) -> None:
    (tmp_path / "lib").mkdir()
    (tmp_path / "lib" / "__init__.py").touch()
    (tmp_path / "lib" / "plot.py").touch()
    (tmp_path / "pkg").mkdir()
    (tmp_path / "pkg" / "__init__.py").touch()
    (tmp_path / "pkg" / "model.py").write_text("import lib\nimport lib.plot\n")
    environment = Environment(Sources(installed=[tmp_path]), {}, (), {}, Cache(None))
    registered = Registered(extern=("lib",), mock=("lib.plot",))
    (found,) = judge_closure(environment, ["pkg.model"], registered, False, lambda n: True).errors
    assert (found.code, found.module) == ("NQ205", "lib.plot")
    assert "inconsistent module structure" in found.message


def test_an_extension_is_not_external(tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "__init__.py").touch()
    (tmp_path / "pkg").mkdir()
    (tmp_path / "pkg" / "__init__.py").touch()
    (tmp_path / "pkg" / "model.py").write_text("import other\n")
    installed = {"other-name": Distribution("other-name", "1", (), ("other",), ("other",))}
    environment = Environment(Sources(installed=[tmp_path]), installed, (), {}, Cache(None))
    registered = Registered(("pkg", "other"), extern=("other",))
    (found,) = judge_closure(environment, ["pkg.model"], registered, False, lambda n: True).errors
    assert (found.code, found.module) == ("NQ205", "other")


def test_an_extension_that_registers_another_one_is_refused_before_anything_is_imported(
    tmp_path: Path,
) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "__init__.py").write_text(
        "from nequip.scripts._package_utils import register_libraries_as_external_for_packaging\n"
        'register_libraries_as_external_for_packaging(extern_modules=["other"])\n'
    )
    (tmp_path / "other.py").touch()
    scripts = tmp_path / "nequip" / "scripts"
    scripts.mkdir(parents=True)
    (tmp_path / "nequip" / "__init__.py").touch()
    (scripts / "__init__.py").touch()
    (scripts / "_package_utils.py").write_text("def register_libraries_as_external_for_packaging(**_): ...\n")
    installed = {name: Distribution(name, "1", (), (name,), (name,)) for name in ("mine", "other")}
    owned = (tmp_path / "mine",)
    environment = Environment(Sources(installed=[tmp_path]), installed, owned, {}, Cache(None))
    (found,) = judge_imports(environment, False).errors
    assert (found.code, found.module, found.span.line) == ("NQ205", "other", 2)


REFUSALS = [
    ("import installed", "NQ201", refusals.UNREGISTERED),
    ("import io", "NQ202", refusals.DISALLOWED),
    ("import pkg.space", "NQ209", refusals.NAMESPACE),
    ("def f():\n    from ... import above", "NQ211", imports.BEYOND_TOP),
]


@pytest.mark.parametrize(("text", "code", "cause"), REFUSALS, ids=[code for _, code, _ in REFUSALS])
def test_a_refusal_has_its_own_rule_and_help(tmp_path: Path, text: str, code: str, cause: Cause) -> None:
    (tmp_path / "installed.py").touch()
    found = judged(tmp_path, text)
    assert [(item.code, item.help) for item in found.errors] == [(code, cause.help)]
    assert str(Reason(cause)) in found.errors[0].message
    assert {code for code, _ in found.beyond_allowing} == {code}


def not_declared(folder: Path, *, is_own: bool) -> Finding:
    """The error of a package on the path whose distribution is not installed."""
    (folder / "pkg").mkdir()
    (folder / "pkg" / "__init__.py").touch()
    (folder / "pkg" / "model.py").touch()
    owned = (folder,) if is_own else ()
    environment = Environment(Sources(installed=[folder]), {}, owned, {}, Cache(None))
    (found,) = judge_closure(environment, ["pkg.model"], Registered(()), False, lambda n: True).errors
    return found


@pytest.mark.parametrize("is_own", [True, False])
def test_code_of_the_user_that_no_entry_point_makes_internal(tmp_path: Path, is_own: bool) -> None:
    """A registration is no help there; for installed code it may be."""
    found = not_declared(tmp_path, is_own=is_own)
    assert found.code == ("NQ204" if is_own else "NQ201")
    assert ('init_always = "pkg"' in found.help) == is_own


@pytest.mark.parametrize("is_own", [True, False])
def test_an_extension_on_the_path_that_is_not_installed(tmp_path: Path, is_own: bool) -> None:
    declared = '[project.entry-points."nequip.extension"]\ninit_always = "pkg"\n'
    (tmp_path / "pyproject.toml").write_text(declared)
    found = not_declared(tmp_path, is_own=is_own)
    assert found.code == "NQ204"
    assert found.help.startswith(f"run `pip install -e {tmp_path}`")


def test_a_loss_can_be_allowed(tmp_path: Path) -> None:
    found = judged(tmp_path, "def f():\n    import pkg.part\n")
    assert [(item.code, item.module) for item in found.errors] == [("NQ101", "pkg.part")]
    assert "(absent is not installed)" in found.errors[0].message
    assert found.errors[0].help == f"build where it imports, or {imports.ABSENT.help}"
    assert not found.beyond_allowing


def test_an_allowed_loss_is_kept_with_its_cause(tmp_path: Path) -> None:
    text = "def f():\n    import pkg.part\n"
    found = judged(tmp_path, text, frozenset({("NQ101", "pkg.part")}))
    assert not found.errors
    assert [(loss.code, loss.module, loss.why.parts) for loss in found.allowed] == [
        ("NQ101", "pkg.part", ("absent",))
    ]


def test_what_a_broken_library_raises_may_escape_a_handler(tmp_path: Path) -> None:
    """The build would go on without the file: torch.package drops what does not import."""
    (tmp_path / "openequivariance.py").write_text("raise AssertionError\n")
    part = "try:\n    import openequivariance\nexcept ImportError:\n    pass\n"
    (tmp_path / "pkg").mkdir()
    (tmp_path / "pkg" / "kernels.py").write_text(part)
    found = judged(tmp_path, "def f():\n    import pkg.kernels\n", broken="openequivariance")
    assert [(item.code, item.module) for item in found.errors] == [("NQ108", "pkg.kernels")]
    assert "openequivariance is installed and raises AssertionError" in found.errors[0].message


def test_every_cause_names_a_rule_that_there_is() -> None:
    import_hazards()
    modules = [module for name, module in sys.modules.items() if name.startswith("nequip_lint.hazards.")]
    found = [value for part in (*modules, world) for value in vars(part).values() if isinstance(value, Cause)]
    assert len(found) > 20
    assert {cause.code for cause in found} <= {*codes(), ""}


def test_a_package_by_a_second_name_is_refused(tmp_path: Path) -> None:
    """In installed code too, with which torch.package ends just so."""
    (found,) = judged(tmp_path, "import pkg\nimport pkg.__init__\n").errors
    assert (found.code, found.module) == ("NQ209", "pkg.__init__")
    assert "second name" in found.message
