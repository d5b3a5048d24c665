"""Plain checkpoints as a source of models. torch and the model's code are imported after the checks."""

from __future__ import annotations

import importlib
import inspect
import sys
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from nequip_pack.checkpoint import example
from nequip_pack.checkpoint.failures import loading
from nequip_pack.checkpoint.loaded import LoadedModels
from nequip_pack.checkpoint.missing import of_script
from nequip_pack.checkpoint.own_code import own_patterns, settled
from nequip_pack.checkpoint.plain import PlainHeader
from nequip_pack.errors import EnvironmentLacksError, ModelError, NequipPackError, UsageError
from nequip_pack.installed import how_to_install, installed_version, is_installed
from nequip_pack.load import serial
from nequip_pack.modes import EAGER, compile_modes, plain_modes
from nequip_pack.registry import Patterns, registered

if TYPE_CHECKING:
    from pathlib import Path

SOLE: Final = "sole_model"
PLAIN: Final = "plain"
_MODE: Final = "compile_mode"


@dataclass(frozen=True, slots=True)
class PlainSource:
    """A checkpoint of :func:`nequip_pack.save_checkpoint`, and where its example data comes from.

    Attributes:
        path: the checkpoint.
        header: what was read of it without torch.
        example_data: a ``.pt`` file instead of the checkpoint's own example data.
        folders: folders of owned code, from ``--source``.
    """

    path: Path
    header: PlainHeader
    example_data: Path | None
    folders: tuple[Path, ...] = ()

    @property
    def default_mode(self) -> str:
        """The eager model alone."""
        return EAGER

    def check(self) -> None:
        """Whether torch and every package that the checkpoint names are here, and the example data file."""
        for module in ("torch", *sorted(self.header.modules)):
            top = module.partition(".")[0]
            if top == "__main__":
                raise of_script(self.path, "something")
            if top not in sys.stdlib_module_names and not is_installed(top):
                what = f"the checkpoint needs {top}, which cannot be imported here"
                remedy = f"{how_to_install(top)}, or put its folder on PYTHONPATH"
                raise EnvironmentLacksError(what, where=self.path, remedy=remedy)
        if self.example_data is not None:
            example.check_file(self.example_data)

    def imports(self) -> tuple[str, ...]:
        """The internal modules that the checkpoint names, the model's own first, as a load imports them."""
        intern, own = self._declared().intern, self.header.entry_module
        return tuple(
            module
            for module in sorted(self.header.modules, key=lambda module: (module != own, module))
            if any(module == name or module.startswith(f"{name}.") for name in intern)
        )

    def patterns(self) -> Patterns:
        """What the projects of the code declare, with what the code registered when it was imported."""
        for module in self.imports():
            with loading(self.path, f"module {module}"):
                importlib.import_module(module)
        return settled(self._declared().union(registered()))

    def modes(self, mode: str) -> tuple[str, ...]:
        """The compile modes of a packaging mode that the model's code registered, or of ``eager``."""
        return compile_modes(mode, plain_modes(), " for this plain checkpoint")

    def load(self, modes: tuple[str, ...]) -> LoadedModels:
        """Load the model, or build it anew for each mode; on the CPU, in evaluation mode.

        Raises:
            UsageError: if a mode other than the eager one is asked of a model that has none.
            ModelError: if the model does not load.
            InputError: if the example data file cannot be read.
        """
        from torch.package import sys_importer

        content = self._content()
        data = content["example_data"]
        if self.example_data is not None:
            data = example.tensors_from_file(self.example_data)
        models = {mode: self._model(content, mode) for mode in modes}
        intern = self.patterns().intern
        return LoadedModels(
            models=models,
            example_data=data,
            type_names=self.header.type_names,
            config=_config(self.header, content["arguments"]),
            versions=_versions(("torch", *intern)),
            importers=(sys_importer,),
            model_dtype=_dtype(models[EAGER]),
            cutoff=self.header.cutoff,
            checkpoint=PLAIN,
        )

    def _declared(self) -> Patterns:
        return own_patterns(self.header, self.folders)

    def _content(self) -> Mapping[str, Any]:
        import torch

        with loading(self.path, "model"), serial.loading():
            content: Mapping[str, Any] = torch.load(self.path, map_location="cpu", weights_only=False)
        return content

    def _model(self, content: Mapping[str, Any], mode: str) -> Any:
        import torch

        model = content["model"]
        if self.header.builder:
            model = self._build(model, content, mode)
        elif mode != EAGER:
            what = f"the checkpoint holds a module, which has no {mode!r} form"
            raise UsageError(what, where=self.path, remedy="save a builder that takes compile_mode")
        return torch.nn.ModuleDict({SOLE: model}).to("cpu").eval()

    def _build(self, builder: Callable[..., Any], content: Mapping[str, Any], mode: str) -> Any:
        arguments = dict(content["arguments"])
        if _takes_mode(builder):
            arguments[_MODE] = mode
        elif mode != EAGER:
            what = f"{self.header.entry} takes no compile_mode, so that it has no {mode!r} model"
            raise UsageError(what, where=self.path, remedy="give it that parameter")
        try:
            model = builder(**arguments)
            model.load_state_dict(content["state_dict"])
        except NequipPackError:
            raise
        except Exception as error:
            why = f"{type(error).__name__}: {error}"
            raise ModelError(f"the {mode} model could not be built", where=self.path, why=why) from error
        return model


def _takes_mode(builder: Callable[..., Any]) -> bool:
    try:
        return _MODE in inspect.signature(builder).parameters
    except (TypeError, ValueError):
        return False


def _config(header: PlainHeader, arguments: Mapping[str, Any]) -> str:
    """What takes the place of a training configuration: what made the model."""
    import yaml

    kind = "builder" if header.builder else "class"
    shown = {str(name): _shown(value) for name, value in arguments.items()}
    return yaml.safe_dump({kind: header.entry, **({"arguments": shown} if header.builder else {})})


def _shown(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {str(key): _shown(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_shown(item) for item in value]
    return value if value is None or isinstance(value, (bool, int, float, str)) else str(value)


def _versions(names: Iterable[str]) -> dict[str, str | None]:
    """The versions of what was imported and is installed."""
    imported = {name: installed_version(name) for name in names if name in sys.modules}
    return {name: version for name, version in imported.items() if version is not None}


def _dtype(model: Any) -> str | None:
    """The type of all floating point weights, ``None`` if there are several or none."""
    kinds = {value.dtype for value in model.state_dict().values() if _is_floating(value)}
    return str(kinds.pop()).removeprefix("torch.") if len(kinds) == 1 else None


def _is_floating(value: Any) -> bool:
    import torch

    return isinstance(value, torch.Tensor) and value.is_floating_point()
