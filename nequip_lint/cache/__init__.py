"""Facts and clean answers of earlier runs, kept in the user's cache folder."""

from __future__ import annotations
