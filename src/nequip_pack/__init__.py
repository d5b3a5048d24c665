"""Build, verify and load ``torch.package`` archives of NequIP-framework models.

Importing this package imports neither torch nor anything else: a name is fetched when it is used. So
``python -m nequip_pack`` can take the working directory off ``sys.path`` before any import looks there.
"""

import sys

if getattr(sys, "argv", [])[:1] != ["-m"]:  # then __main__ first takes the working directory off the path
    from nequip_pack import start as start

TYPE_CHECKING = False  # as type checkers know it; `typing` would be imported
if TYPE_CHECKING:
    from typing import Any

    from nequip_lint.api import __version__
    from nequip_pack.audit import audit_package
    from nequip_pack.checkpoint.save import save_checkpoint
    from nequip_pack.export import build_package
    from nequip_pack.load import ModelFromPackage, cutoff, example_data, load_package, model_dtype, type_names
    from nequip_pack.registry import register_libraries_as_external_for_packaging, register_packaging_mode
    from nequip_pack.rehearsal.rehearse import rehearse

__all__ = [
    "ModelFromPackage",
    "__version__",
    "audit_package",
    "build_package",
    "cutoff",
    "example_data",
    "load_package",
    "model_dtype",
    "register_libraries_as_external_for_packaging",
    "register_packaging_mode",
    "rehearse",
    "save_checkpoint",
    "type_names",
]

_HOMES = {
    "ModelFromPackage": "nequip_pack.load",
    "__version__": "nequip_lint.api",
    "audit_package": "nequip_pack.audit.run",
    "build_package": "nequip_pack.export",
    "cutoff": "nequip_pack.load",
    "example_data": "nequip_pack.load",
    "load_package": "nequip_pack.load",
    "model_dtype": "nequip_pack.load",
    "register_libraries_as_external_for_packaging": "nequip_pack.registry",
    "register_packaging_mode": "nequip_pack.registry",
    "rehearse": "nequip_pack.rehearsal",
    "save_checkpoint": "nequip_pack.checkpoint.save",
    "type_names": "nequip_pack.load",
}


def __getattr__(name: str) -> "Any":
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    import importlib

    value = getattr(importlib.import_module(_HOMES[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(__all__)
