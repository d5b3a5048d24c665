"""The command that installs this distribution again, from where it came: an index, a path, or a repository.

An installer that was given a path or a URL writes `direct_url.json` into the metadata (PEP 610). What came
from elsewhere is not advised by its name, under which an index may have nothing, or something else.
"""

from __future__ import annotations

import json
import os
from typing import Any
from urllib.parse import quote, unquote, urlsplit

NAME = "nequip-pack"


def install_command(extra: str = "", *, upgrade: bool = False) -> str:
    """The command in the words of a shell.

    Args:
        extra: the optional part that is wanted.
        upgrade: ask for the newest version, not for the one that is installed.
    """
    option = "--upgrade " if upgrade else ""
    return f"pip install {option}{_source(_direct_url(), f'[{extra}]' if extra else '', upgrade)}"


def _source(origin: dict[str, Any], extra: str, upgrade: bool) -> str:
    url = quote(str(origin.get("url", "")), safe="%/:@?&=+~,;")  # pip records some without their escapes
    if url.startswith("file:") and "vcs_info" not in origin:
        path = _path(url)
        if not os.path.exists(path):  # noqa: PTH110  never raises
            return _quoted(f"{NAME}{extra}")
        editable = "-e " if origin.get("dir_info", {}).get("editable") else ""
        return f"{editable}{_quoted(f'{path}{extra}')}"
    if not url:
        return _quoted(f"{NAME}{extra}")
    folder = f"#subdirectory={origin['subdirectory']}" if "subdirectory" in origin else ""
    return _quoted(f"{NAME}{extra} @ {_with_revision(url, origin.get('vcs_info'), upgrade)}{folder}")


def _with_revision(url: str, vcs: dict[str, str] | None, upgrade: bool) -> str:
    """The URL as pip takes it: of a repository with the commit that is installed, or what followed it."""
    if vcs is None:
        return url
    revision = vcs.get("requested_revision", "") if upgrade else vcs.get("commit_id", "")
    with_host = url.replace("file:///", "file://localhost/")  # no requirement of PEP 508 is without one
    return f"{vcs.get('vcs', 'git')}+{with_host}{f'@{revision}' if revision else ''}"


def _direct_url() -> dict[str, Any]:
    """What the installer recorded; nothing for an index, and for code that is not installed."""
    from importlib.metadata import PackageNotFoundError, distribution

    try:
        text = distribution(NAME).read_text("direct_url.json")
        found = json.loads(text) if text else {}
    except (PackageNotFoundError, OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def _path(url: str) -> str:
    path = unquote(urlsplit(url).path)
    return path.lstrip("/") if os.name == "nt" else path


def _quoted(text: str) -> str:
    """A word for a shell; only a name alone needs no quotes."""
    return text if text == NAME else f"'{text}'"
