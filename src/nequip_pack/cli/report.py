"""``nequip-pack report``."""

from __future__ import annotations

from pathlib import Path

import click

from nequip_pack.cli.reading import opened_package
from nequip_pack.cli.say import say_of, show_elapsed


@click.command()
@click.argument("package", metavar="PKG")
@click.option(
    "-o", "--output", required=True, type=Path, metavar="FILE.html", help="Write the page to this file."
)
@click.option("--verify", "verified", is_flag=True, help="Load the package and compare its predictions, too.")
def report(package: str, output: Path, verified: bool) -> Path:
    """Write all that is known of PKG as one HTML page.

    What the model is, sizes, machines that it loads on, stored predictions,
    findings, audit, and the imports that lead to each module. The page needs
    no network. Nothing of the package runs, unless --verify is given and the
    audit does not refuse it.
    """
    from nequip_pack.report.gather import gather
    from nequip_pack.report.page import page
    from nequip_pack.writing.publication import publishing

    archive, metadata = opened_package(package, seal=True)
    with publishing(output, ".html") as publication:
        text = page(gather(archive, metadata, verified=verified)).encode(errors="backslashreplace")
        publication.publish(lambda draft: draft.stream.write(text), lambda *_: None)
    say_of(output, f"the report of {package}")
    show_elapsed()
    return output
