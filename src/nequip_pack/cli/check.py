"""``nequip-pack check``: will it load here? Static: no torch, no code of the package."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import click

from nequip_pack.cli.jsontext import json_text
from nequip_pack.cli.reading import opened_package
from nequip_pack.cli.say import say, say_of
from nequip_pack.cli.table import show_table
from nequip_pack.cli.verdict import lint_lines

if TYPE_CHECKING:
    from nequip_pack.verify.readiness import Readiness

_SHOWN: Final = 8


@click.command()
@click.argument("package", metavar="PKG")
@click.option("--json", "as_json", is_flag=True, help="Write the answer as JSON.")
def check(package: str, as_json: bool) -> None:
    """Tell whether PKG will load here, without loading it."""
    from nequip_pack.verify.readiness import readiness

    found = readiness(*opened_package(package))
    if as_json:
        click.echo(json_text({**found.as_json(), "path": package}))
    else:
        _show(found)
    if error := found.error():
        raise error
    if not as_json:
        say_of(package, _last(found))
        if found.is_rehearsed:
            say_of(package, "the package of a rehearsal, whose weights are not trained")


def _show(found: Readiness) -> None:
    from nequip_pack.signing.beside import in_words

    rows = [("", "built with", "here", "", ""), ("format", str(found.package_version_id), "", "ok", "")]
    rows += [(n.name, n.built_with or "-", n.present or "-", n.state, n.note) for n in found.needs]
    show_table(rows)
    if lint := lint_lines(found.lint):
        say(f"lint: {', '.join(lint)}")
    if found.signature:
        say(f"signature: {in_words(found.signature.as_json())}")


def _last(found: Readiness) -> str:
    from nequip_pack.format.records import GONE

    not_known = _not_known(found.unknown)
    if found.gone:
        return f"{GONE}; nothing that it names is known to be missing{not_known}"
    if found.warned:
        depends = "whether it loads depends on what the warnings say"
        return f"nothing that it needs is known to be missing; {depends}{not_known}"
    if not_known:
        return f"nothing is known to be missing{not_known}"
    return "everything that it needs to load is here"


def _not_known(names: list[str]) -> str:
    from nequip_pack.compare.described import clipped

    if not names:
        return ""
    more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
    return f"; not known: {', '.join(map(clipped, names[:_SHOWN]))}{more}"
