"""The command ``nequip-pack``: parse, call one function, render."""

from __future__ import annotations

from nequip_pack.cli.app import main

__all__ = ["main"]
