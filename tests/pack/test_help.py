"""The help of both commands: one style, whole in a terminal of 80 columns."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import click
import pytest
from pack_support import checked, python

from nequip_lint.cli.main import parser_of
from nequip_lint.cli.parsers import COMMANDS
from nequip_pack.cli.app import cli
from nequip_pack.cli.commands import Commands

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

ALL = [
    *[("nequip_pack", name) for name in ("", *Commands().commands)],
    *[("nequip_lint", name) for name in ("", *COMMANDS)],
]


@pytest.mark.parametrize(("module", "name"), ALL)
def test_it_fits(module: str, name: str, tmp_path: Path) -> None:
    """No line is longer, and no sentence is cut."""
    words = ["-m", module, *filter(None, [name]), "--help"]
    said = checked(python(*words, cwd=tmp_path, env={"COLUMNS": "80"})).stdout.splitlines()
    assert said[0].startswith(f"Usage: {module.replace('_', '-')} {name}".rstrip() + " [OPTIONS]")
    assert max(map(len, said)) <= 80
    assert not [line for line in said[1:] if line.endswith("...")]
    assert said[-1].strip() == "-h, --help  Show this message and exit." or "Options:" in said


@pytest.mark.parametrize(("module", "name"), [("nequip_pack", "rehearse"), ("nequip_lint", "check")])
@pytest.mark.parametrize(("columns", "least", "most"), [(60, 50, 60), (90, 80, 90), (200, 90, 100)])
def test_it_is_wrapped_to_the_terminal(
    module: str, name: str, columns: int, least: int, most: int, tmp_path: Path
) -> None:
    said = checked(python("-m", module, name, "-h", cwd=tmp_path, env={"COLUMNS": str(columns)})).stdout
    assert least < max(map(len, said.splitlines())) <= most


def linter() -> Iterator[tuple[str, str]]:
    """Each option of the linter with its description."""
    parser = parser_of("")
    commands = next(action for action in parser._actions if action.dest == "command" or action.choices)
    assert isinstance(commands.choices, dict)
    for name, one in {"": parser, **commands.choices}.items():
        yield from (
            (f"{name} {action.dest}", action.help) for action in one._actions if action is not commands
        )
        yield name, one.description


def packager() -> Iterator[tuple[str, str]]:
    """Each option of the packager with its description."""
    context = click.Context(cli)
    for name in Commands().commands:
        command = cli.get_command(context, name)
        assert command is not None
        options = [one for one in command.get_params(context) if isinstance(one, click.Option)]
        yield from ((f"{name} {option.name}", option.help or "") for option in options)
        yield name, command.help or ""


@pytest.mark.parametrize(("what", "said"), [*linter(), *packager()])
def test_each_description_is_a_sentence(what: str, said: str) -> None:
    assert re.fullmatch(r"(?s)[A-Z].*\.(  \[default: [^]]+\])?\s*", said), what


@pytest.mark.parametrize("module", ["nequip_pack", "nequip_lint"])
def test_versions_look_alike(module: str, tmp_path: Path) -> None:
    said = checked(python("-m", module, "--version", cwd=tmp_path)).stdout
    assert re.fullmatch(rf"{module.replace('_', '-')} \d\S+ \(from \S+/{module}[;)].*\n", said)
