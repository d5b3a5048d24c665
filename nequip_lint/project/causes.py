"""Why a module does not import, or is not packaged: each cause once, with its rule, sentence and help."""

from __future__ import annotations

from typing import NamedTuple

KEPT = "is kept on the model"
REFUSED = "the build is refused, since a mock cannot be unpickled"
"""What comes of a mocked object that is kept."""
_LATER = "move what fails into the function that needs it"
AGAIN = "build the package again, where"
_GUARDED = f"{AGAIN} the code guards this with `if torch.cuda.is_available():`"


class Cause(NamedTuple):
    """One kind of cause.

    `code` is the rule whose page tells of it, '' where nothing is wrong. `sentence` has a place for each part
    of a reason. `help` is what to do about it in the code or its registrations, `help_for_package` what is
    left to do for who has nothing but the package.
    """

    code: str
    sentence: str
    help: str = _LATER
    help_for_package: str = f"{AGAIN} the code does not stop there"


class Reason(NamedTuple):
    """A cause and what it is about."""

    cause: Cause
    parts: tuple[str, ...] = ()

    def __str__(self) -> str:
        return self.cause.sentence.format(*self.parts)


UNREADABLE = Cause("NQ001", "{} {}", "correct the file")
ABSENT = Cause("NQ101", "{} is not installed on the building machine")
GPU_DECORATOR = Cause("NQ102", "@{} needs a GPU at import", help_for_package=_GUARDED)
GPU_CALL = Cause("NQ103", "`{}` needs a GPU at import", help_for_package=_GUARDED)
UNDEFINED = Cause("NQ104", "{} is defined only under a test that fails here, and used at import")
UNUSABLE = Cause("NQ105", "{} is {} without {}, and `{}` is used at import")
STOPS = Cause("NQ107", "`{}` runs at import", "let it go on there")
ABOVE_TOP = Cause("NQ211", "a relative import leaves the top-level package", "write fewer dots")
TOO_LATE = Cause("NQ308", "{} raises in the build, which has begun multiprocessing when it imports this")
UNSET = Cause("NQ313", "{} is not set, and read at import")
NOT_IN_PYTHON = Cause("NQ502", "{} is not in this Python")
"""What stops an import on some machine."""

_REGISTER = "register it as extern or mock, or keep it out of the modules that models are made of"
UNREGISTERED = Cause("NQ201", "no action is registered for it", _REGISTER)
DISALLOWED = Cause("NQ202", "torch.package takes it only where it is registered as extern", _REGISTER)
MOCK_KEPT = Cause(
    "NQ208",
    f"{{}} {KEPT}: {REFUSED}",
    "register it as extern, or keep none of its objects",
)
NAMESPACE = Cause("NQ209", "it is a namespace package without __init__.py", "add an __init__.py")
BINARY = Cause(
    "NQ209", "it is a C extension; torch.package takes Python source only", "register exactly it as extern"
)
BYTECODE = Cause("NQ209", "its source file is missing, only bytecode is there", "ship its source")
MADE = Cause("NQ304", "{} makes it at run time, without a file", "write it into a file")
"""What torch.package refuses."""

IMPLICIT = Cause("", "standard library or torch")
REGISTERED = Cause("", "registered")
NOT_AT_HAND = Cause("", "its source is not at hand")
NOT_READ = Cause("", "its imports could not be read")
NOT_INSTALLED = Cause("", "not installed")
RECORDED = Cause("", "registered; not installed, recorded all the same")
"""What is said of the others."""
