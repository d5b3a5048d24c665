"""Where packages are looked at."""

from __future__ import annotations

import pytest

from nequip_pack.errors import EnvironmentLacksError
from nequip_pack.survey.pools import _threads


class Lost:
    """A stand-in for a client of Dask whose scheduler dies while it is asked."""

    def nthreads(self) -> dict[str, int]:
        raise ConnectionResetError


def test_a_scheduler_that_dies_while_it_is_asked() -> None:
    with pytest.raises(EnvironmentLacksError, match="the Dask cluster is gone"):
        _threads(Lost())
