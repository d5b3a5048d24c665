"""``python -m nequip_pack`` is ``nequip-pack``.

The working directory comes off ``sys.path`` first; `nequip_lint/__main__.py` says why, and where that ends.
"""

import os  # imported long before
import sys

try:
    if sys.path[:1] == [os.getcwd()] and not getattr(sys.flags, "safe_path", sys.flags.isolated):  # noqa: PTH109
        del sys.path[0]
except OSError:  # a working directory that was deleted is not on the path
    pass

from nequip_pack.cli import main

if __name__ == "__main__":
    main()
