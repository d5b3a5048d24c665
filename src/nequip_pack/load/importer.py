"""``torch.package.PackageImporter`` with errors that say what is missing."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

from nequip_lint.api import install_command
from nequip_pack.errors import EnvironmentLacksError, ModelError
from nequip_pack.format.metadata import Metadata, extern_modules
from nequip_pack.installed import how_to_install, is_installed
from nequip_pack.load.serial import loading

if TYPE_CHECKING:
    from pathlib import Path
    from typing import BinaryIO

    from nequip_pack.format import Archive


def require_torch(path: Path) -> None:
    """Check that torch can be imported.

    Raises:
        EnvironmentLacksError: if it is not installed.
    """
    if not is_installed("torch"):
        raise EnvironmentLacksError(
            "torch is needed to load a package", where=path, remedy=f"run `{install_command('load')}`"
        )


def make_importer(package: Path | BinaryIO) -> Any:
    """A new importer for a package, given by its path or by a stream of it."""
    from torch.package import PackageImporter

    with loading():
        return PackageImporter(package if isinstance(package, io.IOBase) else str(package))


def load_pickle(importer: Any, archive: Archive, metadata: Metadata, resource: str) -> Any:
    """Unpickle a member below ``model/``, its storages on the CPU.

    Raises:
        EnvironmentLacksError: if an external library is missing here.
        ModelError: if the pickle does not load for another reason.
    """
    try:
        with loading():
            return importer.load_pickle("model", resource, map_location="cpu")
    except ImportError as error:
        missing = _missing_external(archive, error)
        if missing is None:
            raise _did_not_load(archive, resource, error) from error
        built_with = metadata.external_modules.get(missing)
        why = (
            f"it was built with {missing} {built_with}"
            if built_with
            else "the package expects it on the target"
        )
        remedy = f"run `{install_command('load')}`, or {how_to_install(missing, built_with)}"
        raise EnvironmentLacksError(
            f"the library {missing} is not installed", where=archive.path, why=why, remedy=remedy
        ) from error
    except Exception as error:
        raise _did_not_load(archive, resource, error) from error


def _did_not_load(archive: Archive, resource: str, error: Exception) -> ModelError:
    why = f"{type(error).__name__}: {error}"
    return ModelError(f"{resource} does not load", where=archive.path, why=why)


def _missing_external(archive: Archive, error: ImportError) -> str | None:
    """The external library that an import failed for, if the environment really lacks it."""
    top = (error.name or "").partition(".")[0]
    externals = {name.partition(".")[0] for name in extern_modules(archive)}
    if top not in externals or is_installed(top):
        return None
    return top
