"""``nequip-pack info``: what a package says of itself. Static: no torch, no code of the package."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from typing import Any

import click

from nequip_lint.api import escaped
from nequip_pack.cli.jsontext import json_text
from nequip_pack.cli.reading import opened_package
from nequip_pack.cli.say import say, say_of
from nequip_pack.cli.verdict import closure_line, lint_lines
from nequip_pack.units import in_bytes


@click.command()
@click.argument("package", metavar="PKG")
@click.option(
    "--yaml", "style", flag_value="yaml", help="Write the metadata as YAML, as nequip's command does."
)
@click.option("--json", "style", flag_value="json", help="Write everything as JSON.")
@click.option(
    "--get-modifiers",
    "with_modifiers",
    is_flag=True,
    help="List the model's modifiers, too. Runs the package's code.",
)
def info(package: str, style: str | None, with_modifiers: bool) -> None:
    """Show the metadata of the package PKG."""
    from nequip_pack.verify.summary import summary

    archive, metadata = opened_package(package)
    modifiers = _modifiers(package) if with_modifiers else None
    extra = {} if modifiers is None else {"modifiers": modifiers}
    if style == "yaml":
        import yaml

        click.echo(yaml.safe_dump({"package_metadata": dict(metadata.raw), **extra}))
    elif style == "json":
        click.echo(json_text({**summary(archive, metadata), **extra}))
    else:
        told = summary(archive, metadata)
        say_of(told["path"], f"format {told['package_version_id']}, {in_bytes(told['size'])}")
        say("\n".join([*_lines(told), *_modifier_lines(modifiers)]))


def _modifiers(package: str) -> list[dict[str, Any]]:
    """The public modifiers of the eager model, which must be loaded for that."""
    from nequip_pack.load import ModelFromPackage
    from nequip_pack.rewrite.modifiers import public_modifiers

    return [
        {"name": item.name, "persistent": item.persistent, "doc": item.doc}
        for item in public_modifiers(ModelFromPackage(package)).values()
    ]


def _modifier_lines(modifiers: list[dict[str, Any]] | None) -> list[str]:
    if modifiers is None:
        return []
    rows = []
    for item in modifiers:
        kind = "persistent" if item["persistent"] else "not persistent"
        rows.append(f"  {escaped(item['name'])} ({kind}): {item['doc'].partition(chr(10))[0]}")
    return ["modifiers:", *(rows or ["  none"])]


def _lines(content: Mapping[str, Any]) -> list[str]:
    from nequip_pack.format.records import GONE
    from nequip_pack.signing.beside import in_words

    gone, signature = content["records_gone"], content["signature"]
    rows = {
        "rehearsed": _rehearsed(content["rehearsed"]),
        "written by": f"{'another tool, after ' if gone else ''}{content['writer']}"
        f" on Python {content['python'] or 'unknown'}",
        "models": ", ".join(content["available_models"]),
        "atom types": ", ".join(content["atom_types"]),
        "model dtype": content["model_dtype"],
        "cutoff": content["cutoff"],
        "records": GONE if gone else None,
        "content id": content["content_id"],
        "signature": signature and in_words(signature),
        "built with": _versions(content["versions"]),
        "externals": ", ".join(_third_party(content["recorded_externals"])),
        "registered": _versions(_without_stdlib(content["registered_externals"])),
        "closure": closure_line(content["closure"]),
        "migrated": _migrated(content["migrated"]),
    }
    shown = {name: escaped(str(value)) for name, value in rows.items() if value is not None}
    shown["lint"] = f"\n{' ' * 15}".join(lint_lines(content["lint"]))
    return [f"  {name + ':':<13}{value}" for name, value in shown.items() if value]


def _rehearsed(record: object) -> str | None:
    """What the weights and statistics of a rehearsal are."""
    if not isinstance(record, Mapping):
        return None
    names = record.get("statistics")
    made_up = ", ".join(map(str, names)) if isinstance(names, Mapping) else ""
    return "before the training, weights untrained" + (f"; statistics made up: {made_up}" if made_up else "")


def _migrated(record: object) -> str:
    """Where a migrated package came from; someone else may have written that."""
    if not isinstance(record, Mapping):
        return ""
    versions = record.get("versions")
    built = f", built with {_versions(versions)}" if isinstance(versions, Mapping) else ""
    python = record.get("python") or "unknown"
    return f"from format {record.get('from_format')}{built} on Python {python}"


def _third_party(names: list[str]) -> list[str]:
    tops = {name.partition(".")[0] for name in names}
    return sorted(tops - sys.stdlib_module_names)


def _without_stdlib(versions: Mapping[str, str | None]) -> dict[str, str | None]:
    return {name: version for name, version in versions.items() if name not in sys.stdlib_module_names}


def _versions(versions: Mapping[Any, Any]) -> str:
    return ", ".join(sorted(f"{name} {version or '(absent)'}" for name, version in versions.items()))
