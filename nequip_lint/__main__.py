"""`python -m nequip_lint` is `nequip-lint`.

The working directory, which `-m` puts first on `sys.path`, is taken off again before anything else is
imported, so that a project's own `json.py` does not run in place of Python's; even `__future__` is a file.
What Python imports before this file runs (`runpy` and what that needs) is beyond our reach, as is a
`nequip_lint.py` in that folder.
"""

import os  # imported long before
import sys

try:
    if sys.path[:1] == [os.getcwd()] and not getattr(sys.flags, "safe_path", sys.flags.isolated):  # noqa: PTH109
        del sys.path[0]
except OSError:  # a working directory that was deleted is not on the path
    pass

from nequip_lint.cli import run

if __name__ == "__main__":
    run()
