"""What a user can put right: one line that says what, where and what to do."""

from __future__ import annotations


class LintError(Exception):
    """Indicates that the linter cannot answer: wrong usage, configuration or path (exit 2)."""
