"""Where in a model the object lies that pickle refuses, and the rule that says what to do.

torch.package pickles in Python (2.13, ``torch/package/_package_pickler.py``: a ``pickle._Pickler``). So the
frames below its error hold every object on the way from the model to the one that failed.
"""

from __future__ import annotations

import inspect
import io
import pickle
import types
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_PICKLER: Any = pickle._Pickler
_IN_MODULES: Final = frozenset({"_modules", "_parameters", "_buffers"})
_SOLE: Final = ".sole_model"
_LONGEST: Final = 300
_WRAPPERS: Final = (types.MethodType, staticmethod, classmethod)


@dataclass(frozen=True, slots=True)
class Culprit:
    """An object that cannot be pickled.

    Attributes:
        path: the attributes that lead to it, for example ``model.layer2.lock``.
        what: what it is, in words.
        rule: the code of the rule whose page tells more.
    """

    path: str
    what: str
    rule: str

    @property
    def advice(self) -> str:
        """The end of a message about it."""
        return f"{self.path} is {self.what}: `nequip-lint rule {self.rule}` tells what to do"


def culprit(error: BaseException, name: str) -> Culprit | None:
    """The object for which pickling in Python failed.

    Args:
        error: as it was caught.
        name: what the outermost object is called.

    Returns:
        ``None`` if the error does not come from a pickler in Python.
    """
    chain = list(_pickled(error))
    if not chain:
        return None
    last = chain[-1]
    if isinstance(last, type) and len(chain) > 1 and type(chain[-2]) is last:
        return Culprit(_path(name, chain[:-1]), f"an object of the class {last.__qualname__}", "NQ405")
    return Culprit(_path(name, chain), _described(last), _rule(last, error))


def culprit_in(obj: object, name: str) -> Culprit | None:
    """The first object below ``obj`` that cannot be pickled; tensors are not looked into."""
    try:
        _Probe(io.BytesIO(), 4).dump(obj)
    except Exception as error:
        return culprit(error, name)
    return None


class _Probe(_PICKLER):  # type: ignore[misc]
    def persistent_id(self, obj: object) -> str | None:
        import torch

        return "" if isinstance(obj, (torch.Tensor, torch.UntypedStorage, torch.TypedStorage)) else None


def _pickled(error: BaseException) -> Iterator[Any]:
    """The objects that were being pickled when the error came, the outermost first."""
    frames = error.__traceback__
    while frames is not None:
        if frames.tb_frame.f_code is _PICKLER.save.__code__:
            yield frames.tb_frame.f_locals["obj"]
        frames = frames.tb_next


def _path(name: str, chain: Sequence[Any]) -> str:
    steps: list[str] = []
    state: object = None
    for holder, held in pairwise(chain):
        if isinstance(holder, Mapping):
            key = next((key for key, value in holder.items() if value is held), None)
            of_module = holder is state and key in _IN_MODULES
            if key is not None and not of_module:
                steps.append(_step(key) if holder is state else f"[{key!r}]")
            state = held if of_module else None
        elif isinstance(holder, (list, tuple)) and holder is not state:
            steps.append(f"[{next(index for index, value in enumerate(holder) if value is held)}]")
        else:
            steps += _attribute(holder, held)
            state = held if isinstance(held, (dict, tuple)) else None
    path = name + "".join(steps).removeprefix(_SOLE)
    return path if len(path) <= _LONGEST else f"{path[: _LONGEST // 2]}...{path[-_LONGEST // 2 :]}"


def _step(key: object) -> str:
    """How a part of a module is reached: by its name, or by its place in a container of modules."""
    text = str(key)
    return f".{text}" if text.isidentifier() else f"[{text}]" if text.isdecimal() else f"[{text!r}]"


def _attribute(holder: object, held: object) -> list[str]:
    """The attribute by which something is held that is not in the state of its holder."""
    own = vars(holder) if hasattr(holder, "__dict__") and not isinstance(holder, type) else {}
    return [f".{name}" for name, value in own.items() if value is held][:1]


def _described(obj: object) -> str:
    if inspect.ismodule(obj):
        return f"the module {obj.__name__}"
    if isinstance(obj, type):
        return f"the class {obj.__qualname__}"
    if inspect.isroutine(obj) and not isinstance(obj, _WRAPPERS):
        return f"the function {obj.__qualname__}"
    kind = type(obj)
    home = "" if kind.__module__ == "builtins" else f"{kind.__module__}."
    return f"an object of the type {home}{kind.__qualname__}"


def _rule(obj: object, error: BaseException) -> str:
    import torch

    if isinstance(obj, type):
        return "NQ405"
    if isinstance(obj, (torch.nn.Module, torch.jit.ScriptFunction, torch.ScriptObject)):
        return "NQ403" if "__reduce_package__" not in str(error) else "NQ406"
    if inspect.isfunction(obj):
        return "NQ401"
    own = getattr(type(obj), "__getattr__", None)
    return "NQ402" if own is None or "cannot pickle" in str(error) else "NQ406"
