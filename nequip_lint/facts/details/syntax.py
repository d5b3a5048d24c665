"""What single Pythons do not read."""

from typing import NamedTuple

from nequip_lint.values import Span


class Syntax(NamedTuple):
    """A piece of syntax that Python has from some version on."""

    span: Span
    name: str
    since: tuple[int, int]


class Foreign(NamedTuple):
    """The first text other than ASCII in a file that declares another encoding than UTF-8."""

    span: Span
    encoding: str
