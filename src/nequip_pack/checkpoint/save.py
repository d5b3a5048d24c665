"""Write a plain checkpoint. Needs torch, and neither nequip nor e3nn."""

from __future__ import annotations

import contextlib
import os
import warnings
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from nequip_pack.checkpoint.header import read_content
from nequip_pack.checkpoint.plain import KEY, VERSION
from nequip_pack.errors import ModelError, UsageError
from nequip_pack.writing.publication import publishing
from nequip_pack.writing.sink import Sink
from nequip_pack.writing.storages import reproducible_pickles
from nequip_pack.writing.unpicklable import culprit_in

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nequip_pack.writing.draft import Draft

_MAIN: Final = "__main__"
_PROTOCOL: Final = 4
"""Older ones write the module names of Python 2."""
_PACKAGED: Final = "<torch_package_"


def save_checkpoint(
    model: Any,
    path: str | os.PathLike[str],
    *,
    example_data: Any,
    type_names: Iterable[str] = (),
    cutoff: float | None = None,
    arguments: Mapping[str, Any] | None = None,
    state_dict: Mapping[str, Any] | None = None,
) -> None:
    """Save a torch module as a plain checkpoint, from which ``nequip-pack build`` makes a package.

    Args:
        model: a module; or, with ``arguments``, its builder: a class or function that returns the module. A
            builder is called anew for every compile mode, and is told the mode if it takes ``compile_mode``.
            A module, and a builder that does not take it, can be packaged in the eager mode only.
        path: where to write; a file that is there stays as it was unless everything went well.
        example_data: one input. A tensor is the model's only argument, a tuple or list of tensors holds all
            of them, and a mapping of names to tensors is the only argument, as models of nequip take it
            (``pos`` (atoms, 3), ``edge_index`` (2, edges), ``atom_types`` (atoms,), ...).
        type_names: the atom types in the order of their indices; none for a model without atoms.
        cutoff: the cutoff radius in the length unit of the data.
        arguments: keyword arguments of the builder.
        state_dict: the weights of what the builder makes, for example of the trained module; without them
            those of a module that is built now.

    Raises:
        UsageError: if an argument is of a wrong kind, there is no such folder, or the model is defined where
            no build can import it.
        ModelError: if the builder fails, or the model cannot be pickled.
        OutputError: if the file could not be written.
    """
    with publishing(Path(path), suffix="") as publication:
        content = {
            KEY: VERSION,
            **_model(model, arguments, state_dict),
            "example_data": _example(example_data),
            "type_names": _type_names(type_names),
            "cutoff": None if cutoff is None else float(cutoff),
        }
        publication.publish(
            lambda draft: _save(content, draft),
            lambda draft, size, _: _check_importable(read_content(draft).modules),
        )


def _model(
    model: Any, arguments: Mapping[str, Any] | None, state_dict: Mapping[str, Any] | None
) -> dict[str, Any]:
    import torch

    if isinstance(model, torch.nn.Module):
        if arguments is not None or state_dict is not None:
            raise UsageError("arguments and state_dict belong to a builder, but a module was given")
        kind = type(model)
        return {"entry": _entry(kind), "builder": False, "model": model, "arguments": {}, "state_dict": None}
    if not callable(model):
        raise UsageError(f"the model is a {type(model).__name__}, neither a torch module nor a builder")
    entry, given = _entry(model), dict(arguments or {})
    state = _built(model, given).state_dict() if state_dict is None else dict(state_dict)
    return {"entry": entry, "builder": True, "model": model, "arguments": given, "state_dict": state}


def _entry(defined: Any) -> str:
    """``module:name`` of a class or function, if another process can find it under that name."""
    name = getattr(defined, "__qualname__", "")
    if not name or "<" in name:
        what = f"{name or type(defined).__name__} is not defined at the top level of a module"
        raise UsageError(what, remedy="give a class or function that can be imported, and its arguments")
    _check_importable({defined.__module__})
    return f"{defined.__module__}:{name}"


def _check_importable(modules: Iterable[str]) -> None:
    for module in modules:
        if module == _MAIN:
            what = "the model has classes or functions that are defined in the running script (__main__)"
            raise UsageError(what, remedy="move them to a module of their own and import it")
        if module.startswith(_PACKAGED):
            what = "the model was loaded from a package, whose code is nowhere to import"
            remedy = "build the model from source and load the state_dict of the packaged one into it"
            raise UsageError(what, remedy=remedy)


def _built(builder: Callable[..., Any], arguments: Mapping[str, Any]) -> Any:
    import torch

    try:
        model = builder(**arguments)
    except Exception as error:
        raise ModelError("the builder fails", why=f"{type(error).__name__}: {error}") from error
    if not isinstance(model, torch.nn.Module):
        raise UsageError(f"the builder returns a {type(model).__name__} instead of a torch module")
    return model


def _example(data: Any) -> Any:
    """The example data on the CPU, without gradients."""
    if isinstance(data, Mapping):
        return {_name(key): _tensor(value) for key, value in data.items()}
    if isinstance(data, (tuple, list)):
        return tuple(_tensor(value) for value in data)
    return _tensor(data)


def _name(key: object) -> str:
    if not isinstance(key, str):
        raise UsageError(f"example_data has the key {key!r}, which is no string")
    return key


def _tensor(value: Any) -> Any:
    import torch

    if not isinstance(value, torch.Tensor):
        what = f"example_data holds a {type(value).__name__}"
        raise UsageError(what, remedy="give a tensor, a tuple of tensors, or a mapping of names to tensors")
    return value.detach().cpu().clone()


def _type_names(names: Iterable[str]) -> list[str]:
    if isinstance(names, str):
        raise UsageError(f"type_names={names!r} is a bare string", remedy=f"write [{names!r}]")
    listed = list(names)
    if not all(isinstance(name, str) for name in listed) or len(set(listed)) != len(listed):
        raise UsageError(f"type_names={listed!r} must hold different strings")
    return listed


@contextlib.contextmanager
def _pickling(target: Path, content: Mapping[str, Any]) -> Iterator[None]:
    with warnings.catch_warnings(), reproducible_pickles():
        warnings.filterwarnings("ignore", message="TypedStorage is deprecated")
        try:
            yield
        except Exception as error:
            why = f"{type(error).__name__}: {error}"
            found = culprit_in(content["model"], "model")
            remedy = found.advice if found else ""
            raise ModelError("the model cannot be pickled", where=target, why=why, remedy=remedy) from error


def _save(content: Mapping[str, Any], draft: Draft) -> None:
    import torch

    sink = Sink(draft.stream)
    with _pickling(draft.target, content):
        torch.save(content, sink, pickle_protocol=_PROTOCOL)
    draft.needed = sink.size
    sink.check()
