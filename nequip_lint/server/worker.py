"""One lint of one project in a process of its own, so that the server keeps no state that could be stale.

Reads a JSON object with `path`, a file or folder, and `buffers`, texts by path that stand in for files;
writes one with `findings`, or with `error`.
"""

from __future__ import annotations

import io
import json
import sys
import tokenize
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from nequip_lint.contents import remembered
from nequip_lint.engine.planning import with_plans
from nequip_lint.engine.run import checked
from nequip_lint.engine.selection import Selection
from nequip_lint.errors import LintError
from nequip_lint.project.assemble import Request
from nequip_lint.reports.machine import finding_json
from nequip_lint.server.offers import Offer, offers
from nequip_lint.values import Finding


def answer(request: dict[str, Any]) -> dict[str, Any]:
    """The answer to one request."""
    buffers = {path: _encoded(text) for path, text in request["buffers"].items()}
    try:
        with remembered(buffers):
            found = checked(Request((Path(request["path"]),)), Selection())
            findings = with_plans(found).findings
            offered = zip(findings, offers(found, findings), strict=True)
            return {"findings": [_finding(*item) for item in offered]}
    except LintError as error:
        return {"error": str(error)}


def _encoded(text: str) -> bytes:
    """The bytes that an editor would save: in the encoding that the text declares."""
    data = text.encode("utf-8", "surrogatepass")  # half a character, which no file can have, is a finding
    try:
        return text.encode(tokenize.detect_encoding(io.BytesIO(data).readline)[0])
    except (SyntaxError, LookupError, ValueError):  # no encoding of texts, or one without all characters
        return data


def _finding(finding: Finding, offered: Iterable[Offer]) -> dict[str, Any]:
    """A finding as JSON values, its paths as they are and not as one reads them from some folder."""
    values = finding_json(finding)
    steps = zip(values["chain"], finding.chain, strict=True)
    values["chain"] = [{**one, "path": step.path} for one, step in steps]
    values["offers"] = [{**offer._asdict(), "edits": [e._asdict() for e in offer.edits]} for offer in offered]
    return {**values, "path": finding.path}


def main() -> None:
    """Answer the request on standard input."""
    json.dump(answer(json.load(sys.stdin)), sys.stdout)
