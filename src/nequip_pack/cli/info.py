"""``nequip-pack info``: what a package says of itself. Static: no torch, no code of the package."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import click

from nequip_lint.api import escaped
from nequip_pack.cli.jsontext import json_text
from nequip_pack.cli.reading import opened_package
from nequip_pack.cli.say import say
from nequip_pack.cli.verdict import closure_line, lint_lines

if TYPE_CHECKING:
    from nequip_pack.format import Archive, Metadata


@click.command()
@click.argument("package", metavar="PKG")
@click.option(
    "--yaml", "style", flag_value="yaml", help="The metadata as YAML, as nequip's command prints them."
)
@click.option("--json", "style", flag_value="json", help="Everything as JSON.")
@click.option(
    "--get-modifiers",
    "with_modifiers",
    is_flag=True,
    help="List the model's modifiers. Runs the package's code.",
)
def info(package: str, style: str | None, with_modifiers: bool) -> None:
    """Show the metadata of the package PKG."""
    archive, metadata = opened_package(package)
    modifiers = _modifiers(package) if with_modifiers else None
    extra = {} if modifiers is None else {"modifiers": modifiers}
    if style == "yaml":
        import yaml

        click.echo(yaml.safe_dump({"package_metadata": dict(metadata.raw), **extra}))
    elif style == "json":
        click.echo(json_text({**summary(archive, metadata), **extra}))
    else:
        say("\n".join([*_lines(summary(archive, metadata)), *_modifier_lines(modifiers)]))


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


def summary(archive: Archive, metadata: Metadata) -> dict[str, Any]:
    """Everything that ``info`` shows, as plain data (the JSON form, version 1)."""
    from nequip_pack.format.closure import by_action, read_closure
    from nequip_pack.format.manifest import content_id
    from nequip_pack.format.metadata import extern_modules, python_version
    from nequip_pack.format.records import records_gone

    pack = metadata.nequip_pack or {}
    gone = records_gone(archive, metadata)
    verdicts = {} if gone else pack  # of the package as it was before
    return {
        "version": 1,
        "path": str(archive.path),
        "size": archive.path.stat().st_size,
        "package_version_id": metadata.package_version_id,
        "writer": pack.get("writer", "nequip"),
        "python": python_version(archive),
        "versions": dict(metadata.versions),
        "available_models": list(metadata.available_models),
        "atom_types": list(metadata.type_names),
        "model_dtype": pack.get("model_dtype"),
        "cutoff": pack.get("cutoff"),
        "content_id": content_id(archive),
        "registered_externals": dict(metadata.external_modules),
        "recorded_externals": list(extern_modules(archive)),
        "lint": verdicts.get("lint"),
        "closure": verdicts.get("closure"),
        "closure_modules": by_action(read_closure(archive)) or None,
        "migrated": pack.get("migrated"),
        "records_gone": gone,
    }


def _lines(content: Mapping[str, Any]) -> list[str]:
    from nequip_pack.format.records import GONE

    gone = content["records_gone"]
    head = f"{content['path']}: format {content['package_version_id']}, {content['size']} bytes"
    rows = {
        "written by": f"{'another tool, after ' if gone else ''}{content['writer']}"
        f" on Python {content['python'] or 'unknown'}",
        "models": ", ".join(content["available_models"]),
        "atom types": ", ".join(content["atom_types"]),
        "model dtype": content["model_dtype"],
        "cutoff": content["cutoff"],
        "records": GONE if gone else None,
        "content id": content["content_id"],
        "built with": _versions(content["versions"]),
        "externals": ", ".join(_third_party(content["recorded_externals"])),
        "registered": _versions(_without_stdlib(content["registered_externals"])),
        "closure": closure_line(content["closure"]),
        "migrated": _migrated(content["migrated"]),
    }
    shown = {name: escaped(str(value)) for name, value in rows.items() if value is not None}
    shown["lint"] = f"\n{' ' * 15}".join(lint_lines(content["lint"]))
    return [head, *(f"  {name + ':':<13}{value}" for name, value in shown.items() if value)]


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
