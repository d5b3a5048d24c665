"""Imports what is slow to import once, then is each Python that is asked for in a fork of its own.

A line of JSON in is a request, a line out the exit status. The first line is the environment to import in.
The kernel must see none: then nequip_pack takes a fork's own for the one that its process was started with.
"""

from __future__ import annotations

import atexit
import contextlib
import gc
import importlib
import json
import os
import runpy
import sys
import tempfile
import threading
import types
from pathlib import Path
from typing import Any, NoReturn

SLOW = ("torch.package", "lightning.pytorch", "torchmetrics", "hydra", "omegaconf", "ase", "matscipy")
"""None of it is ever packaged: a build must see the first import of what it packages."""
HERE = str(Path(__file__).parent)
INSTALLED = [entry for entry in sys.path if entry != HERE] + sys.argv[1:]


def main() -> None:
    requests, answers = os.fdopen(os.dup(0)), os.fdopen(os.dup(1), "w", buffering=1)
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    os.dup2(2, 1)
    os.environ.update(json.loads(requests.readline()))
    sys.path[:] = INSTALLED
    sys.dont_write_bytecode = bool(os.environ.get("PYTHONDONTWRITEBYTECODE"))
    for name in SLOW:
        with contextlib.suppress(ImportError):
            importlib.import_module(name)
    gc.collect()
    gc.freeze()
    for line in requests:
        if (child := os.fork()) == 0:
            end(become(json.loads(line)))
        print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), file=answers)


def become(request: dict[str, Any]) -> int:
    """Be the Python of a request; returns the exit status."""
    for descriptor, name in enumerate(("stdout", "stderr"), 1):
        os.dup2(os.open(request[name], os.O_WRONLY | os.O_CREAT), descriptor)
    os.chdir(request["cwd"])
    os.environ.clear()
    os.environ.update(request["environment"])
    tempfile.tempdir = None
    sys.modules["__main__"] = types.ModuleType("__main__")
    try:
        run(request["words"])
    except SystemExit as stop:
        if stop.code is None or isinstance(stop.code, int):
            return stop.code or 0
        print(stop.code, file=sys.stderr)
        return 1
    except BaseException as error:
        below = error.__traceback__
        while below is not None and below.tb_frame.f_code.co_filename == __file__:
            below = below.tb_next
        sys.excepthook(type(error), error.with_traceback(below), below)
        return 1
    return 0


def run(words: list[str]) -> None:
    """Run ``-m MODULE``, ``-c TEXT`` or a script, as Python does."""
    variable = os.environ.get("PYTHONPATH", "")
    named = [str(Path(entry).absolute()) for entry in variable.split(os.pathsep) if entry]
    kind = words[0]
    first = {"-m": str(Path.cwd()), "-c": ""}.get(kind, str(Path(kind).parent.absolute()))
    sys.path[:] = [first, *named, *INSTALLED]
    if kind == "-m":
        sys.argv = ["-m", *words[2:]]
        runpy._run_module_as_main(words[1])
        return
    scope = sys.modules["__main__"].__dict__
    sys.argv = [kind, *words[2:]] if kind == "-c" else words
    if kind != "-c":
        scope["__file__"] = kind
    text = words[1] if kind == "-c" else Path(kind).read_text(encoding="utf-8")
    exec(compile(text, "<string>" if kind == "-c" else kind, "exec", dont_inherit=True), scope)


def end(status: int) -> NoReturn:
    """End like Python, but do not take apart all that was imported, which takes a second."""
    threading._shutdown()
    atexit._run_exitfuncs()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(status & 0xFF)


if __name__ == "__main__":
    main()
