"""Whether a package will load here (``check``), and whether it does what it should (``verify``)."""

from __future__ import annotations
