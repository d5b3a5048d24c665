"""A training configuration, composed by Hydra as ``nequip-train`` composes it. Imports hydra, not nequip."""

from __future__ import annotations

import contextlib
import difflib
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from nequip_pack.checkpoint.failures import causes
from nequip_pack.errors import EnvironmentLacksError, NequipPackError, UsageError
from nequip_pack.rehearsal.arguments import PACKAGE, Arguments, require_hydra

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

_JOB: Final = "train"
"""The name that Hydra gives to nequip's script."""
_HYDRA: Final = "hydra"


@dataclass(frozen=True, slots=True)
class Composition:
    """A composed configuration.

    Attributes:
        path: the file that it came from, for messages.
        config: what ``nequip-train`` is given, a ``DictConfig``; interpolations are not resolved.
        hydra: the same with Hydra's own section, which ``${hydra:...}`` asks.
    """

    path: Path
    config: Any
    hydra: Any

    @contextlib.contextmanager
    def at_hand(self) -> Iterator[None]:
        """Within, ``${hydra:...}`` is answered from this configuration; no folder is made."""
        from hydra.core.hydra_config import HydraConfig
        from omegaconf import OmegaConf, open_dict, read_write

        instance = HydraConfig.instance()
        before = instance.cfg
        instance.set_config(self.hydra)
        try:
            with _explained(self.path, "hydra.run.dir"):
                folder = Path(str(OmegaConf.select(self.hydra, "hydra.run.dir")))
            with read_write(self.hydra.hydra.runtime), open_dict(self.hydra.hydra.runtime):
                self.hydra.hydra.runtime.output_dir = str(folder.absolute())
            instance.set_config(self.hydra)
            yield
        finally:
            instance.cfg = before

    def checkpoint(self) -> Path | None:
        """The checkpoint that the training goes on from (``ckpt_path``), if it does.

        Raises:
            UsageError: if an interpolation is wrong.
        """
        if "ckpt_path" not in self.config.keys():  # noqa: SIM118  # `in` would resolve it
            return None
        with self.at_hand(), _explained(self.path, "ckpt_path"):
            given = self.config.get("ckpt_path")
            return None if given is None else Path(given)

    def resolved(self, section: str) -> Any:
        """A section as plain Python values, its interpolations resolved. Call it with :meth:`at_hand`.

        Raises:
            UsageError: if an interpolation is wrong.
            EnvironmentLacksError: if a resolver cannot answer on this machine.
        """
        from omegaconf import OmegaConf

        with _explained(self.path, section):
            value = self.config[section]
            return OmegaConf.to_container(value, resolve=True) if OmegaConf.is_config(value) else value


def composed(given: Arguments) -> Composition:
    """Compose a configuration.

    Raises:
        UsageError: with Hydra's reason, if it does not compose.
    """
    require_hydra()
    from hydra.types import RunMode

    with _hydra(given) as hydra:
        try:
            config = hydra.compose_config(given.name, list(given.overrides), RunMode.RUN, from_shell=True)
        except Exception as error:  # of hydra, omegaconf, yaml, antlr
            raise _refused(given, error) from error
    if config.hydra.mode is RunMode.MULTIRUN:
        what = "hydra.mode=MULTIRUN starts several trainings"
        raise UsageError(what, where=given.path, remedy="rehearse one of them")
    return _split(given.path, config)


def of_mapping(content: Mapping[str, Any]) -> Composition:
    """A configuration that is composed already."""
    require_hydra()
    from hydra.types import RunMode
    from omegaconf import OmegaConf, open_dict

    with _hydra(Arguments(str(Path.cwd()), "", None, ())) as hydra:
        config = hydra.compose_config(None, [], RunMode.RUN)
    given: Any = content if OmegaConf.is_config(content) else OmegaConf.create(dict(content))
    with open_dict(config):
        for key, value in given.items_ex(resolve=False):
            if key != _HYDRA:
                config[key] = value
    return _split(Path("the configuration"), config)


def _split(path: Path, config: Any) -> Composition:
    import copy

    from omegaconf import open_dict

    task = copy.deepcopy(config)
    with open_dict(task):
        del task[_HYDRA]
    return Composition(path, task, config)


@contextlib.contextmanager
def _hydra(given: Arguments) -> Iterator[Any]:
    """Hydra for this configuration, as ``hydra.main(version_base=None, ...)`` sets it up; then as it was."""
    from hydra import version
    from hydra._internal.hydra import Hydra
    from hydra._internal.utils import create_config_search_path
    from hydra.core.config_search_path import SearchPathQuery
    from hydra.core.global_hydra import GlobalHydra

    version.setbase(None)
    search = create_config_search_path(given.folder)
    if given.extra is not None:
        search.prepend("command-line", f"file://{given.extra}", SearchPathQuery(provider="schema"))
    instance = GlobalHydra.instance()
    before = instance.hydra
    instance.clear()
    try:
        yield Hydra.create_main_hydra2(_JOB, search)
    finally:
        instance.hydra = before


def _refused(given: Arguments, error: Exception) -> UsageError:
    if not given.folder.startswith(PACKAGE) and given.extra is None and not given.path.is_file():
        return _absent(given.path)
    why = "; ".join(dict.fromkeys(_reasons(error)))
    return UsageError("the configuration does not compose", where=given.path, why=why)


def _absent(path: Path) -> UsageError:
    """There is no such configuration: what to give instead."""
    if not path.parent.is_dir():
        return UsageError("there is no such folder", where=path.parent, remedy="check -cp")
    names = sorted(file.stem for file in path.parent.glob("*.yaml"))
    close = difflib.get_close_matches(path.stem, names, 1)
    remedy = (
        f"check -cn; there are: {', '.join(names)}" if names else "give its folder (-cp) and its name (-cn)"
    )
    remedy = f"did you mean -cn {close[0]}?" if close else remedy
    return UsageError("there is no such configuration", where=path, remedy=remedy)


def _reasons(error: Exception) -> Iterator[str]:
    """The first paragraph of an error, which tells what to do, and the first lines of what caused it."""
    first, *others = (str(cause).strip() for cause in causes(error))
    yield " ".join(first.partition("\n\n")[0].split()).rstrip(".")
    yield from (other.partition("\n")[0] for other in others if other)


@contextlib.contextmanager
def _explained(path: Path, section: str) -> Iterator[None]:
    """Turn what resolving raises into one line."""
    from omegaconf.errors import OmegaConfBaseException

    try:
        yield
    except Exception as error:
        for cause in causes(error):
            if isinstance(cause, NequipPackError):
                raise cause from error
        why = str(error).partition("\n")[0]
        if all(isinstance(cause, OmegaConfBaseException) for cause in causes(error)):
            what = f"an interpolation in {section} cannot be resolved"
            raise UsageError(what, where=path, why=why) from error
        what = f"a resolver in {section} cannot answer on this machine"
        raise EnvironmentLacksError(what, where=path, why=why) from error


def overridden(path: Path, overrides: Sequence[str]) -> Composition:
    """The configuration in a file, with overrides."""
    whole = path.absolute()
    if not whole.is_file():
        raise UsageError("there is no such configuration file", where=path, remedy="check the path")
    return composed(Arguments(str(whole.parent), whole.name, None, tuple(overrides)))
