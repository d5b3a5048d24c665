"""``python -m nequip_pack``."""

from __future__ import annotations

from nequip_pack.cli import main

if __name__ == "__main__":
    main()
