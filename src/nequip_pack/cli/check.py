"""``nequip-pack check``: will it load here? Static: no torch, no code of the package."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from nequip_pack.cli.jsontext import json_text
from nequip_pack.cli.reading import opened_package
from nequip_pack.cli.say import say
from nequip_pack.cli.table import table
from nequip_pack.cli.verdict import has_warnings, lint_lines

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
    from nequip_pack.format.records import records_gone
    from nequip_pack.verify.needs import MISSING, needs
    from nequip_pack.verify.whole import check_whole

    archive, metadata = opened_package(package)
    check_whole(archive, metadata)
    found = needs(archive, metadata)
    gone = records_gone(archive, metadata)
    lint = None if gone else (metadata.nequip_pack or {}).get("lint")
    if as_json:
        click.echo(json_text({**_data(package, metadata, found, lint), "records_gone": gone}))
    else:
        say(_text(metadata, found, lint))
    missing = [need for need in found if need.state == MISSING]
    if missing:
        names = ", ".join(need.name for need in missing)
        remedy = "; ".join(need.note for need in missing)
        raise EnvironmentLacksError(f"it will not load here: {names}", where=package, remedy=remedy)
    if not as_json:
        say(f"{package}: {_last(gone, has_warnings(lint), found)}")


def _last(gone: bool, warned: bool, found: list[Need]) -> str:
    from nequip_pack.format.records import GONE

    unknown = [name for need in found for name in need.unknown]
    if gone:
        return f"{GONE}; nothing that it names is known to be missing{_not_known(unknown)}"
    if warned:
        depends = "whether it loads depends on what the warnings say"
        return f"nothing that it needs is known to be missing; {depends}{_not_known(unknown)}"
    if unknown:
        return f"nothing is known to be missing{_not_known(unknown)}"
    return "everything that it needs to load is here"


def _not_known(names: list[str]) -> str:
    from nequip_pack.compare.described import clipped

    if not names:
        return ""
    more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
    return f"; not known: {', '.join(map(clipped, names[:_SHOWN]))}{more}"


def _data(package: str, metadata: Metadata, found: list[Need], lint: object) -> dict[str, Any]:
    return {
        "version": 1,
        "path": package,
        "package_version_id": metadata.package_version_id,
        "loads": _loads(found, has_warnings(lint)),
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
        "lint": lint,
    }


def _loads(found: list[Need], warned: bool) -> bool | None:
    """Whether it will load, ``None`` where warnings, or what is not known, leave that open."""
    from nequip_pack.verify.needs import MISSING

    if any(need.state == MISSING for need in found):
        return False
    return None if warned or any(need.unknown for need in found) else True


def _text(metadata: Metadata, found: list[Need], lint: object) -> str:
    rows = [("", "built with", "here", "", "")]
    rows.append(("format", str(metadata.package_version_id), "", "ok", ""))
    rows += [(n.name, n.built_with or "-", n.present or "-", n.state, n.note) for n in found]
    lines = lint_lines(lint)
    return "\n".join([*table(rows), *([f"lint: {', '.join(lines)}"] if lines else [])])
