"""What torch.package collected, and how that compares with what the gate predicted."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from nequip_pack.errors import ModelError, Refused

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from torch.package import PackageExporter

_ACTIONS = {"INTERN": "intern", "EXTERN": "extern", "MOCK": "mock"}


def collected(exporter: PackageExporter) -> dict[str, str]:
    """Module name to action (``intern``, ``extern``, ``mock``, ``refused``) of an exporter's graph.

    Pickles, torch's own mock module and the importer's alias are left out: they are no packaged modules.
    """
    actions: dict[str, str] = {}
    for name, attributes in exporter.dependency_graph.nodes.items():
        if attributes.get("is_pickle"):
            continue
        if attributes.get("error") is not None:
            actions[name] = "refused"
        elif (action := _ACTIONS.get(getattr(attributes.get("action"), "name", ""))) is not None:
            actions[name] = action
    return actions


def check_nothing_refused(exporter: PackageExporter, where: Path) -> None:
    """Raise what torch.package would refuse the package for, as a list instead of a traceback.

    Raises:
        ModelError: naming every refused module, with torch.package's reason and the path that leads to it.
    """
    graph = exporter.dependency_graph
    refused = {name: node for name, node in graph.nodes.items() if node.get("error") is not None}
    if not refused:
        return
    lines = [_refusal(graph, name, node) for name, node in sorted(refused.items())]
    raise ModelError(
        f"torch.package refuses {_count(refused)}: {', '.join(sorted(refused)[:3])}"
        + ("..." if len(refused) > 3 else ""),
        where=where,
        remedy="register a library as external or mock, or avoid the import; nothing was written",
        details="\n".join(lines),
    )


def check_prediction(
    found: Mapping[str, str], predicted: Mapping[str, str], ignore: frozenset[str], where: Path
) -> None:
    """Compare the collected modules with the predicted ones.

    Args:
        found: from :func:`collected`.
        predicted: from the gate.
        ignore: modules that no reading of source can predict.
        where: the output, for messages.

    Raises:
        Refused: listing every module on which the two differ.
    """
    expected = {
        name: action for name, action in predicted.items() if action in (*_ACTIONS.values(), "refused")
    }
    names = sorted((found.keys() | expected.keys()) - ignore)
    pairs = {name: (expected.get(name, "nothing"), found.get(name, "nothing")) for name in names}
    different = {name: pair for name, pair in pairs.items() if pair[0] != pair[1]}
    if not different:
        return
    lines = [f"{name}: predicted {wanted}, collected {got}" for name, (wanted, got) in different.items()]
    raise Refused(
        f"what torch.package collected differs from the prediction in {_count(different)}",
        where=where,
        remedy="report this with the list above; nothing was written",
        details="\n".join(lines),
    )


def _refusal(graph: Any, name: str, attributes: Mapping[str, Any]) -> str:
    reason = getattr(attributes["error"], "value", str(attributes["error"]))
    context = f" ({attributes['error_context']})" if attributes.get("error_context") else ""
    path = " -> ".join(graph.first_path(name)) or name
    return f"{name}: {reason}{context}\n    path: {path}"


def _count(names: Mapping[str, object]) -> str:
    return "1 module" if len(names) == 1 else f"{len(names)} modules"
