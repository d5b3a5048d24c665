"""Make the summaries in `rules/ecosystem/`: `python -m nequip_lint.summarize ENVIRONMENT DISTRIBUTION...`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click

from nequip_lint.errors import LintError
from nequip_lint.facts.codec import encode_facts
from nequip_lint.facts.collect import facts_of
from nequip_lint.project.files import python_files, source_file
from nequip_lint.project.installed import Distribution, distributions, required_names
from nequip_lint.project.libraries import normalized
from nequip_lint.project.locate import site_folders
from nequip_lint.project.summaries import data_folder


@click.command()
@click.argument("environment", type=click.Path(path_type=Path, exists=True, file_okay=False))
@click.argument("names", nargs=-1, required=True, metavar="DISTRIBUTION...")
def main(environment: Path, names: tuple[str, ...]) -> None:
    """Summarise installed distributions of ENVIRONMENT; nothing of them is imported."""
    folders = site_folders(environment)
    known = distributions(folders)
    for name in names:
        item = known.get(normalized(name))
        if item is None:
            raise LintError(f"{name} is not installed in {environment}")
        click.echo(write(item, known, folders[0]))


def write(item: Distribution, known: dict[str, Distribution], folder: Path) -> Path:
    """Write the summary of one installed distribution; returns its path."""
    package = next(top for top in item.packages if (folder / top).is_dir())
    target = data_folder() / "ecosystem" / package / f"{item.name}-{item.version}.json"
    target.parent.mkdir(parents=True, exist_ok=True)
    text = json.dumps(summary(item, known, folder, package), separators=(",", ":"), sort_keys=True)
    target.write_text(text.replace('],"', '],\n"') + "\n", encoding="utf-8")
    return target


def summary(item: Distribution, known: dict[str, Distribution], folder: Path, package: str) -> dict[str, Any]:
    """The summary of one installed distribution as JSON values."""
    modules = {}
    for path in python_files([folder / package]):
        file = source_file(path, None)
        facts = facts_of(path.read_bytes(), file.module, str(path), file.is_package)
        modules[file.module] = encode_facts(facts, path.relative_to(folder).as_posix())
    return {
        "package": package,
        "distribution": item.name,
        "version": item.version,
        "required": sorted(required_names(item.requirements, known)),
        "extensions": list(item.extensions),
        "modules": modules,
    }


if __name__ == "__main__":
    main()
