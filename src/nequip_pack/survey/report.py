"""A survey as a table: counts for people, and a row for each package as CSV or Parquet."""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

from nequip_lint.api import escaped, install_command
from nequip_pack.errors import EnvironmentLacksError, UsageError
from nequip_pack.survey.output import read_lines
from nequip_pack.writing.publication import publishing

if TYPE_CHECKING:
    from pathlib import Path

    from nequip_pack.survey.lines import Line

FORMATS: Final = ("csv", "parquet")
_SHOWN: Final = 20
_OF_INFO: Final = (
    "package_version_id",
    "writer",
    "python",
    "available_models",
    "atom_types",
    "model_dtype",
    "cutoff",
    "content_id",
    "versions",
    "signature",
)
"""What of ``info`` has a column."""


def counts(lines: Sequence[Line]) -> list[tuple[str, ...]]:
    """For each step how often it ended how, with a head."""
    ends: dict[str, Counter[str]] = {}
    for line in lines:
        for name, outcome in line.steps.items():
            ends.setdefault(name, Counter())[outcome.in_a_word] += 1
    words = sorted({word for found in ends.values() for word in found}, key=lambda word: (word != "ok", word))
    return [("", *words), *((name, *(str(found[word]) for word in words)) for name, found in ends.items())]


def shortcomings(lines: Sequence[Line]) -> Iterator[str]:
    """The packages that fell short of a step, a line each, and the number of those left out."""
    short = [line for line in lines if line.short]
    for line in short[:_SHOWN]:
        first = line.steps[line.short[0]]
        why = f" ({first.error})" if first.error else ""
        yield f"{line.path}: {line.short[0]}: {first.in_a_word}{why}"
    if len(short) > _SHOWN:
        yield f"and {len(short) - _SHOWN} more"


def check_format(kind: str, lines: Path) -> None:
    """Whether a table can be written beside a file of lines.

    Raises:
        EnvironmentLacksError: if what writes the format is not here.
        UsageError: if it would take the place of the lines.
    """
    if lines.suffix == f".{kind}":
        what = f"the table would take the place of the lines, which also end in {lines.suffix}"
        raise UsageError(what, where=lines, remedy="give an --output that ends in .jsonl")
    if kind != "parquet":
        return
    try:
        import pyarrow.parquet  # noqa: F401
    except ImportError as error:
        remedy = f"run `{install_command('survey')}`, or give --format csv"
        raise EnvironmentLacksError("Parquet needs pyarrow", why=str(error), remedy=remedy) from error


def write_table(lines: Path, paths: Iterable[str], kind: str) -> Path:
    """Write a row for each package beside a file of lines.

    Args:
        lines: the file.
        paths: of the packages, in the order of the rows.
        kind: one of ``FORMATS``.

    Raises:
        OutputError: if it cannot be written; what was there before is still there then.
    """
    found = {line.path: _row(line) for line in read_lines(lines)}
    rows = [found[path] for path in paths]
    output, write = lines.with_suffix(f".{kind}"), {"csv": _csv, "parquet": _parquet}[kind]
    with publishing(output, output.suffix) as publication:
        publication.publish(lambda draft: draft.stream.write(write(rows)), lambda path, size, _: None)
    return output


def _row(line: Line) -> dict[str, Any]:
    row: dict[str, Any] = {name: getattr(line, name) for name in ("path", "sha256", "size", "seconds")}
    for name, outcome in line.steps.items():
        row |= {name: outcome.in_a_word, f"{name}_error": escaped(outcome.error)}
    info = line.steps["info"].content
    return {**row, **{name: _cell(info.get(name)) for name in _OF_INFO}}


def _cell(value: Any) -> str | None:
    """One text; what others wrote in it is escaped."""
    if value is None:
        return None
    if isinstance(value, Mapping):
        value = [f"{key} {item}" for key, item in value.items()]
    return escaped(", ".join(map(str, value)) if isinstance(value, list) else str(value))


def _csv(rows: Sequence[Mapping[str, Any]]) -> bytes:
    text = io.StringIO()
    names = list(dict.fromkeys(name for row in rows for name in row))
    writer = csv.DictWriter(text, names, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode("utf-8", "backslashreplace")


def _parquet(rows: Sequence[Mapping[str, Any]]) -> bytes:
    import pyarrow
    from pyarrow import parquet

    names = dict.fromkeys(name for row in rows for name in row)
    table = pyarrow.table({name: [row.get(name) for row in rows] for name in names})
    content = pyarrow.BufferOutputStream()
    parquet.write_table(table, content)
    whole: bytes = content.getvalue().to_pybytes()
    return whole
