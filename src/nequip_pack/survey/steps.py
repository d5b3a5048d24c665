"""The steps of a survey: each gives what the command of its name tells, as plain data."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

from nequip_lint.api import __version__
from nequip_pack.errors import NequipPackError, Refused
from nequip_pack.failure import described
from nequip_pack.survey.lines import MEMORY, Outcome

if TYPE_CHECKING:
    from nequip_pack.format import Archive, Metadata

Found = tuple[NequipPackError | None, Mapping[str, Any]]
"""What the package falls short of, and what was found."""


@dataclass(frozen=True, slots=True)
class Step:
    """One step. Its number goes up when it finds more, or tells it in another way."""

    number: int
    run: Callable[[Archive, Metadata], Found]
    on_request: bool = False

    @property
    def version(self) -> str:
        """What its results are kept under."""
        return f"{__version__}/{self.number}"

    def outcome(self, archive: Archive, metadata: Metadata) -> Outcome:
        """What it gives; it raises nothing."""
        try:
            short, content = self.run(archive, metadata)
        except MemoryError:
            return Outcome(self.version, stopped=MEMORY)
        except Exception as error:
            return failed(self.version, error)
        outcome = Outcome(self.version, 0) if short is None else failed(self.version, short)
        return replace(outcome, content=content)


def failed(version: str, error: Exception) -> Outcome:
    """The outcome of a step that raised an error."""
    code = error.exit_code if isinstance(error, NequipPackError) else NequipPackError.exit_code
    return Outcome(version, code, described(error))


def _info(archive: Archive, metadata: Metadata) -> Found:
    from nequip_pack.verify.summary import summary

    return None, _without_path(summary(archive, metadata))


def _check(archive: Archive, metadata: Metadata) -> Found:
    from nequip_pack.verify.readiness import readiness

    found = readiness(archive, metadata)
    return found.error(), _without_path(found.as_json())


def _audit(archive: Archive, metadata: Metadata) -> Found:
    from nequip_pack.audit import audited
    from nequip_pack.audit.run import must_pass

    found = audited(archive, metadata)
    try:
        must_pass(found, archive.path)
    except Refused as error:
        return error, found.as_json()
    return None, found.as_json()


def _lint(archive: Archive, metadata: Metadata) -> Found:
    from nequip_lint.api import any_machine, finding_json
    from nequip_pack.snapshot import check_package

    checked = check_package(archive.path, any_machine())
    findings = [_finding(finding_json(item), f"{archive.path.resolve()}/") for item in checked.findings]
    errors = [f"{item['place']}: {item['code']} {item['message']}" for item in findings if _is_error(item)]
    bad = Refused(f"{len(errors)} errors, the first in {errors[0]}") if errors else None
    return bad, {"errors": len(errors), "files": checked.files, "findings": findings}


def _verify(archive: Archive, metadata: Metadata) -> Found:
    from nequip_pack.verify.run import verify

    verdict = verify(archive, metadata, physics=False)
    bad = Refused(f"it failed: {', '.join(verdict.failed)}") if verdict.failed else None
    return bad, {"said": verdict.last_word(), **verdict.content()}


STEPS: Final = {
    "info": Step(1, _info),
    "check": Step(1, _check),
    "audit": Step(2, _audit),
    "lint": Step(1, _lint),
    "verify": Step(1, _verify, on_request=True),
}


def versions(names: Iterable[str]) -> dict[str, str]:
    """The versions of some steps, by name."""
    return {name: STEPS[name].version for name in names}


def _without_path(content: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in content.items() if name not in ("version", "path")}


def _is_error(finding: Mapping[str, Any]) -> bool:
    return bool(finding["severity"] == "error")


def _finding(finding: Mapping[str, Any], folder: str) -> dict[str, Any]:
    """A finding in a package, which may be looked at under another path than its own."""
    place = f"{finding['path'].removeprefix(folder)}:{finding['line']}"
    return {"place": place, **{name: finding[name] for name in ("code", "severity", "message", "help")}}
