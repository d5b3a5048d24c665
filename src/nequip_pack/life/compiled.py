"""Run the models of other compile modes, which compiles them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from nequip_pack.causes import advice
from nequip_pack.failure import chain, described
from nequip_pack.fresh import begin
from nequip_pack.life.judged import difference
from nequip_pack.life.larger import doubled, paired, unsuitable
from nequip_pack.life.values import Seen
from nequip_pack.load.numbers import gap, reduced
from nequip_pack.load.outputs import outputs
from nequip_pack.modes import EAGER
from nequip_pack.verify.tolerance import floor, reached

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from nequip_pack.load import LoadedPackage
    from nequip_pack.load.outputs import Outputs

NO_OTHER: Final = "the package has no model of another compile mode than eager"
_NO_COMPILER: Final = "InvalidCxxCompiler"
"""What torch raises where there is no C++ compiler (2.13, `torch/_inductor/exc.py`)."""


def compiled(package: Path, loaded: LoadedPackage) -> Iterator[tuple[str, Seen]]:
    """Each model of another compile mode: it runs, on more atoms too, and gives the numbers of the eager one.

    Args:
        package: the file.
        loaded: its eager models.
    """
    modes = [mode for mode in loaded.metadata.available_models if mode != EAGER]
    if not modes:
        yield "compiled model", Seen(skipped=NO_OTHER)
    for mode in modes:
        begin(name := f"{mode} model")
        yield name, _seen(package, loaded, mode)


def _seen(package: Path, loaded: LoadedPackage, mode: str) -> Seen:
    try:
        return _run(package, loaded, mode)
    except (Exception, SystemExit) as error:
        if any(type(one).__name__ == _NO_COMPILER for one in chain(error)):
            return Seen(skipped="torch finds no C++ compiler here")
        return Seen(trouble=described(error), advice=advice(error))


def _run(package: Path, loaded: LoadedPackage, mode: str) -> Seen:
    from nequip_pack.load import ModelFromPackage

    models = ModelFromPackage(package, mode)
    dtype = str((loaded.metadata.nequip_pack or {}).get("model_dtype") or "float32")
    for data in _inputs(loaded.example_data):
        wrong = _wrong(outputs(loaded.models, data), outputs(models, data), dtype)
        if wrong:
            return Seen(trouble=f"it gives other numbers than the eager one: {'; '.join(wrong)}")
    return Seen()


def _inputs(data: Any) -> Iterator[Any]:
    """The example, and batches of two structures, because models of nequip run a single one uncompiled.

    (0.19.1, `nequip/nn/compile.py`, `CompileGraphModel.forward`.) The second batch has more atoms than the
    one for which a model is compiled.
    """
    yield data
    if not unsuitable(data) and (pair := paired(data)):
        yield pair
        yield paired(doubled(data))


def _wrong(eager: Outputs, found: Outputs, dtype: str) -> list[str]:
    """The results that differ by more than other kernels compute other numbers."""
    expected = {name: value for name, value in eager.tensors.items() if name not in eager.intermediates}
    alike = [name for name, value in expected.items() if _type(value) == _type(found.tensors.get(name))]
    gaps = {
        name: gap(*(reduced(v[name], v[name].numel()) for v in (expected, found.tensors))) for name in alike
    }
    least = floor(gaps, dtype)
    far = {name for name, one in gaps.items() if reached(one, least, dtype) is None}
    names = sorted(far | (expected.keys() - alike))
    return [difference(expected, found.tensors, name) for name in names]


def _type(value: Any) -> tuple[Any, Any] | None:
    return None if value is None else (value.dtype, value.shape)
