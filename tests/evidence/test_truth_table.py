"""Every statically visible row of torch.package's truth table has a rule, or a sentence that says why not."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest
from truth import ANSWERS, Said
from verdicts import Row as CaseRow
from verdicts import rows as case_rows
from verdicts import settings

from nequip_lint.engine.run import check
from nequip_lint.engine.selection import Selection
from nequip_lint.project.assemble import Request

RULES = Path(__file__).parents[2] / "rules"
TABLE = Path(__file__).parents[1] / "data" / "truth-table.md"
COLUMNS = ("id", "pattern", "stage of failure", "depends on environment", "exact error")
COLUMNS += ("fix (observed unless said)", "statically detectable", "false-positive risk")


class Row(NamedTuple):
    """One row: its id, and whether source can show the hazard."""

    name: str
    pattern: str
    detectable: str

    @property
    def is_visible(self) -> bool:
        return self.detectable.startswith(("yes", "partly", "weak", "as "))


def rows(text: str) -> Iterator[Row]:
    """The rows of the one table that has these columns."""
    lines = iter(text.splitlines())
    for line in lines:
        if _cells(line) == COLUMNS:
            assert set(next(lines)) <= set("|-: ")
            break
    for line in lines:
        cells = _cells(line)
        if not cells:
            return
        assert len(cells) == len(COLUMNS), line
        yield Row(cells[0], cells[1], cells[6])


def _cells(line: str) -> tuple[str, ...]:
    return tuple(cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1])


def page(code: str) -> str:
    """A rule's page on one line."""
    return " ".join((RULES / f"{code}.md").read_text(encoding="utf-8").split())


def test_every_visible_row_is_answered() -> None:
    table = list(rows(TABLE.read_text(encoding="utf-8")))
    assert len(table) > 100
    visible = {row.name: row.pattern for row in table if row.is_visible}
    assert {name: pattern for name, pattern in visible.items() if name not in ANSWERS} == {}
    assert set(ANSWERS) - set(visible) == set()


@pytest.mark.parametrize("name", ANSWERS)
def test_the_answer_is_there(name: str) -> None:
    for answer in ANSWERS[name]:
        if isinstance(answer, Said):
            does_not_check = page(answer.code)
            assert answer.words in does_not_check
        else:
            assert (RULES / f"{answer}.md").is_file()


def test_a_row_without_an_answer_is_seen() -> None:
    header = "| " + " | ".join(COLUMNS) + " |\n|---|---|---|---|---|---|---|---|\n"
    visible = "| 999 | a \\| b | build | - | E | - | yes: exact | none |\n"
    text = f"# x\n\n{header}{visible}| 998 | c | - | - | - | - | no | - |\n"
    found = list(rows(text))
    assert [(row.name, row.is_visible, row.name in ANSWERS) for row in found] == [
        ("999", True, False),
        ("998", False, False),
    ]


# The labelled cases with the number of a row


def _numbered(row: CaseRow) -> list[str]:
    """The ids of the table's rows that a case belongs to by its number."""
    number = row.case.name.partition("_")[0]
    return [name for name in ANSWERS if number in re.split(r"[/,]", name)]


def _found(row: CaseRow, folder: Path) -> set[str]:
    row.case.write(folder)
    (folder / "pyproject.toml").write_text(settings(row), encoding="utf-8")
    return {finding.code for finding in check(Request((folder,), cache=False), Selection()).findings}


def test_the_labelled_cases_of_a_row_get_its_rule(tmp_path: Path) -> None:
    """A case with several registrations is more than one hazard; one of them is the row's."""
    found: dict[tuple[str, str], set[str]] = {}
    for number, row in enumerate(row for row in case_rows() if row.is_hazard and _numbered(row)):
        codes = _found(row, tmp_path / str(number))
        for name in _numbered(row):
            found.setdefault((name, row.case.name), set()).update(codes)
    expected = {key: {one for one in ANSWERS[key[0]] if isinstance(one, str)} for key in found}
    judged = {key: codes for key, codes in found.items() if expected[key]}
    print(f"\n{len(judged)} labelled cases have the number of a row with a rule")
    assert len(judged) > 30
    assert {key: codes for key, codes in judged.items() if not codes & expected[key]} == {}
