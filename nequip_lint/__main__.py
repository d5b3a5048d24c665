"""`python -m nequip_lint` is `nequip-lint`."""

from __future__ import annotations

from nequip_lint.cli import main

if __name__ == "__main__":
    main()
