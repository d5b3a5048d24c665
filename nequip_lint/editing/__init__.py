"""Changes of source text that leave every other byte as it is: for fixes, registrations and suppressions."""

from __future__ import annotations
