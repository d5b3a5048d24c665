"""NQ301 dynamic-import-of-own-module: `importlib.import_module` asked for code that lies in the archive."""

from __future__ import annotations

from collections.abc import Iterator

from nequip_lint.facts.details.needs import Invocation
from nequip_lint.facts.details.spots import Spot, Term
from nequip_lint.facts.details.wording import OWN_NAMES
from nequip_lint.facts.names import resolve
from nequip_lint.facts.values import Facts
from nequip_lint.machine.evaluate import catches
from nequip_lint.project.model import Project
from nequip_lint.project.roots import definition_of
from nequip_lint.rules.base import Hit, rule
from nequip_lint.rules.handed_on import handed_on
from nequip_lint.rules.inner_pickles import read_again
from nequip_lint.rules.live import hit, is_internal, live, module_asked, names_own, when
from nequip_lint.rules.names_as_text import (
    BY_TEXT,
    CONFIGURING,
    configured,
    named,
    pickled,
    written_in,
    written_out,
)
from nequip_lint.runs.callees import Callees, own_name
from nequip_lint.runs.functions import Key
from nequip_lint.runs.later import later
from nequip_lint.runs.life import life, packaged_functions

_RELOAD = "importlib.reload"
_FUNCTIONS = ("importlib.import_module", "importlib.__import__", _RELOAD, CONFIGURING, *BY_TEXT)
_OF_OBJECTS = ("forward", "__call__", "__setstate__", "__reduce__", "__reduce_ex__")
"""Where a computed name may well be one of those that the own code writes out."""
_STORING = ("__getstate__", "__reduce__", "__reduce_ex__")

_FIND = "importlib.util.find_spec"

_HELP = "write an import statement"
_AS_STATE = "keep the objects themselves on the model, or pickle plain data and tensors only"
_WITHOUT = "keep what you need of it in the code, or ask before the use whether there is a spec"
_UNNAMED = "use threads, or send data and functions of installed libraries only"


@rule("NQ301")
def dynamic_import_of_own_module(project: Project) -> Iterator[Hit]:
    """One hit for each such call that a loaded package runs."""
    for facts, call in live(project, lambda details: details.invocations):
        what = pickled(project, facts, call)
        if what:
            yield hit(
                project, facts, call.spot, _pickles(project, facts, call.spot, call.name, what), _UNNAMED
            )
            continue
        if call.name not in _FUNCTIONS or catches(call.spot.place.caught, "ModuleNotFoundError"):
            continue
        is_configured = call.name == CONFIGURING
        asked = _configured(project, facts, call) if is_configured else _asked(project, facts, call)
        if asked:
            message = (
                f"{when(project, facts, call.spot)} fails where your code is not installed, and takes the "
                f"installed copy where it is: {call.name} asks the environment for {asked}, not "
                "the package"
            )
            yield hit(project, facts, call.spot, message, _HELP)
    for facts, spot, function, what in handed_on(project):
        yield hit(project, facts, spot, _pickles(project, facts, spot, function, what), _UNNAMED)
    for facts, spot, function, what in read_again(project):
        yield hit(project, facts, spot, _stored(project, facts, spot, function, what), _AS_STATE)
    for facts, spot, asked in _specs(project):
        message = (
            f"{when(project, facts, spot)} fails where your code is not installed, and takes the "
            f"installed copy where it is: find_spec asks the environment for {asked}, not the package"
        )
        yield hit(project, facts, spot, message, _WITHOUT)


def _specs(project: Project) -> Iterator[tuple[Facts, Spot, str]]:
    """Reads of own specs, and calls that import the package around an own module."""
    for facts, read in live(project, lambda details: details.spec_reads):
        is_own = names_own(project, facts, read.asked)
        if is_own and not _is_awaited(read.spot):
            yield facts, read.spot, read.asked.shown
    for facts, call in live(project, lambda details: details.invocations):
        text = (call.first.string or "") if call.name == _FIND and call.first is not None else ""
        is_inner = "." in text.strip(".") and is_internal(project, text)
        if is_inner and not catches(call.spot.place.caught, "ModuleNotFoundError"):
            yield facts, call.spot, text


