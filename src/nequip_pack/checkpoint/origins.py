"""The files that a fine-tuned model started from: where the checkpoint says they are, and where they are now.

The checkpoint of a fine-tuned model loads only where these can be read. It names them by path. Only a package
that ``nequip_pack.ModelFromPackage`` loaded for the training has left its hash too.
"""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Final

from nequip_pack.checkpoint.configuration import mappings
from nequip_pack.errors import InputError, UsageError
from nequip_pack.format.sniff import DOWNLOAD, Kind, is_model_id, sniff
from nequip_pack.load.origin import KEY, check_unchanged, content_hash, moved_to

if TYPE_CHECKING:
    from nequip_pack.checkpoint.header import Header

OPTION: Final = "--origin"
KEYS: Final = {"package_path": Kind.PACKAGE, "checkpoint_path": Kind.CHECKPOINT}
"""The arguments of nequip's and our loaders by which a model is read from a file, and what that is."""
_ROLES: Final = {Kind.PACKAGE: "package", Kind.CHECKPOINT: "checkpoint"}


def moved(header: Header, given: Path | None) -> dict[str, str]:
    """The place now by the place in the checkpoint, if the user says that it is another."""
    return {} if given is None else {place: str(given.absolute()) for place in _found(header)}


def check_origins(path: Path, header: Header, given: Path | None) -> None:
    """Check that what a fine-tuned model started from is there and unchanged.

    Args:
        path: the checkpoint.
        header: of the checkpoint.
        given: where that file lies now, instead of where the checkpoint says.

    Raises:
        InputError: if the file is not there, not what it should be, or has changed since the training.
        UsageError: if ``given`` answers no question.
    """
    found = _found(header)
    trained_on = next((value for key, value in header.state.items() if key.endswith(f".{KEY}")), None)
    if given is not None:
        _check_given(given, _only(path, found), trained_on)
        return
    for place, kind in found.items():
        if not Path(place).is_file():
            raise _not_there(path, place, trained_on)
        sniff(Path(place), _ROLES[kind])
        if kind is Kind.PACKAGE and trained_on is not None:
            check_unchanged(Path(place), trained_on, content_hash(Path(place)))


def _found(header: Header) -> dict[str, Kind]:
    """The files that the model's configuration names, whatever is made of them, with their kind."""
    config = header.info["training_module"].get("model")
    named = ((key, mapping.get(key)) for mapping in mappings(config) for key in KEYS)
    return {place: KEYS[key] for key, place in named if isinstance(place, str)}


def _only(path: Path, found: Mapping[str, Kind]) -> Kind:
    if len(found) == 1:
        return next(iter(found.values()))
    started = f"from several files: {', '.join(found)}" if found else "from no other file"
    what = f"{OPTION} tells nothing here: the model started {started}"
    raise UsageError(what, where=path, remedy=f"leave {OPTION} out")


def _check_given(given: Path, kind: Kind, trained_on: object) -> None:
    """Whether a file from ``--origin`` is of the kind and, as far as that is known, the very file."""
    role = _ROLES[kind]
    if (other := sniff(given, role)) is not kind:
        what = f"this is {other.value}, but the model started from a {role}"
        raise InputError(what, where=given, remedy=f"check {OPTION}")
    if kind is Kind.PACKAGE and trained_on is not None:
        check_unchanged(given, trained_on, content_hash(given))
        return
    text = f"{given} is taken for the {role} that the model started from: the checkpoint keeps no hash of it"
    warnings.warn(text, stacklevel=2)


def _not_there(path: Path, place: str, trained_on: object) -> InputError:
    """The error for a file that is gone: by its hash it may be found under another name."""
    if is_model_id(place):
        what = f"the model started from {place}, which is the id of a model on nequip.net, not a file"
        return InputError(what, where=path, remedy=f"{DOWNLOAD}, with {OPTION} FILE")
    what = f"the model started from {place}, which is not there"
    same = moved_to(trained_on, (Path(place).parent, path.parent))
    if same is not None:
        return InputError(what, where=path, remedy=f"{same} is the same package: give {OPTION} {same}")
    remedy = f"say with {OPTION} FILE where it lies now, or put it back"
    return InputError(what, where=path, remedy=remedy)
