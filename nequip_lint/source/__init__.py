"""One file as it is read: its text, its tree, and the places of its nodes."""

from __future__ import annotations