def _is_awaited(spot: Spot) -> bool:
    return any(catches(spot.place.caught, name) for name in ("AttributeError", "ModuleNotFoundError"))


def _pickles(project: Project, facts: Facts, spot: Spot, function: str, what: str) -> str:
    if spot.function in _STORING:
        return (
            "loading the package fails, or takes your installed code where that is imported: torch.package "
            f"looks for no classes in what {function} makes of {what} for {spot.owner}.{spot.function}"
        )
    return (
        f"{when(project, facts, spot)} fails: {function} pickles {what} by its name, under which "
        "nothing can import it, since the modules of a package are not in sys.modules"
    )


def _stored(project: Project, facts: Facts, spot: Spot, function: str, what: str) -> str:
    return (
        f"{when(project, facts, spot)} fails, or takes your installed code where that is imported: "
        f"{function} looks for {what}, which its pickle names, in sys.modules, where no packaged modules are"
    )


def _configured(project: Project, facts: Facts, call: Invocation) -> str:
    """The own class that a configuration of logging names, in the file or where the configuration stands."""
    given = definition_of(project.sources, own_name(facts, call.first.name if call.first is not None else ""))
    other = project.sources.facts(given[0]) if given is not None else None
    return configured(project, facts) or (configured(project, other) if other is not None else "")


def _asked(project: Project, facts: Facts, call: Invocation) -> str:
    return _reloaded(project, facts, call) or _own(project, facts, call)


def _reloaded(project: Project, facts: Facts, call: Invocation) -> str:
    """The own module that `importlib.reload` is given as an object."""
    given = call.argument(0, "module")
    name = resolve(facts, given.name) if given is not None and call.name == _RELOAD else ""
    return name if name and is_internal(project, name) else ""


def _computed(project: Project, facts: Facts, call: Invocation) -> str:
    """An own module that a computed name may be."""
    key = Key(facts.module, call.spot.owner, call.spot.function)
    way = life(project).way_to(key)
    if way and way[0].name in _OF_OBJECTS:
        return written_out(project)
    shown = written_in(project, facts) if way and way[0].name == "__getattr__" else ""
    if shown:
        return shown
    callees = Callees(packaged_functions(project), project.sources)
    for other, body in later(project):
        for item in body.calls:
            shown = named(project, item.text) if item.text else ""
            if shown and (
                any(callee.key == key for callee in callees.of(other, body.owner, item.name))
                or (key.owner and _makes(project, other, item.name, key))
            ):
                return shown
    return ""


def _makes(project: Project, facts: Facts, name: str, key: Key) -> bool:
    """Whether a name that is called is the class of a method, whose objects may keep what they are given."""
    return definition_of(project.sources, own_name(facts, name)) == (key.module, key.owner)


def _own(project: Project, facts: Facts, call: Invocation) -> str:
    """The own module that a call asks for, as far as its arguments tell; empty for any other."""
    name, package = call.first, call.argument(1, "package")
    given = [term for term in (name, package) if term is not None]
    if any(_is_of_own_name(project, facts, term) for term in given):
        return "a module of its own package"
    if name is None:
        return ""
    if name.start:
        top, dot, _ = name.start.partition(".")
        return f"modules of {top}" if dot and is_internal(project, top) else ""
    if name.string is None:
        return _computed(project, facts, call)
    text = name.string.partition(":")[0]
    if text.startswith(".") and package is not None:
        return text if is_internal(project, package.string or "") else ""
    return text if is_internal(project, text) else ""


def _is_of_own_name(project: Project, facts: Facts, term: Term) -> bool:
    """Whether an argument is made of `__name__` or its like, also by a name at module level."""
    if module := module_asked(project, facts, term.name):
        return is_internal(project, module)
    held = (item for item in project.sources.details(facts).held if item.name in term.names)
    names = {*term.names, *(name for item in held for name in item.names)}
    modules = filter(None, (module_asked(project, facts, name) for name in names))
    return not names.isdisjoint(OWN_NAMES) or any(is_internal(project, module) for module in modules)
