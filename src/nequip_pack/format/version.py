"""The format versions, upstream's counter and ours.

Upstream's counter is ``package_version_id`` in the metadata:

- 0 (nequip 0.7.0, 0.7.1): metadata in ``model/package_metadata.pkl``, a pickle.
- 1 (nequip 0.8.0 to 0.9.1): metadata in ``model/package_metadata.txt``, YAML.
- 2 (nequip 0.10.0 and later): ``external_modules`` in the metadata.
"""

from __future__ import annotations

from typing import Final

from nequip_lint.api import install_command

CURRENT: Final = 2
"""The ``package_version_id`` that we write, and the newest that we read."""

OLDEST_TEXT: Final = 1
"""The first version whose metadata is a text."""

PACK_FORMAT: Final = 1
"""The counter of what nequip-pack adds (key ``nequip_pack`` of the metadata)."""


def upgrade() -> str:
    """What to do about a format that this release does not know."""
    return f"upgrade with `{install_command(upgrade=True)}`"
