"""The metadata that goes into a package."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import nequip_pack
from nequip_pack.format.closure import counts
from nequip_pack.format.version import CURRENT, PACK_FORMAT
from nequip_pack.installed import installed_version

if TYPE_CHECKING:
    from nequip_pack.checkpoint import LoadedModels
    from nequip_pack.gate.hooks import GateResult
    from nequip_pack.registry import Patterns


def metadata_text(
    loaded: LoadedModels, patterns: Patterns, gate: GateResult, found: Mapping[str, str]
) -> str:
    """``model/package_metadata.txt``: upstream's keys, and ours below ``nequip_pack``."""
    import yaml

    from nequip_lint.api import is_implicitly_external

    known = loaded.kept.externals
    called = (name for name in sorted(gate.implicit_externals) if not is_implicitly_external(name))
    externals = dict.fromkeys((*patterns.extern, *called))
    content = {
        **loaded.kept.metadata,
        "versions": dict(loaded.versions),
        "external_modules": {name: installed_version(name) or known.get(name) for name in externals},
        "package_version_id": CURRENT,
        "available_models": list(loaded.models),
        "atom_types": dict(enumerate(loaded.type_names)),
        "nequip_pack": _ours(loaded, gate, found),
    }
    return yaml.safe_dump(content, default_flow_style=False)


def _ours(loaded: LoadedModels, gate: GateResult, found: Mapping[str, str]) -> dict[str, Any]:
    return {
        **(loaded.kept.metadata.get("nequip_pack") or {}),
        "format": PACK_FORMAT,
        "writer": f"nequip-pack {nequip_pack.__version__}",
        "lint": _plain(gate.record),
        "closure": {
            "compared": gate.predicted is not None,
            "modules": counts(found),
            "absent_externals": sorted(gate.absent_externals),
            "absent_mocks": sorted(gate.absent_mocks),
        },
        "model_dtype": loaded.model_dtype,
        "cutoff": loaded.cutoff,
        **({} if loaded.origin is None else {"origin": {"sha256": loaded.origin}}),
        **{key: _plain(value) for key, value in loaded.records.items()},
        **({} if loaded.checkpoint is None else {"checkpoint": loaded.checkpoint}),
    }


def _plain(value: object) -> Any:
    """The same data as types that YAML has."""
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, (set, frozenset)):
        return sorted(_plain(item) for item in value)
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    return value if value is None or isinstance(value, (bool, int, float)) else str(value)
