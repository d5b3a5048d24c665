"""When code runs, asked of the whole project: at import, while a model is made, at load and in forward."""

from __future__ import annotations
