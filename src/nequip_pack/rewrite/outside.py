"""An importer for an export of a loaded package: this environment, without its copies of packaged code."""

from __future__ import annotations

from typing import Any


def outside(internal: frozenset[str]) -> Any:
    """An importer like ``torch.package.sys_importer`` that knows none of some packages.

    torch.package asks it for every module that the origin lacks. With ``sys_importer`` a file that was left
    out when the origin was built would come from here, whatever release of the library is installed here.

    Args:
        internal: top-level packages whose code the origin brings along.
    """
    from torch.package.importer import _SysImporter

    class Outside(_SysImporter):  # type: ignore[misc]
        def import_module(self, module_name: str) -> Any:
            if module_name.partition(".")[0] in internal:
                raise ModuleNotFoundError(f"{module_name} is not in the package", name=module_name)
            return super().import_module(module_name)

    return Outside()
