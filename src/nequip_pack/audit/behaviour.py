"""What source of unknown origin does beyond computing, and what pickles make known source do."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import TYPE_CHECKING, Final

from nequip_pack.audit.findings import Finding, Level, eyes, refuse
from nequip_pack.audit.source import Source
from nequip_pack.audit.tables import CHANGE, Effect, effect_at_load, effect_of

if TYPE_CHECKING:
    from nequip_lint.api import Use

_KIND: Final = "behaviour"
_WHEN: Final = {
    "load": "when this file is loaded",
    "forward": "when the model is used",
    "other": "if it is called",
}
Name = tuple[str, str]


def deeds(source: Source, modules: Collection[str], made: Collection[Name]) -> Iterator[Finding]:
    """What source of unknown origin does, one finding for each function and kind of deed.

    Args:
        source: the source in the package.
        modules: those of unknown origin.
        made: the classes that pickles call, constructors included.
    """
    for module in sorted(modules):
        if problem := source.code.facts[module].problem:
            yield refuse(
                _KIND, source.members[module], f"cannot be read, so that nobody knows what it does: {problem}"
            )
    found: dict[tuple[str, str, str], tuple[Use, Effect]] = {}
    for use in source.uses.of(modules, made):
        effect = _effect(use, source)
        key = (use.module, use.function, effect.kind if effect else "")
        if effect is not None and (key not in found or _weight(use, effect) > _weight(*found[key])):
            found[key] = (use, effect)
    at_load = {(use.module, effect.kind) for use, effect in found.values() if use.when.value == "load"}
    for use, effect in found.values():
        level = _level(use, effect)
        if effect.kind == "computed" and (use.module, "hidden") in at_load:
            level = Level.REFUSE
        where = f"in {use.function}" if use.function else "in the code of the module"
        what = f"{_WHEN[use.when.value]}, {use.name} {where} {effect.does}"
        yield Finding(level, _KIND, source.members[use.module], what, use.line)


def _effect(use: Use, source: Source) -> Effect | None:
    if use.when.value != "load":
        return effect_of(use.name)
    return CHANGE if use.is_set else effect_at_load(use.name, source.imported(use.module))


def reached_by_pickles(
    source: Source, called: Mapping[Name, str], named: Mapping[Name, str]
) -> Iterator[Finding]:
    """What functions and classes of the package do that pickles call, make or hand on, whatever their origin.

    Bytes of pickles are followed already, so that unpickling these is no deed.

    Args:
        source: the source in the package.
        called: what pickles call, with their member.
        named: what they name, with their member.
    """
    for (module, name), member in sorted(named.items()):
        kind = source.kind(module, name)
        worst = _worst(source, module, name, is_called=(module, name) in called or kind == "function")
        if not kind or worst is None:
            continue
        use, effect = worst
        comes = f"comes to {use.name}, which {effect.does}"
        places = (f"{source.members[use.module]}:{use.line}",)
        if (module, name) in called:
            what = f"calling {module}.{name}, as this file asks for, {comes}"
            yield refuse(_KIND, member, what, details=places)
        elif kind == "class":
            what = f"making {module}.{name}, as this file asks for, {comes}"
            yield refuse(_KIND, member, what, details=places)
        elif kind == "function":
            yield eyes(
                _KIND,
                member,
                f"if {module}.{name} is called, which this file names, it {comes}",
                details=places,
            )


def _worst(source: Source, module: str, name: str, *, is_called: bool) -> tuple[Use, Effect] | None:
    uses = source.uses.led_to(module, name, called=is_called)
    effects = ((use, effect) for use in uses if (effect := effect_of(use.name)) is not None)
    return next((one for one in effects if one[1].refused and one[1].kind != "unpickle"), None)


def _weight(use: Use, effect: Effect) -> tuple[Level, bool, int]:
    return _level(use, effect), use.when.value == "forward", len(use.name)


def _level(use: Use, effect: Effect) -> Level:
    return Level.REFUSE if effect.refused and use.when.value == "load" else Level.EYES
