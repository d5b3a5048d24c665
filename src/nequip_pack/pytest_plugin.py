"""The fixture ``rehearse`` for the tests of an extension: do the models of these configurations package?

It is a fixture and no option that collects files, because a test says with it, in Python, what an option
could not: overrides, accepted losses, a packaging mode, one test per file. It runs with all other tests::

    @pytest.mark.parametrize("config", Path(__file__).parent.glob("configs/*.yaml"))
    def test_it_packages(rehearse, config):
        rehearse(config, allow=["NQ101:my_extension.kernels"])

Every run of pytest imports this module where nequip-pack is installed, which is why it imports nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

    from nequip_pack.rehearsal import Rehearsed


@pytest.fixture(scope="session")
def rehearse() -> Callable[..., Rehearsed]:
    """Packages the model of a training configuration, with untrained weights, in a process of its own.

    The arguments and the result are those of :func:`nequip_pack.rehearse`. The test fails with the findings
    if the model does not package, and is skipped where nequip is not installed.
    """
    from nequip_pack.installed import is_installed

    if not is_installed("nequip"):
        pytest.skip("nequip is not installed, and rehearsals need it")
    return _rehearsed


def _rehearsed(config: Any, *arguments: Any, **options: Any) -> Rehearsed:
    __tracebackhide__ = True
    from nequip_pack.errors import NequipPackError
    from nequip_pack.rehearsal.apart import apart

    refused = ""
    try:
        done = apart("rehearse", config, *arguments, **options)
    except NequipPackError as error:
        refused = "\n".join(filter(None, (error.details, str(error))))
    if refused:  # out here, where pytest shows nothing but this text
        pytest.fail(refused, pytrace=False)
    for text in done.warnings:
        print(text)
    rehearsed: Rehearsed = done.value
    return rehearsed
