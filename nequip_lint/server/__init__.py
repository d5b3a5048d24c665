"""The language server: what `check` finds, in an editor, also for text that is not saved yet."""

from __future__ import annotations
