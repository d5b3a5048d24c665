"""What `setup.py` declares, with the files that it reads; imported only where there is one, for `ast`."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from nequip_lint import disk
from nequip_lint.contents import read_bytes
from nequip_lint.declared.ini import lines_in
from nequip_lint.declared.program import Program
from nequip_lint.declared.requirement_files import requirements_in
from nequip_lint.facts.conditions import dotted
from nequip_lint.source.text import Problem, decode
from nequip_lint.source.tree import parse

_REQUIREMENT = re.compile(r"[A-Za-z][\w.-]+\s*(\[[\w\s,-]*\]\s*)?([@<>=!~;(].*)?")
_LISTS = (".txt", ".in")
_TABLES = (".txt", ".ini", ".cfg")


class Declared(NamedTuple):
    """What the `setup` call is given.

    `requirements` are None where it is given none; `is_open` tells that they are computed in a way that
    nothing tells of. `entries` are the lines of the group of entry points that was asked for.
    """

    name: str = ""
    requirements: tuple[str, ...] | None = None
    optional: tuple[str, ...] = ()
    entries: tuple[str, ...] = ()
    is_open: bool = False
    python: str = ""


def declared(path: Path, group: str) -> Declared:
    """What a `setup.py` declares; nothing where it is no program.

    Args:
        path: of the file.
        group: of entry points.

    Raises:
        OSError: it cannot be read.
    """
    text = decode(read_bytes(path))
    tree = text if isinstance(text, Problem) else parse(text)
    if isinstance(tree, Problem):
        return Declared()
    program, folder = Program(tree), path.parent
    given = dict(_keywords(program))
    required = given.get("install_requires")
    name = program.value(given["name"]) if "name" in given else ""
    python = program.value(given["python_requires"]) if "python_requires" in given else ""
    found = () if required is None else tuple(_requirements(program, required, folder))
    extras = given.get("extras_require")
    return Declared(
        name if isinstance(name, str) else "",
        None if required is None else found,
        () if extras is None else tuple(_requirements(program, extras, folder)),
        tuple(dict.fromkeys(_entries(program, group, folder))),
        required is not None and not found and program.value(required) != [],
        python if isinstance(python, str) else "",
    )


def _keywords(program: Program) -> Iterator[tuple[str, ast.expr]]:
    """The arguments of the calls of `setup`, those from tables included."""
    for node in program.nodes:
        if isinstance(node, ast.Call) and dotted(node.func).rpartition(".")[2] == "setup":
            for keyword in node.keywords:
                if keyword.arg is not None:
                    yield keyword.arg, keyword.value
                else:
                    yield from program.table(keyword.value)


def _requirements(program: Program, node: ast.expr, folder: Path) -> Iterator[str]:
    """The requirements that an expression stands for, else all in what it is made from."""
    known = program.value(node)
    texts = known if isinstance(known, list) else program.texts(node)
    for text in map(str, texts):
        file = _file(folder, text, _LISTS)
        if file is not None:
            yield from requirements_in(file)
        else:
            yield from filter(_REQUIREMENT.fullmatch, map(str.strip, text.splitlines()))


def _file(folder: Path, text: str, kinds: tuple[str, ...]) -> Path | None:
    """The file that a string names, beside the program or in a folder there."""
    if "\n" in text or not text.endswith(kinds):
        return None
    name = Path(text).name
    places = (folder / text, folder / name, *(folder / below / name for below in disk.names_in(folder)))
    return next((place for place in places if disk.is_file(place)), None)


def _entries(program: Program, group: str, folder: Path) -> Iterator[str]:
    """The lines of a group of entry points, wherever the program has them from."""
    for value in program.items_at(group):
        for text in program.texts(value):
            yield from (line.strip() for line in text.splitlines() if "=" in line)
    for node in program.nodes:
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            file = _file(folder, node.value, _TABLES)
            text = node.value if file is None else read_bytes(file).decode("utf-8", errors="replace")
            yield from lines_in(text, group)
