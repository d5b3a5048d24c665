"""From facts of files to what a project packages: modules, registrations, closures, roots."""

from __future__ import annotations
