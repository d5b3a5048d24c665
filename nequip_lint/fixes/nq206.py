"""Fix of NQ206: the registration names what is imported, in a list."""

from __future__ import annotations

import libcst as cst

from nequip_lint.edits.changes import TreeEdits
from nequip_lint.edits.context import Context
from nequip_lint.edits.declined import Declined
from nequip_lint.fixes.base import fixer
from nequip_lint.fixes.registrations import argument, registered_at, strings
from nequip_lint.project.model import Project
from nequip_lint.rules.registering import Malformed, malformed, unregistered
from nequip_lint.values import Finding, Fix


@fixer("NQ206")
def put_registration_right(context: Context, finding: Finding) -> Fix:
    """A list in place of a string, the import name in place of another text; both are safe."""
    item = _malformed(context.project, finding)
    source = context.source(finding.path)
    node = argument(registered_at(source, finding.span), item.parameter)
    if node is None:
        raise Declined(f"{item.parameter} of the registration is not written out")
    edits = TreeEdits(source)
    if item.is_string:
        if not isinstance(node, cst.SimpleString):
            raise Declined("the argument is computed")
        edits.replace(node, cst.List([cst.Element(node)]))
        return Fix(True, edits.edits(), f"{item.parameter}=[{node.value}]")
    new = _meant(context.project, item)
    _rename(edits, node, item.name, new)
    return Fix(True, edits.edits(), f'"{new}" in place of "{item.name}"')


def _malformed(project: Project, finding: Finding) -> Malformed:
    """What the finding is about."""
    for item in malformed(project):
        place = (item.item.facts.path, item.item.call.span, item.name)
        if place == (finding.path, finding.span, finding.detail):
            return item
    raise Declined("it depends on the release of a library; see the message")


def _meant(project: Project, item: Malformed) -> str:
    """The one import name that is to be registered."""
    tops = dict.fromkeys(item.tops)
    needed = [top for top in tops if top in unregistered(project)]
    if len(needed) != 1:
        names = f"; it may be {' or '.join(tops)}" if tops else ""
        raise Declined(f"which import {item.name!r} stands for cannot be told{names}")
    return needed[0]


def _rename(edits: TreeEdits, node: cst.BaseExpression, old: str, new: str) -> None:
    found = list(strings(edits.source, node, old))
    if len(found) != 1 or found[0].value.count(old) != 1:
        raise Declined(f"{old!r} does not stand exactly once in the argument")
    edits.replace(found[0], found[0].with_changes(value=found[0].value.replace(old, new)))
