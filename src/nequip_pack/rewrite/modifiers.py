"""Modifiers: class methods of a model's modules that a package offers for changing the model.

They are marked by attributes that nequip's ``model_modifier`` sets (``nequip/nn/model_modifier_utils.py``); a
package has its own copy of that code, so only the attributes are looked at and nequip is not needed.
"""

from __future__ import annotations

import inspect
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from nequip_pack.errors import ModelError, NequipPackError, UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

_PERSISTENT: Final = "_nequip_model_modifier_is_persistent"
_PRIVATE: Final = "_nequip_model_modifier_is_private"


@dataclass(frozen=True, slots=True)
class Modifier:
    """One public modifier; a persistent one changes what the model computes, and can be packaged."""

    name: str
    persistent: bool
    doc: str
    apply: Any


@dataclass(frozen=True, slots=True)
class Wanted:
    """A modifier to apply: its ``name`` and keyword arguments."""

    name: str
    arguments: Mapping[str, Any]


def public_modifiers(model: Any) -> dict[str, Modifier]:
    """The public modifiers of a module and all modules below it, by name."""
    found = {}
    for module in model.modules():
        for name in dir(type(module)):
            method = inspect.getattr_static(type(module), name, None)
            if not isinstance(method, classmethod) or not hasattr(method.__func__, _PERSISTENT):
                continue
            function = method.__func__
            if not getattr(function, _PRIVATE, False):
                persistent = bool(getattr(function, _PERSISTENT))
                doc = inspect.getdoc(function) or ""
                found[name] = Modifier(name, persistent, doc, getattr(module, name))
    return dict(sorted(found.items()))


def apply_modifiers(models: Any, wanted: Sequence[Wanted], where: Path) -> None:
    """Apply persistent modifiers, in this order, to every model of a ``ModuleDict``.

    Raises:
        UsageError: for a modifier that the model does not have or that is not persistent, or wrong arguments.
        ModelError: if one fails.
    """
    for item in wanted:
        for key, model in list(models.items()):
            modifier = _persistent(model, item.name, where)
            _check_arguments(modifier, item, where)
            try:
                changed = modifier.apply(model, **item.arguments)
            except NequipPackError:
                raise
            except Exception as error:
                why = f"{type(error).__name__}: {error}"
                raise ModelError(f"the modifier {item.name} failed", where=where, why=why) from error
            models[key] = model if changed is None else changed


def _persistent(model: Any, name: str, where: Path) -> Modifier:
    known = public_modifiers(model)
    usable = ", ".join(item.name for item in known.values() if item.persistent) or "none"
    if name not in known:
        raise UsageError(f"the model has no public modifier {name}", where=where, why=f"persistent: {usable}")
    if not known[name].persistent:
        what = f"the modifier {name} is not persistent, so it cannot be packaged"
        raise UsageError(what, where=where, why=f"persistent: {usable}")
    return known[name]


def _check_arguments(modifier: Modifier, wanted: Wanted, where: Path) -> None:
    try:
        inspect.signature(modifier.apply).bind(None, **wanted.arguments)
    except TypeError as error:
        what = f"the modifier {wanted.name} does not take these arguments"
        raise UsageError(what, where=where, why=str(error)) from error
