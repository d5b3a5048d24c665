"""Packages that tests need, found without importing them, which takes seconds."""

from __future__ import annotations

import importlib.util

import pytest


def installed(*packages: str) -> bool:
    """Whether all of these can be imported here."""
    return all(importlib.util.find_spec(package) is not None for package in packages)


def needs(*packages: str) -> pytest.MarkDecorator:
    """Skips a test where one of these is not installed."""
    return pytest.mark.skipif(not installed(*packages), reason=f"needs {', '.join(packages)}")
