"""Runs commands on packages of unknown origin, each in a fork of this process, with limits.

Run as ``python hostile_server.py``: a line of JSON in is one list of commands, a line out their outcomes. All
that the commands import is imported before, so that a fork costs milliseconds and its memory is its own.
"""

from __future__ import annotations

import gc
import json
import os
import resource
import signal
import sys
import tempfile
from typing import Any

CPU_SECONDS = 10
WALL_SECONDS = 120
ADDRESS_SPACE = 2 << 30
"""More than a command may grow by, so that growth is measured; it keeps the machine alive."""
_SHOWN = 2000
_PYTHON = ("type_names", "cutoff", "model_dtype")


def warm() -> None:
    """Import what the commands import."""
    import importlib.metadata
    import pkgutil

    import yaml

    import nequip_lint
    import nequip_pack.cli
    import nequip_pack.compare
    import nequip_pack.format
    import nequip_pack.load.package
    import nequip_pack.snapshot
    import nequip_pack.verify.whole

    for package in (nequip_lint, nequip_pack.cli, nequip_pack.compare, nequip_pack.format):
        for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            if not module.name.endswith("__main__") and ".server" not in module.name:
                importlib.import_module(module.name)
    importlib.metadata.packages_distributions()
    yaml.safe_dump(yaml.load("{a: [1, 2.5, 2001-01-01]}", Loader=yaml.CSafeLoader))


def command(words: list[str]) -> int:
    """Run one command in this process; returns its exit code."""
    program, *arguments = words
    if program == "python":
        return python(*arguments)
    if program == "nequip-lint":
        from nequip_lint.cli import main as lint

        return int(lint(arguments))
    from nequip_pack.cli import main as pack

    return pack(arguments)


def python(function: str, package: str) -> int:
    """Ask one function of the Python interface for what it tells without loading a model."""
    from nequip_pack.errors import ModelError, NequipPackError
    from nequip_pack.load import package as load

    def load_nothing(*_: object) -> Any:
        raise ModelError("nothing is loaded here")

    setattr(load, "load_package", load_nothing)  # noqa: B010
    setattr(load, "ModelFromPackage", load_nothing)  # noqa: B010
    assert function in _PYTHON
    try:
        print(getattr(load, function)(package))
    except NequipPackError as error:
        print(error, file=sys.stderr)
        return error.exit_code
    return 0


def limited(words: list[str], output: int) -> None:
    """In a fork: run one command within the limits, its streams in a file. Does not return."""
    os.dup2(output, 1)
    os.dup2(output, 2)
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS))
    resource.setrlimit(resource.RLIMIT_AS, (_virtual() + ADDRESS_SPACE,) * 2)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    signal.alarm(WALL_SECONDS)
    code = 70
    try:
        code = command(words)
    except SystemExit as stop:
        code = stop.code if isinstance(stop.code, int) else 70
    except BaseException as error:
        print(f"{type(error).__name__}: {error}", file=sys.stderr)
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


def _virtual() -> int:
    with open("/proc/self/statm", encoding="ascii") as statm:  # noqa: PTH123
        return int(statm.read().split()[0]) * resource.getpagesize()


def _resident() -> int:
    with open("/proc/self/statm", encoding="ascii") as statm:  # noqa: PTH123
        return int(statm.read().split()[1]) * resource.getpagesize()


def outcome(words: list[str]) -> dict[str, Any]:
    """Run one command in a fork; its code (negative for a signal), CPU time, growth, and what it said."""
    with tempfile.TemporaryFile() as output:
        before = _resident()
        if (process := os.fork()) == 0:
            limited(words, output.fileno())
        _, status, used = os.wait4(process, 0)
        size = output.seek(0, os.SEEK_END)
        output.seek(max(0, size - _SHOWN))
        return {
            "words": words,
            "code": os.waitstatus_to_exitcode(status),
            "seconds": used.ru_utime + used.ru_stime,
            "growth": max(0, used.ru_maxrss * 1024 - before),
            "size": size,
            "said": output.read().decode(errors="replace"),
        }


def main() -> None:
    """Answer until the input ends."""
    sys.path = [entry for entry in sys.path if entry != os.path.dirname(__file__)]  # noqa: PTH120
    warm()
    gc.collect()
    gc.freeze()
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    for line in sys.stdin:
        print(json.dumps([outcome(words) for words in json.loads(line)]), file=answers, flush=True)


if __name__ == "__main__":
    main()
