"""`nequip-lint closure` and `nequip-lint why`: the predicted archive, and the chains into it."""

from __future__ import annotations

import argparse

from nequip_lint.cli.options import NO_ROOTS, libraries, request_of
from nequip_lint.cli.package import packages_among
from nequip_lint.cli.streams import say
from nequip_lint.engine.packagers import python_of
from nequip_lint.engine.predict import Prediction, predict
from nequip_lint.errors import LintError
from nequip_lint.reports.prediction import lines, why_lines


def closure(given: argparse.Namespace) -> int:
    """Print the predicted closure."""
    predictions = _predict(given)
    if given.as_json:
        from nequip_lint.reports.machine import closure_json, json_text

        documents = [closure_json(item.closure, item.target) for item in predictions]
        print(json_text(documents[0] if len(documents) == 1 else documents))
        return 0
    for item in predictions:
        say(lines(item))
    if not predictions:
        print(NO_ROOTS)
    return 0


def why(given: argparse.Namespace) -> int:
    """Print the chains to one module."""
    predictions = _predict(given)
    for item in predictions:
        say(why_lines(item, given.module))
    if not predictions:
        print(NO_ROOTS)
    return 0


def _predict(given: argparse.Namespace) -> list[Prediction]:
    if packages := packages_among(given):
        remedy = "`nequip-pack info --json` tells its closure, `nequip-lint check` what fails or is lost"
        raise LintError(f"{packages[0]} is a package, and this command reads source; {remedy}")
    present, absent = libraries(given)
    python = None if given.python is None else python_of(given.python)
    found = predict(request_of(given), present, absent, bool(given.gpu), given.packager, python)
    return [item for item in found if item.closure.roots]
