"""`python -m nequip_lint` is `nequip-lint`."""

from __future__ import annotations

from nequip_lint.cli import run

if __name__ == "__main__":
    run()
