"""Write a package with ``torch.package.PackageExporter``."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from nequip_pack.errors import ModelError, NequipPackError
from nequip_pack.export import collected as graph
from nequip_pack.export.keep import keep_actions, keep_files, keep_modules
from nequip_pack.export.references import predict, references
from nequip_pack.export.text import metadata_text
from nequip_pack.format.closure import MEMBER as CLOSURE
from nequip_pack.format.closure import closure_text
from nequip_pack.format.manifest import add_manifest
from nequip_pack.format.metadata import TEXT
from nequip_pack.format.records import CONFIG
from nequip_pack.format.references import MEMBER, references_text
from nequip_pack.garbage import no_collection
from nequip_pack.writing.sink import Sink
from nequip_pack.writing.storages import SharedStorages, reproducible_pickles

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from torch.package import PackageExporter

    from nequip_pack.checkpoint import LoadedModels
    from nequip_pack.gate.hooks import GateResult
    from nequip_pack.load.outputs import Outputs
    from nequip_pack.registry import Patterns
    from nequip_pack.writing.draft import Draft


@dataclass(frozen=True, slots=True)
class Exported:
    """What went into an archive.

    Attributes:
        modules: module name to action of everything that torch.package collected.
        outputs: what the eager models gave for the example data.
    """

    modules: dict[str, str]
    outputs: Outputs


def objects(loaded: LoadedModels) -> dict[str, Any]:
    """What is pickled, by the stem of its member: the example data first, as upstream does."""
    models = {f"{mode}_model": model for mode, model in loaded.models.items()}
    return {"example_data": loaded.example_data, **models, **loaded.kept.pickles}


def export_into(
    draft: Draft,
    loaded: LoadedModels,
    patterns: Patterns,
    gate: GateResult,
    generated: frozenset[str],
    where: Path,
) -> Exported:
    """Write the whole archive into a draft; the arguments and errors are those of :func:`export`."""
    sink = Sink(draft.stream)
    try:
        exported = export(loaded, patterns, gate, generated, sink, where)
        add_manifest(draft.stream)
    finally:
        draft.needed = sink.size
    return exported


def export(
    loaded: LoadedModels,
    patterns: Patterns,
    gate: GateResult,
    generated: frozenset[str],
    sink: Sink,
    where: Path,
) -> Exported:
    """Write the whole archive but its manifest into ``sink``: the same bytes for the same arguments.

    Args:
        loaded: what to write.
        patterns: the registrations in force.
        gate: the gate's prediction, record and absent externals.
        generated: modules that the export itself makes, which no prediction has.
        sink: takes the bytes; its error is raised at the end.
        where: the output, for messages.

    Raises:
        Refused: if what torch.package collected differs from the gate's prediction.
        ModelError: if torch.package refuses a module, an object cannot be pickled, or the model does not run.
        OSError: if the sink could not write.
    """
    from torch.package import PackageExporter

    with warnings.catch_warnings(), reproducible_pickles(), no_collection():
        warnings.filterwarnings("ignore", message="TypedStorage is deprecated")
        try:
            with PackageExporter(sink, importer=loaded.importers) as exporter:
                _save_objects(exporter, loaded, patterns)
                keep_modules(exporter, loaded.kept)
                exporter.extern([f"{name}.**" for name in sorted(gate.implicit_externals)])
                for name in sorted(gate.absent_externals | gate.implicit_externals):
                    exporter.add_dependency(name)
                graph.check_nothing_refused(exporter, where)
                found = graph.collected(exporter)
                if gate.predicted is not None:
                    predicted = {**gate.predicted, **dict.fromkeys(gate.absent_externals, "extern")}
                    graph.check_prediction(found, predicted, generated, where)
                outputs = predict(loaded, where)
                _save_texts(
                    exporter,
                    {
                        CONFIG: loaded.config,
                        TEXT: metadata_text(loaded, patterns, gate, found),
                        CLOSURE: closure_text(found, gate.ways),
                        MEMBER: references_text(references(outputs)),
                    },
                )
                keep_files(exporter, loaded.kept)
        except (NequipPackError, OSError):
            raise
        except (Exception, SystemExit) as error:
            sink.check()
            raise _model_error(error, where) from error
    sink.check()
    return Exported(found, outputs)


def _save_objects(exporter: PackageExporter, loaded: LoadedModels, patterns: Patterns) -> None:
    keep_actions(exporter, loaded.kept)
    exporter.mock([f"{name}.**" for name in patterns.mock])
    exporter.extern([f"{name}.**" for name in patterns.extern])
    exporter.intern([f"{name}.**" for name in patterns.intern])
    storages = SharedStorages(exporter)
    for name, obj in objects(loaded).items():
        storages.start_pickle()
        exporter.save_pickle("model", f"{name}.pkl", obj)


def _save_texts(exporter: PackageExporter, texts: Mapping[str, str]) -> None:
    for member, text in texts.items():
        package, _, resource = member.rpartition("/")
        exporter.save_text(package, resource, text)


def _model_error(error: BaseException, where: Path) -> ModelError:
    why = f"{type(error).__name__}: {error}"
    return ModelError("torch.package could not write the model", where=where, why=why)


def interned_packages(found: Mapping[str, str], patterns: Patterns) -> frozenset[str]:
    """Top-level packages whose code the archive brings along, which a load must therefore not need."""
    names = {name for name, action in found.items() if action == "intern"} | set(patterns.intern)
    return frozenset(name.partition(".")[0].partition(":")[0] for name in names)
