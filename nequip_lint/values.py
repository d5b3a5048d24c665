"""The values that every layer passes on: where something stands, what was found."""

from enum import Enum
from typing import NamedTuple


class Severity(str, Enum):
    """How bad a finding is; only errors make `check` exit 1."""

    ERROR = "error"
    WARNING = "warning"


class Span(NamedTuple):
    """A region of a file: lines and columns count from 1, the columns of Python source in UTF-8 bytes."""

    line: int
    column: int
    end_line: int
    end_column: int


class Step(NamedTuple):
    """One import statement of a chain: `path:line` of `module` says `statement`."""

    module: str
    path: str
    line: int
    statement: str


Chain = tuple[Step, ...]


class Edit(NamedTuple):
    """Puts `text`, whose lines end in `\\n`, in place of the lines from `line` up to before `end_line`."""

    path: str
    line: int
    end_line: int
    text: str


class Fix(NamedTuple):
    """The edits that end one finding, and what they write in short.

    Only a safe one leaves alone what the code does.
    """

    is_safe: bool
    edits: tuple[Edit, ...]
    summary: str


class Finding(NamedTuple):
    """One hazard at one place.

    `message` says what happens to whose model, and when; `help` what to do about it, and begins with a verb;
    lines below its first one are to be written as they are.
    `path` is absolute while rules run; reports shorten it. `module` is the module that the hazard is about,
    which `--allow CODE:MODULE` names. `detail` tells the rule's fix which library, name or case it is about.
    `unfixable` says why a rule that has fixes has none here. `installed` is true where the cause lies in
    installed code, at the end of the chain.
    """

    code: str
    name: str
    severity: Severity
    message: str
    help: str
    path: str
    span: Span
    module: str = ""
    chain: Chain = ()
    detail: str = ""
    fix: Fix | None = None
    unfixable: str = ""
    installed: bool = False
