"""Pickles as values: read without torch, within bounds, and without running anything.

The interpreter is our own, because the standard library's allocates what a pickle claims (memo indices,
sizes), hashes keys that were chosen to collide, and calls what the pickle names.
"""

from __future__ import annotations
