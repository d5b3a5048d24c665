"""What one source file says, from one pass over its `ast` tree."""

from __future__ import annotations
