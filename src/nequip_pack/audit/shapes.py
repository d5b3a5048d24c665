"""Calls in pickles that are harmless with arguments of a certain form, and only with these."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

from nequip_pack.audit.names import GETATTR, name_of
from nequip_pack.audit.tables import callables, generated
from nequip_pack.pickles.nested import source
from nequip_pack.pickles.values import Global, Inert, Persistent
from nequip_pack.pickles.walk import LEAVES, objects

Arguments = tuple[Any, ...]

_FACTORIES: Final = frozenset(
    {"list", "dict", "set", "tuple", "int", "float", "complex", "bool", "str", "object"}
)
_LATIN: Final = frozenset({"latin1", "latin-1"})


def fits(call: Inert) -> bool:
    """Whether the arguments of a call have the form that makes it harmless."""
    function = call.callable
    check = _SHAPES.get((function.module, function.name)) if type(function) is Global else None
    return check is not None and not call.options and check(call.arguments)


def bound(call: Inert) -> str:
    """The class whose method Python pickled as an attribute of its object; '' for any other call.

    The object is made as unpickling makes objects; what it calls is judged where something can call it.
    """
    if name_of(call.callable) != GETATTR or len(call.arguments) != 2:
        return ""
    owner, name = call.arguments
    is_plain = type(name) is str and name.isidentifier() and not name.startswith("_")
    return str(owner.callable) if is_plain and type(owner) is Inert and owner.new else ""


def generated_source(call: Inert) -> str | None:
    """The source that unpickling a ``torch.fx.GraphModule`` runs; ``None`` where it cannot be told.

    torch runs the import block and the code as one text (2.13, ``torch/fx/graph_module.py``,
    ``reduce_graph_module``).
    """
    if len(call.arguments) != 2 or not _is_graph(call.arguments[0]) or type(call.arguments[1]) is not str:
        return None
    body = call.arguments[0]
    code = body.get("_code") or body.get("code")
    return f"{call.arguments[1]}{code}" if type(code) is str else None


def odd_names(body: Any) -> list[str]:
    """The names in what a GraphModule holds that end the text which torch puts them into.

    torch traces the source again, and then generates it anew. It takes the first name that leads to a module
    or tensor, whatever the source calls it, and writes ``getattr(self, "NAME")`` without escapes (2.13,
    ``torch/fx/graph.py``, ``_format_target``).
    """
    return [name if type(name) is str else type(name).__name__ for name in _names(body) if _is_odd(name)]


def _names(body: Any) -> Iterator[Any]:
    for value in objects(body):
        if isinstance(value, dict):
            yield from value
        elif type(value) is Inert:
            yield from (name for name, _ in value.pairs or ())


def _is_odd(name: Any) -> bool:
    if type(name) is str:
        return not name.isprintable() or '"' in name or "\\" in name
    return type(name) not in LEAVES and not (
        type(name) is tuple and all(type(part) in LEAVES for part in name)
    )


def _is_graph(body: Any) -> bool:
    """Whether this is the dictionary of a GraphModule whose tracer, if it names one, is torch's."""
    if type(body) is not dict or odd_names(body):
        return False
    tracer, name = body.get("_tracer_cls"), body.get("_graphmodule_cls_name", "GraphModule")
    is_torch = tracer is None or name_of(tracer) == ("torch.fx._symbolic_trace", "Tracer")
    is_plain = not body.get("_tracer_extras")
    return is_torch and is_plain and type(name) is str and name.isidentifier()


def _is_type(value: Any) -> bool:
    module, name = name_of(value)
    return module == "builtins" and name in _FACTORIES


def _is_text(*values: Any) -> bool:
    return all(type(value) is str for value in values)


def _is_factory(arguments: Arguments) -> bool:
    return len(arguments) == 0 or (len(arguments) == 1 and (arguments[0] is None or _is_type(arguments[0])))


def _is_bytes(arguments: Arguments) -> bool:
    if len(arguments) == 2:
        return _is_text(*arguments) and arguments[1] in _LATIN
    return not arguments or (len(arguments) == 1 and _plain_bytes(arguments[0]))


def _plain_bytes(value: Any) -> bool:
    return type(value) in (bytes, bytearray) or source(value) is not None


def _is_method(arguments: Arguments) -> bool:
    """A function or method of tensors, by its name."""
    if len(arguments) != 2 or type(arguments[1]) is not str:
        return False
    names = {
        ("torch._C", "_VariableFunctionsClass"): generated()["from"]["torch"],
        ("torch._C", "TensorBase"): generated()["attributes"]["of_tensors"],
    }.get(name_of(arguments[0]), ())
    return arguments[1] in names


def _is_reconstructed(arguments: Arguments) -> bool:
    if len(arguments) != 3 or name_of(arguments[1]) != ("builtins", "object") or arguments[2] is not None:
        return False
    allowed = callables().get(name_of(arguments[0]))
    return type(arguments[0]) is Global and (allowed is None or allowed.use == "class")


def _is_array(arguments: Arguments) -> bool:
    return (
        len(arguments) == 3 and name_of(arguments[0]) == ("numpy", "ndarray") and type(arguments[1]) is tuple
    )


def _is_dtype(arguments: Arguments) -> bool:
    return bool(arguments) and all(type(value) in (str, bool, int) for value in arguments)


def _is_scalar(arguments: Arguments) -> bool:
    return len(arguments) == 2 and type(arguments[0]) is Inert and _plain_bytes(arguments[1])


def graph_member(found: Persistent) -> str | None:
    """The member with the source of a GraphModule that is kept apart; ``None`` for anything else."""
    identifier = found.identifier
    if type(identifier) is not tuple or len(identifier) not in (3, 4) or identifier[0] != "reduce_package":
        return None
    function, arguments = identifier[-2:]
    is_graph = name_of(function) == ("torch.fx.graph_module", "reduce_package_graph_module")
    if not is_graph or type(arguments) is not tuple or len(arguments) != 2 or not _is_graph(arguments[0]):
        return None
    return f"{arguments[1].replace('.', '/')}.py" if type(arguments[1]) is str else None


_SHAPES: Final[Mapping[tuple[str, str], Callable[[Arguments], bool]]] = {
    ("collections", "defaultdict"): _is_factory,
    ("builtins", "bytes"): _is_bytes,
    ("builtins", "bytearray"): _is_bytes,
    ("builtins", "getattr"): _is_method,
    ("builtins", "type"): lambda arguments: arguments == (None,),
    ("_codecs", "encode"): _is_bytes,
    ("logging", "getLogger"): lambda arguments: len(arguments) == 1 and _is_text(*arguments),
    ("copyreg", "_reconstructor"): _is_reconstructed,
    ("torch.storage", "_load_from_bytes"): lambda arguments: len(arguments) == 1,
    ("numpy", "dtype"): _is_dtype,
    ("numpy.core.multiarray", "_reconstruct"): _is_array,
    ("numpy._core.multiarray", "_reconstruct"): _is_array,
    ("numpy.core.multiarray", "scalar"): _is_scalar,
    ("numpy._core.multiarray", "scalar"): _is_scalar,
    ("torch.fx.graph_module", "reduce_graph_module"): lambda arguments: len(arguments) == 2,
}
