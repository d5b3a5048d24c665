"""Training configurations, read and never run: which builders and classes a model is made of."""

from __future__ import annotations
