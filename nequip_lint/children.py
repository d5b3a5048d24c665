"""Processes that we start: they import nothing from the folder that they are started in."""

from __future__ import annotations

import sys

_START = "import sys; getattr(sys.flags, 'safe_path', False) or sys.path.pop(0); from {} import main; main()"


def command(module: str) -> list[str]:
    """The command line of a fresh Python that calls `main()` of a module.

    `python -m` would put the working directory first on `sys.path`, so that a project's own `json.py` ran
    in place of Python's. `-c` puts it there too, but imports nothing before this code takes it off again.
    (`-P` does the same and exists since Python 3.11; where `PYTHONSAFEPATH` asks for it, nothing was put
    there.) What `PYTHONPATH` names, and the user's site-packages, stay.

    Args:
        module: its dotted name.
    """
    return [sys.executable, "-c", _START.format(module)]
