"""What the cases of a `match` test, reduced as the tests of `if` statements are."""

from __future__ import annotations

import ast

from nequip_lint.facts.conditions import condition_of
from nequip_lint.facts.names import Names
from nequip_lint.facts.values import TRUE, UNKNOWN, Condition, negated


def case_test(subject: ast.expr, case: ast.match_case, names: Names) -> Condition:
    """The test under which a case is taken, where no case before it is.

    Args:
        subject: of the `match`.
        case: one of its cases.
        names: what imports bind.
    """
    test = _pattern(subject, case.pattern, names)
    if case.guard is None:
        return test
    guard = condition_of(case.guard, names)
    return guard if test == TRUE else Condition("all", parts=(test, guard))


def _pattern(subject: ast.expr, pattern: ast.pattern, names: Names) -> Condition:
    match pattern:
        case ast.MatchAs(pattern=None):
            return TRUE
        case ast.MatchAs(pattern=ast.pattern() as inner):
            return _pattern(subject, inner, names)
        case ast.MatchSingleton(value=True):
            return condition_of(subject, names)
        case ast.MatchSingleton():
            return negated(condition_of(subject, names))
        case ast.MatchValue(value=value):
            return condition_of(ast.Compare(subject, [ast.Eq()], [value]), names)
        case ast.MatchOr(patterns=patterns):
            return Condition("any", parts=tuple(_pattern(subject, item, names) for item in patterns))
    return UNKNOWN
