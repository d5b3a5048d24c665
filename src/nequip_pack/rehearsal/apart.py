"""Builds and rehearsals in a process of their own, so that nothing of the one that asks changes."""

from __future__ import annotations

import json
import os
import pickle
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, NoReturn

from nequip_pack.errors import ModelError, NequipPackError
from nequip_pack.fresh import answer, ask

if TYPE_CHECKING:
    from collections.abc import Mapping


class Apart(NamedTuple):
    """What another process came to.

    Attributes:
        value: what the function returned.
        warnings: findings that did not refuse the build, as text.
    """

    value: Any
    warnings: list[str]


def apart(function: str, *arguments: object, **options: object) -> Apart:
    """Call a public function of nequip-pack that builds, in a fresh process with the same working directory.

    Args:
        function: its name in :mod:`nequip_pack`.
        arguments: plain data, paths, and what Hydra composed.
        options: the same, by name.

    Raises:
        NequipPackError: what the function raised.
        ModelError: if the process ended otherwise.
    """
    call = {"function": function, "arguments": arguments, "options": options}
    request = json.loads(json.dumps(call, default=_plain))
    said = ask("nequip_pack.rehearsal.apart", frozenset(), request, folder=Path.cwd())
    if said.failure:
        raise ModelError("the process that should package the model failed", why=said.failure)
    value, warnings = pickle.loads(said.content)
    if isinstance(value, NequipPackError):
        raise value
    return Apart(value, warnings)


def _plain(value: Any) -> Any:
    """A path as text; what Hydra composed as plain values, its interpolations unresolved."""
    if isinstance(value, os.PathLike):
        return os.fspath(value)
    from omegaconf import OmegaConf

    return OmegaConf.to_container(value)


def _called(request: Mapping[str, Any]) -> bytes:
    import nequip_pack
    from nequip_pack.gate import LintGate

    warnings: list[str] = []
    function = getattr(nequip_pack, request["function"])
    try:
        value = function(*request["arguments"], **request["options"], gate=LintGate(warnings.append))
    except NequipPackError as error:
        value = error.with_traceback(None)
    return pickle.dumps((value, warnings))


def main() -> NoReturn:
    """Answer the one request of this process."""
    sys.exit(answer(_called))
