"""``nequip-pack check``: will it load here? Static: no torch, no code of the package."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import click

from nequip_pack.cli.reading import opened_package
from nequip_pack.cli.table import table
from nequip_pack.cli.verdict import lint_lines

_SHOWN = 8

if TYPE_CHECKING:
    from nequip_pack.format import Metadata
    from nequip_pack.verify.needs import Need


@click.command()
@click.argument("package", metavar="PKG")
@click.option("--json", "as_json", is_flag=True, help="The answer as JSON.")
def check(package: str, as_json: bool) -> None:
    """Tell whether the package PKG will load here, without loading anything of it."""
    from nequip_pack.errors import EnvironmentLacksError
    from nequip_pack.verify.needs import MISSING, needs
    from nequip_pack.verify.whole import check_whole

    archive, metadata = opened_package(package)
    check_whole(archive, metadata)
    found = needs(archive, metadata)
    click.echo(json.dumps(_data(package, metadata, found), indent=2) if as_json else _text(metadata, found))
    missing = [need for need in found if need.state == MISSING]
    if missing:
        names = ", ".join(need.name for need in missing)
        remedy = "; ".join(need.note for need in missing)
        raise EnvironmentLacksError(f"it will not load here: {names}", where=package, remedy=remedy)
    if not as_json:
        click.echo(f"{package}: {_verdict(found)}")


def _verdict(found: list[Need]) -> str:
    from nequip_pack.compare.described import clipped

    unknown = [name for need in found for name in need.unknown]
    if not unknown:
        return "everything that it needs to load is here"
    more = f" and {len(unknown) - _SHOWN} more" if len(unknown) > _SHOWN else ""
    return f"nothing is known to be missing; not known: {', '.join(map(clipped, unknown[:_SHOWN]))}{more}"


def _data(package: str, metadata: Metadata, found: list[Need]) -> dict[str, Any]:
    from nequip_pack.verify.needs import MISSING

    return {
        "version": 1,
        "path": package,
        "package_version_id": metadata.package_version_id,
        "loads": all(need.state != MISSING for need in found),
        "needs": [
            {
                "name": need.name,
                "built_with": need.built_with,
                "present": need.present,
                "state": need.state,
                "note": need.note,
                "not_known": list(need.unknown),
            }
            for need in found
        ],
        "lint": (metadata.nequip_pack or {}).get("lint"),
    }


def _text(metadata: Metadata, found: list[Need]) -> str:
    rows = [("", "built with", "here", "", "")]
    rows.append(("format", str(metadata.package_version_id), "", "ok", ""))
    rows += [(n.name, n.built_with or "-", n.present or "-", n.state, n.note) for n in found]
    lint = lint_lines((metadata.nequip_pack or {}).get("lint"))
    return "\n".join([*table(rows), *([f"lint: {', '.join(lint)}"] if lint else [])])
