"""What the rule about dynamic imports knows of other functions that look own code up by its name."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain

from nequip_lint.facts.details.needs import Invocation
from nequip_lint.facts.details.spots import Term
from nequip_lint.facts.details.wording import OWN
from nequip_lint.facts.names import last_part
from nequip_lint.facts.values import Facts
from nequip_lint.project.model import Project
from nequip_lint.project.roots import definition_of
from nequip_lint.rules.live import is_internal
from nequip_lint.runs.callees import own_name
from nequip_lint.runs.life import packaged_files
from nequip_lint.runs.making import building_files

BY_TEXT = frozenset(
    {
        *("pkgutil.resolve_name", "pydoc.locate", "runpy.run_module"),
        *("hydra.utils.get_class", "hydra.utils.get_method", "hydra.utils.get_object"),
    }
)
"""Functions whose first argument names a module, or something in one."""
CONFIGURING = "logging.config.dictConfig"
_PICKLING = frozenset(
    {*(f"{name}.{how}" for name in ("pickle", "dill", "joblib") for how in ("dumps", "dump")), "torch.save"}
)
_PROCESS_POOLS = ("Pool", "ProcessPoolExecutor")
_SENDING = frozenset(
    {
        *("map", "imap", "imap_unordered", "starmap", "map_async", "starmap_async", "apply_async"),
        *("apply", "submit"),
    }
)
_SPAWNING = ("torch.multiprocessing.spawn", "torch.multiprocessing.start_processes")
_OTHER_STARTS = ("spawn", "forkserver")


def written_out(project: Project) -> str:
    """A name of the own code that packaged code, or what makes a model, writes out; '' where none does."""
    files = {facts.module: facts for facts in (*packaged_files(project), *building_files(project))}
    found = (written_in(project, facts) for facts in files.values())
    return next(filter(None, found), "")


def written_in(project: Project, facts: Facts) -> str:
    """A name of the own code that a file writes out or makes of `__module__`; '' where it does not."""
    bodies = project.sources.details(facts).bodies
    loggers = {call.text for body in bodies for call in body.calls if "logger" in call.name.lower()}
    texts = sorted({text for body in bodies for text in body.texts} - loggers)
    return next((shown for text in texts if (shown := named(project, text))), "")


def named(project: Project, text: str) -> str:
    """What a text names of the own code, be it a module; '' for anything else."""
    if text.startswith(OWN):
        return "a name made of __module__"
    name = text.replace(":", ".").rstrip(".")
    if "." not in text or not is_internal(project, name):
        return ""
    is_there = definition_of(project.sources, name) is not None or project.sources.facts(name) is not None
    return name if is_there else ""


def configured(project: Project, facts: Facts) -> str:
    """What a configuration of logging names of the own code, as far as the file writes it out."""
    bodies = project.sources.details(facts).bodies
    texts = sorted(text.removeprefix("ext://") for body in bodies for text in body.texts)
    modules = (text for text in texts if "." in text and is_internal(project, text))
    ours = (text for text in texts if text.startswith(OWN) and text.rpartition(".")[2][:1].isupper())
    made = (f"{facts.module}{text.removeprefix(OWN)}" for text in ours)
    found = (text for text in modules if definition_of(project.sources, text) is not None)
    return next(chain(made, found), "")


def sends(project: Project, facts: Facts, call: Invocation) -> bool:
    """Whether a call pickles its first argument."""
    last = call.name.rpartition(".")[2]
    is_sent = last in _SENDING and call.name != last and _has_pool(project, facts)
    return call.name in _SPAWNING or is_sent or pickles(facts, call)


def pickles(facts: Facts, call: Invocation) -> bool:
    """Whether a call pickles its first argument and sends it nowhere."""
    owner, _, last = call.name.rpartition(".")
    made = owner.partition("(")[0].rpartition(".")[2]
    bases = (base for item in facts.classes if item.name == made for base in item.bases)
    is_pickler = any(name.endswith("Pickler") for name in (made, *bases))
    return call.name in _PICKLING or (is_pickler and last in ("dump", "dumps"))


def pickled(project: Project, facts: Facts, call: Invocation) -> str:
    """What a call pickles of the own code by its name; '' for nothing that is known."""
    if call.name.rpartition(".")[2] == "Process":
        target = dict(call.keywords).get("target")
        return _own(project, facts, call, target) if _starts_anew(project, facts) else ""
    return _own(project, facts, call, call.first) if sends(project, facts, call) else ""


def meant(term: Term) -> Iterator[str]:
    """The names of what an argument is, calls, or holds."""
    given = (term.name, term.called, *term.parts) if term.called != "vars" else ("self.__dict__",)
    return filter(None, given)


def own_object(project: Project, facts: Facts, owner: str, name: str) -> str:
    """A name, if it stands for an own function or class, or for an attribute with an own object."""
    if name == "self":
        return name
    if name == "self.__dict__":
        return next(_own_attributes(project, facts, owner), "")
    if name.startswith("self."):
        return _made_of(project, facts, f"{owner}.{name}")
    found = definition_of(project.sources, own_name(facts, name))
    is_own = found is not None and is_internal(project, found[0]) and _is_defined(project, *found)
    return name if is_own else ""


def _own(project: Project, facts: Facts, call: Invocation, term: Term | None) -> str:
    """The own function, class or object that an argument is."""
    if term is None:
        return ""
    if term.name.startswith("self.") and not pickles(facts, call):
        return term.name if _is_method(project, facts, call.spot.owner, term.name) else ""
    if any(own_object(project, facts, call.spot.owner, name) for name in meant(term)):
        return term.shown
    if last_part(facts, term.called) == "partial":
        return next(_named(facts, term), "")
    return ""


def _is_method(project: Project, facts: Facts, owner: str, name: str) -> bool:
    bodies = project.sources.details(facts).bodies
    return any((body.owner, f"self.{body.name}") == (owner, name) for body in bodies)


def _own_attributes(project: Project, facts: Facts, owner: str) -> Iterator[str]:
    """The attributes with objects of own classes that a class keeps."""
    names = {item.name for item in project.sources.details(facts).made}
    ours = sorted(name for name in names if name.startswith(f"{owner}.self."))
    return filter(None, (_made_of(project, facts, name) for name in ours))


def _made_of(project: Project, facts: Facts, name: str) -> str:
    """An attribute that holds an object of an own class, as it is written; '' for any other."""
    for item in project.sources.details(facts).made:
        found = definition_of(project.sources, own_name(facts, item.called)) if item.name == name else None
        if found is not None and is_internal(project, found[0]) and _is_defined(project, *found):
            return name.partition(".")[2]
    return ""


def _named(facts: Facts, term: Term) -> Iterator[str]:
    own = {item.name for item in facts.bindings if item.kind in ("function", "class")}
    return (name for name in term.names if name in own)


def _is_defined(project: Project, module: str, name: str) -> bool:
    """Whether a module has a function or class of the name."""
    facts = project.sources.facts(module)
    found = facts.bindings if facts is not None else ()
    return any(item.name == name and item.kind in ("function", "class") for item in found)


def _has_pool(project: Project, facts: Facts) -> bool:
    calls = project.sources.details(facts).invocations
    names = (call.name for call in calls)
    return any(name.rpartition(".")[2] in _PROCESS_POOLS and ".dummy." not in name for name in names)


def _starts_anew(project: Project, facts: Facts) -> bool:
    """Whether the file asks for processes that begin without what this one has."""
    calls = project.sources.details(facts).invocations
    asked = (call.first for call in calls if call.name.endswith(("get_context", "set_start_method")))
    return any(term is not None and term.string in _OTHER_STARTS for term in asked)
