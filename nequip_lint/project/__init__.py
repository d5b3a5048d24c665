"""What a linted project is: its files, settings and metadata, its registrations, sources and roots."""

from __future__ import annotations
