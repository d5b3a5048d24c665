"""Why something is not changed."""

from __future__ import annotations


class Declined(Exception):
    """Indicates that something is not changed; the text says why, as users read it."""
