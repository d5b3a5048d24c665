"""What `nequip-lint` prints for the bad example of each rule page, kept in `snapshots/`, one file a rule.

Write them anew, and look at the difference: `python tests/reports/snapshots.py [CODE]...`
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

HERE = Path(__file__).parent
FOLDER = HERE / "snapshots"
PAGES = {path.stem: path for path in sorted((HERE.parents[1] / "rules").glob("NQ*.md"))}
COMMAND = "$ nequip-lint --strict"
LEFT_OUT = ("NO_COLOR", "FORCE_COLOR", "VIRTUAL_ENV", "CONDA_PREFIX")
"""Variables on which the output depends."""


def terminal_output(code: str, folder: Path, colours: Mapping[str, str]) -> str:
    """The command, all that it prints, and its exit code.

    Args:
        code: of a rule.
        folder: an empty one, for the example.
        colours: variables of the environment that are about colour.
    """
    from page import read_page

    read_page(PAGES[code]).bad.write(folder)
    kept = {name: value for name, value in os.environ.items() if name not in LEFT_OUT}
    done = subprocess.run(
        [sys.executable, "-m", "nequip_lint", "--strict"],
        cwd=folder,
        env={**kept, **colours},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    return f"{COMMAND}\n{done.stdout}exit {done.returncode}\n"


def main(codes: list[str]) -> None:
    """Write the snapshots of some rules, or of all; one without a page goes."""
    sys.path.append(str(HERE.parent / "rules"))
    for path in FOLDER.glob("*.txt"):
        if path.stem not in PAGES:
            path.unlink()
    for code in codes or PAGES:
        with tempfile.TemporaryDirectory() as folder:
            (FOLDER / f"{code}.txt").write_text(terminal_output(code, Path(folder), {}), encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
