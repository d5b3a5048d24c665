"""Facts of released packages: how they are kept, chosen and compared."""

from __future__ import annotations
