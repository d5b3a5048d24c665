"""Every class and function that the pickles of a package reach, pickles in their bytes included."""

from __future__ import annotations

import _compat_pickle
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from nequip_pack.audit.blobs import blob, blobs, wrong_with_stream
from nequip_pack.audit.content import set_by
from nequip_pack.audit.findings import Finding, eyes, refuse
from nequip_pack.audit.generated import beyond_tensors, text_of
from nequip_pack.audit.handed import handed_on, opened
from nequip_pack.audit.held import graph_body
from nequip_pack.audit.names import GRAPH, PARTIAL, STREAM, Name
from nequip_pack.audit.shapes import bound, fits, generated_source, graph_member, odd_names
from nequip_pack.audit.source import Source
from nequip_pack.audit.tables import callables, effect_of
from nequip_pack.compare.pickled import read_pickle
from nequip_pack.pickles.nested import DEPTH_LIMIT
from nequip_pack.pickles.values import Global, Inert, Persistent, Pickled

if TYPE_CHECKING:
    from collections.abc import Collection

_KIND: Final = "pickle"
_NO_LIBRARIES: Final = frozenset({"torch", "numpy", *_compat_pickle.IMPORT_MAPPING})
"""What is judged by tables, and names of Python 2 that unpickling maps to some of these."""


@dataclass(slots=True)
class Reached:
    """What the pickles of a package reach.

    Attributes:
        findings: what they need not reach.
        named: the classes and functions, with the members that name them.
        called: classes and functions of the package that are called, and not only made or named.
        graphs: the members with generated source to which they lead.
    """

    findings: list[Finding] = field(default_factory=list)
    named: dict[Name, str] = field(default_factory=dict)
    called: dict[Name, str] = field(default_factory=dict)
    graphs: set[str] = field(default_factory=set)


def reached(source: Source, libraries: Collection[str]) -> Reached:
    """Follow all pickles of a package.

    Args:
        source: the source in it.
        libraries: top-level names of libraries that its developer registered.

    Raises:
        DamagedError: if a pickle of a model or of the example cannot be read.
    """
    found = Reached()
    for member in source.archive.members:
        if member.endswith(".pkl"):
            _Judge(source, libraries, found, member).top(read_pickle(source.archive, member))
    return found


