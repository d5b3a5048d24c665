"""``nequip-pack update``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from nequip_pack.cli.greedy import GreedyCommand, greedy_words
from nequip_pack.cli.reading import opened_package
from nequip_pack.cli.say import say, say_of, show_stage
from nequip_pack.cli.target import source_and_target, target
from nequip_pack.units import in_bytes

if TYPE_CHECKING:
    from nequip_pack.format import Archive
    from nequip_pack.rewrite.update import Replacement


@click.command(cls=GreedyCommand)
@source_and_target
@click.option("--replace", metavar="ZIP_PATH [LOCAL]", help="Replace or add this file. Repeatable.")
def update(package: str, output: str | None, in_place: bool, replace: str | None) -> Path:
    """Replace or add files of the package IN.

    The package OUT is written if its predictions stay the same. Without LOCAL a file comes from the installed
    package that it belongs to. This runs the package's code.
    """
    from nequip_pack.rewrite.update import update as updated

    place = target(output, in_place)
    archive, metadata = opened_package(package)
    replacements = [_replacement(archive, words) for words in greedy_words()]
    if not replacements:
        raise click.UsageError("Missing option '--replace'.", click.get_current_context())
    done = updated(archive, metadata, place, replacements, show_stage)
    for word, names in (("replaced", done.replaced), ("added", done.added)):
        for name in names:
            say(f"{word} {name}")
    for name, why in sorted(done.left_out.items()):
        say(f"not compared: {name} ({why})")
    same = "are the same, bit for bit" if done.gap == 0 else f"are the same within {done.gap:.1e} (relative)"
    result = Path(output or package)
    say_of(result, f"{in_bytes(result.stat().st_size)}; the predictions for the example data {same}")
    return result


def _replacement(archive: Archive, words: list[str]) -> Replacement:
    from nequip_pack.compare.member import local_file
    from nequip_pack.rewrite.update import Replacement

    if len(words) > 2:
        text = f"--replace takes ZIP_PATH and at most one LOCAL, not {' '.join(words)}."
        raise click.UsageError(text, click.get_current_context())
    member = words[0] if words[0] in archive.members else words[0].removeprefix(f"{archive.prefix}/")
    if any(part in ("", ".", "..") for part in member.split("/")) or "\\" in member:
        raise click.UsageError(f"{words[0]!r} is no path in a package.", click.get_current_context())
    return Replacement(member, local_file(member, words[1] if len(words) == 2 else None))
