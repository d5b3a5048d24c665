"""Fix of NQ204: the entry point that makes an extension internal."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

from nequip_lint.declared.metadata import FILES, GROUP
from nequip_lint.edits.context import Context
from nequip_lint.edits.declined import Declined
from nequip_lint.edits.text import edits_between, read_raw
from nequip_lint.edits.toml_edit import Toml
from nequip_lint.fixes.base import fixer
from nequip_lint.values import Edit, Finding, Fix

_KEY = "init_always"
_SECTION = "[options.entry_points]"


@fixer("NQ204")
def declare_entry_point(context: Context, finding: Finding) -> Fix:
    """Add an entry point, which is safe; or name the module alone where one names an object."""
    root = context.project.metadata.root
    if ":" in finding.module:
        module = finding.module.partition(":")[0].strip()
        return Fix(False, _renamed(root, finding.module, module), f"entry point {module}")
    package = finding.module.partition(".")[0]
    edits = _added(root, package)
    entry = edits[-1].text.strip().rpartition("\n")[2]
    return Fix(True, edits, f"{entry} for {GROUP} in {Path(edits[-1].path).name}")


def _added(root: Path, package: str) -> tuple[Edit, ...]:
    pyproject, setup_cfg, setup_py = (root / name for name in FILES)
    if pyproject.is_file():
        toml = Toml(pyproject)
        project = toml.data.get("project", {})
        if not isinstance(project, Mapping):
            raise Declined("[project] in pyproject.toml is no table")
        if project and "entry-points" not in project.get("dynamic", ()):
            return _in_table(toml, ("project", "entry-points", GROUP), package)
        if not project and toml.data.get("tool", {}).get("poetry", {}).get("name"):
            return _in_table(toml, ("tool", "poetry", "plugins", GROUP), package)
    if setup_cfg.is_file() and re.search(r"^\[(metadata|options)", read_raw(setup_cfg).text, re.MULTILINE):
        return _in_setup_cfg(setup_cfg, package)
    if setup_py.is_file():
        raise Declined(f"setup.py is a program: add `{GROUP}` with `{_KEY} = {package}` to its entry_points")
    raise Declined("there is no pyproject.toml with a [project] table to put the entry point into")


def _in_table(toml: Toml, keys: tuple[str, ...], package: str) -> tuple[Edit, ...]:
    table = toml.table(*keys)
    table[_free_key(set(table), package)] = package
    return toml.edits()


def _free_key(taken: set[str], package: str) -> str:
    """A name for the entry point; nequip looks at the value alone."""
    if _KEY not in taken:
        return _KEY
    if package in taken:
        raise Declined(f"the group {GROUP} has another {package} already")
    return package


def _in_setup_cfg(path: Path, package: str) -> tuple[Edit, ...]:
    """Add a line below the group, the group below the section, or the section at the end."""
    text = read_raw(path).text
    group = re.search(rf"^{re.escape(GROUP)}[ \t]*=[ \t]*\n", text, re.MULTILINE)
    section = re.search(rf"^{re.escape(_SECTION)}[^\n]*\n", text, re.MULTILINE)
    if GROUP in text and group is None:
        raise Declined("the entry points in setup.cfg are written in a way that is not understood")
    entry = f"    {_free_key(set(_keys(text, group)), package)} = {package}\n"
    if group is not None:
        return edits_between(path, text, text[: group.end()] + entry + text[group.end() :])
    block = f"{GROUP} =\n{entry}"
    if section is not None:
        return edits_between(path, text, text[: section.end()] + block + text[section.end() :])
    end = "" if text.endswith("\n") else "\n"
    return edits_between(path, text, f"{text}{end}\n{_SECTION}\n{block}")


def _keys(text: str, group: re.Match[str] | None) -> list[str]:
    """The names of the entry points below the heading of a group."""
    if group is None:
        return []
    lines = re.match(r"(?:[ \t]+[^\n]*\n|\n)*", text[group.end() :])
    return [line.partition("=")[0].strip() for line in (lines[0] if lines else "").split("\n")]


def _renamed(root: Path, value: str, module: str) -> tuple[Edit, ...]:
    """Cut the object off the value of an entry point, wherever it is written."""
    for path in (root / FILES[0], root / FILES[1]):
        text = read_raw(path).text if path.is_file() else ""
        if text.count(value) == 1:
            return edits_between(path, text, text.replace(value, module))
    raise Declined(f"{value} does not stand exactly once in pyproject.toml or setup.cfg")
