"""Fix of NQ206: the registration names what is imported, in a list."""

from __future__ import annotations

import ast

from nequip_lint.editing.base import Declined
from nequip_lint.fixes.base import fixer
from nequip_lint.fixes.calls import argument, call_at, strings
from nequip_lint.fixes.source import Source, Splices, source_of
from nequip_lint.project.assemble import Assembled
from nequip_lint.project.model import Project
from nequip_lint.rules.registering import Malformed, malformed, unregistered
from nequip_lint.values import Finding, Fix


@fixer("NQ206")
def put_registration_right(assembled: Assembled, finding: Finding) -> Fix:
    """A list in place of a string, the import name in place of another text; both are safe."""
    item = _malformed(assembled.project, finding)
    source = source_of(assembled.project, finding.path)
    _, call = call_at(source, finding.span)
    node = argument(call, item.parameter)
    splices = Splices(source)
    if item.is_string:
        if not isinstance(node, ast.Constant):
            raise Declined("the argument is computed")
        splices.replace_node(node, f"[{splices.code(node)}]")
    else:
        _rename(source, splices, node, item.name, _meant(assembled.project, item))
    return Fix(True, splices.edits())


def _malformed(project: Project, finding: Finding) -> Malformed:
    """What the finding is about."""
    for item in malformed(project):
        place = (item.item.facts.path, item.item.call.span, item.name)
        if place == (finding.path, finding.span, finding.detail):
            return item
    raise Declined("it depends on the release of a library; see the message")


def _meant(project: Project, item: Malformed) -> str:
    """The one import name that is to be registered."""
    needed = [top for top in dict.fromkeys(item.tops) if top in unregistered(project)]
    if len(needed) != 1:
        names = f"; it may be {' or '.join(item.tops)}" if item.tops else ""
        raise Declined(f"which import {item.name!r} stands for cannot be told{names}")
    return needed[0]


def _rename(source: Source, splices: Splices, node: ast.expr, old: str, new: str) -> None:
    found = list(strings(source, node, old))
    if len(found) != 1 or splices.code(found[0]).count(old) != 1:
        raise Declined(f"{old!r} does not stand exactly once in the argument")
    splices.replace_node(found[0], splices.code(found[0]).replace(old, new))
