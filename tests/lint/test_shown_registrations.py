"""What the documentation shows of commands for the examples of rules is what they print."""

from __future__ import annotations

from pathlib import Path

from lint_support import nequip_lint, write
from page import read_page

ROOT = Path(__file__).parents[2]
INSTALLED = {
    "fastops/__init__.py": "def multiply(x, factor):\n    return x * factor\n",
    "fastops/_C.so": "",
    "fastops-1.2.dist-info/METADATA": "Metadata-Version: 2.1\nName: fastops\nVersion: 1.2\n",
    "fastops-1.2.dist-info/RECORD": "fastops/__init__.py,,\nfastops/_C.so,,\n",
}


def shown(command: str) -> list[str]:
    """The lines that the page on registrations shows below a command."""
    text = (ROOT / "docs" / "how-to" / "registrations.md").read_text(encoding="utf-8")
    return text.partition(f"$ {command}\n")[2].partition("```")[0].splitlines()


def test_registrations(tmp_path: Path) -> None:
    """The bad example of NQ201, whose library is in `.venv`; three dots stand for lines left out."""
    read_page(ROOT / "rules" / "NQ201.md").bad.write(tmp_path)
    write(tmp_path / ".venv" / "lib" / "python3.11" / "site-packages", INSTALLED)
    lines = shown("nequip-lint registrations --environment .venv")
    done = nequip_lint("registrations", "--environment", ".venv", cwd=tmp_path)
    printed = iter(done.stdout.splitlines())
    assert len(lines) > 5
    assert all(line in printed for line in lines if line != "..."), done.stdout