class _Judge:
    """The judgement of one member."""

    def __init__(self, source: Source, libraries: Collection[str], found: Reached, member: str) -> None:
        self._source, self._libraries, self._found, self._member = source, libraries, found, member
        self._seen: set[bytes] = set()

    def top(self, pickled: Pickled) -> None:
        """Judge a pickle, and all that lie in its bytes."""
        level = [(pickled, False)]
        for _ in range(DEPTH_LIMIT):
            for one, is_inside in level:
                self._judge(one, is_inside)
            level = [(inner, True) for one, _ in level for inner in self._inside(one)]
            if not level:
                return
        self._refuse(f"pickles lie more than {DEPTH_LIMIT} deep in each other, and are not followed")

    def _inside(self, pickled: Pickled) -> Iterator[Pickled]:
        for data in blobs(pickled).values():
            if data not in self._seen:
                self._seen.add(data)
                held = blob(data)
                if held.problem:
                    names = [".".join(name) for name in sorted(held.named)]
                    more = f"; it names {', '.join(names[:3])}" if names else ""
                    self._refuse(f"loading this file may unpickle {held.problem}{more}")
                yield from held.pickles

    def _judge(self, pickled: Pickled, is_inside: bool) -> None:
        called = {(c.callable.module, c.callable.name) for c in pickled.calls if type(c.callable) is Global}
        for name in sorted(pickled.globals):
            self._found.named.setdefault(name, self._member)
            self._of_name(name, is_inside, name in called)
        for call in pickled.calls:
            self._of_call(call, is_inside)
        for lookup in pickled.lookups:
            self._of_lookup(lookup)
        for function in handed_on(pickled):
            self._refuse(f"loading this file hands on {function}, which no build does")
        if pickled.late:
            self._refuse("a pickle changes what it has already handed to a call, to hide what the call got")
        self._of_content(pickled)

    def _of_name(self, name: Name, is_inside: bool, is_called: bool) -> None:
        module, attribute = name
        if not is_inside and module in self._source.members:
            is_read = not self._source.problem(module)
            if module in self._source.stubs or (is_read and not self._source.kind(module, attribute)):
                self._refuse(
                    f"loading this file would take {module}.{attribute}, which {module} does not define"
                )
        elif name not in callables():
            if self._is_of_library(module, is_inside):
                self._eyes(
                    f"loading this file needs {module}.{attribute} of a library that is not in the package"
                )
            else:
                verb = "run" if is_called else "reach"
                self._refuse(f"loading this file would {verb} {module}.{attribute}{_why(module, attribute)}")

    def _is_of_library(self, module: str, is_inside: bool) -> bool:
        """Whether this is of a library that its developer registered; Python and torch are none."""
        top = module.partition(".")[0]
        is_other = top not in sys.stdlib_module_names and top not in _NO_LIBRARIES
        return is_other and not is_inside and not self._source.has(module) and top in self._libraries

    def _of_call(self, call: Inert, is_inside: bool) -> None:
        if type(call.callable) is not Global:
            self._refuse("loading this file would call what another call gives, and that cannot be followed")
            return
        name = (call.callable.module, call.callable.name)
        if not is_inside and name[0] in self._source.members:
            self._of_packaged(name, call)
            return
        self._hands_on(name, call.arguments)
        allowed = callables().get(name)
        if allowed is None:
            if self._is_of_library(name[0], is_inside) and not call.new:
                self._refuse(f"loading this file would run {'.'.join(name)}{_why(*name)}")
            return
        if owner := bound(call):
            self._eyes(f"an object keeps {call.arguments[1]!r} of an object of {owner}")
            return
        is_right = allowed.use in ("call", "type") or (allowed.use == "class" and call.new)
        is_safe = name == PARTIAL or allowed.use == "shape" or not any(opened(call))
        if not is_safe or not (is_right or (allowed.use == "shape" and fits(call))):
            self._refuse(f"loading this file would call {'.'.join(name)} in a way that no build writes")
        elif name == GRAPH:
            self._of_graph(call)
        elif name == STREAM and (why := wrong_with_stream(call)):
            self._refuse(f"loading this file would run torch.load, which {why}")

    def _of_packaged(self, name: Name, call: Inert) -> None:
        kind = self._source.kind(*name)
        if kind == "class" and call.new:
            return
        self._found.called.setdefault(name, self._member)
        verb, what = ("call", "class") if kind == "class" else ("run", "function")
        self._eyes(f"loading this file would {verb} the {what} {'.'.join(name)} of the package")

    def _of_graph(self, call: Inert) -> None:
        text = generated_source(call)
        problems = _untold(call) if text is None else beyond_tensors(text, graph_body(call))
        self._of_source(self._member, problems)

    def _of_source(self, member: str, problems: Iterable[str]) -> None:
        for problem in dict.fromkeys(problems):
            what = f"loading this file would run generated source that {problem}"
            self._found.findings.append(refuse("generated", member, what))

    def _of_lookup(self, lookup: Persistent) -> None:
        member = graph_member(lookup)
        if member is None or member not in self._source.archive.members:
            self._refuse("loading this file would run something by an identifier that no build writes")
        else:
            text = text_of(self._source.archive.read(member))
            self._of_source(member, beyond_tensors(text, graph_body(lookup)))
            self._found.graphs.add(member)

    def _hands_on(self, name: Name, arguments: tuple[Any, ...]) -> None:
        for value in arguments:
            is_function = type(value) is Global and self._source.kind(value.module, value.name) == "function"
            if is_function and name != PARTIAL:
                self._eyes(f"loading this file hands the function {value} to {'.'.join(name)}")

    def _of_content(self, pickled: Pickled) -> None:
        """What is set on objects and runs without being called here."""
        for level, what in set_by(pickled):
            self._found.findings.append(Finding(level, _KIND, self._member, what))

    def _refuse(self, what: str) -> None:
        self._found.findings.append(refuse(_KIND, self._member, what))

    def _eyes(self, what: str) -> None:
        self._found.findings.append(eyes(_KIND, self._member, what))


def _untold(call: Inert) -> list[str]:
    """Why the source of a graph cannot be told."""
    odd = odd_names(call.arguments[0]) if call.arguments else []
    return [f"takes {name!r} for a name, which becomes code" for name in odd] or ["cannot be told"]


def _why(module: str, name: str) -> str:
    effect = effect_of(f"{module}.{name}")
    return "" if effect is None else f", which {effect.does}"


def graphs_apart(source: Source, graphs: Collection[str]) -> Iterator[Finding]:
    """What the source of GraphModules that torch.package keeps apart does beyond work with tensors.

    Args:
        source: the source in the package.
        graphs: the members that pickles lead to, which are judged with what these hold.
    """
    from nequip_pack.audit.source import GENERATED

    for member in source.archive.members:
        if member.startswith(GENERATED) and member not in graphs:
            text = text_of(source.archive.read(member))
            for problem in dict.fromkeys(beyond_tensors(text, None)):
                yield refuse(
                    "generated", member, f"loading this file would run generated source that {problem}"
                )
