"""The rules: one module, one page and one code each, found by listing this folder."""

from __future__ import annotations
