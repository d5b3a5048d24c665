"""A row of the fault table."""

from __future__ import annotations


class Row:
    """One kind of fault.

    Args:
        kind: what goes wrong, in a few words.
        tests: that show what happens then.
        why_not: why none does, for what is out of reach.
    """

    def __init__(self, kind: str, *tests: str, why_not: str = "") -> None:
        self.kind, self.tests, self.why_not = kind, tests, why_not
