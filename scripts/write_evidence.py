"""Run a matrix of evidence and write its table below docs/evidence.

usage: write_evidence.py mutants [--only-known] [--subject NAME]

What an earlier run has built, the very same source on the same versions, is not built again; the linter reads
all of it anew. --subject builds the mutants of one subject and writes no table, so that subjects can run
beside each other; --only-known builds nothing.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path[:0] = [str(ROOT / "tests" / name) for name in ("evidence", "rules", "")]


def mutants(names: list[str], only_known: bool, folder: Path) -> None:
    """Judge the mutants of some subjects, or write the table of all."""
    import mutant_table
    from matrix import judged
    from stamp import stamp
    from subjects import subjects

    found = []
    for name in names or subjects():
        for item in judged(name, folder / name, only_known):
            found.append(item)
            if item is not None:
                print(f"{item.verdict}: {item.subject}: {item.name}", flush=True)
    if not names:
        results = [item for item in found if item is not None]
        mutant_table.OUTPUT.parent.mkdir(exist_ok=True)
        text = mutant_table.table(results, stamp(), len(found) - len(results))
        mutant_table.OUTPUT.write_text(text, encoding="utf-8")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("matrix", choices=["mutants"])
    parser.add_argument("--subject", action="append", default=[])
    parser.add_argument("--only-known", action="store_true")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="evidence-") as folder:
        os.environ["XDG_CACHE_HOME"] = str(Path(folder) / "cache")
        mutants(arguments.subject, arguments.only_known, Path(folder))


if __name__ == "__main__":
    main()
