"""Make all summaries in rules/ecosystem/ anew, from every release on the package index that is new enough.

    python scripts/summarize_releases.py ENVIRONMENT

ENVIRONMENT has nequip, e3nn and nequip-allegro with all their requirements installed: what a release requires
is followed through it. Wheels are kept in .cache/releases/; nothing is installed and nothing is imported.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from nequip_lint.machine.versions import parse_version

ROOT = Path(__file__).parents[1]
WHEELS = ROOT / ".cache" / "releases"
OLDEST = {"e3nn": "0.5.6", "nequip": "0.10.0", "nequip-allegro": "0.7.0"}


def releases(name: str) -> list[str]:
    """The releases of a distribution on the index, from the oldest supported one, oldest first."""
    command = [sys.executable, "-m", "pip", "index", "versions", name]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    (line,) = (line for line in done.stdout.splitlines() if line.startswith("Available versions:"))
    found = sorted((item.strip() for item in line.partition(":")[2].split(",")), key=parse_version)
    return [item for item in found if parse_version(item) >= parse_version(OLDEST[name])]


def wheel(name: str, version: str) -> Path:
    """One wheel, downloaded unless it is there."""
    stem = f"{name.replace('-', '_')}-{version}-"
    if not list(WHEELS.glob(f"{stem}*.whl")):
        options = ["--no-deps", "--only-binary", ":all:", "--quiet", "--dest", str(WHEELS)]
        command = [sys.executable, "-m", "pip", "download", *options, f"{name}=={version}"]
        subprocess.run(command, check=True)
    (path,) = WHEELS.glob(f"{stem}*.whl")
    return path


def main(environment: str) -> None:
    """Download what is missing, then summarise everything."""
    wheels = [str(wheel(name, version)) for name in OLDEST for version in releases(name)]
    subprocess.run([sys.executable, "-m", "nequip_lint.summarize", environment, *wheels], check=True)


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    main(sys.argv[1])
