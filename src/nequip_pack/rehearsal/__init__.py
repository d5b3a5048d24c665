"""Builds from a training configuration, before the training: made, proved, and thrown away."""

from __future__ import annotations

from nequip_pack.rehearsal.rehearse import Rehearsed, rehearse

__all__ = ["Rehearsed", "rehearse"]
