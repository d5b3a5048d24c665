"""What torch.package refuses to package, and what is said of the modules that it takes."""

from __future__ import annotations

from nequip_lint.hazards.cause import Cause

KEPT = "is kept on the model"
REFUSED = "the build is refused, since a mock cannot be unpickled"
"""What comes of a mocked object that is kept."""
_REGISTER = (
    "run `nequip-lint registrations --write` in your project, which registers it, or keep it out of the "
    "modules that models are made of"
)
UNREGISTERED = Cause("NQ201", "no action is registered for it", _REGISTER)
DISALLOWED = Cause("NQ202", "torch.package takes it only where it is registered as extern", _REGISTER)
MOCK_KEPT = Cause(
    "NQ208",
    f"{{}} {KEPT}: {REFUSED}",
    "register it as extern, or keep none of its objects",
)
NAMESPACE = Cause("NQ209", "it is a namespace package, a folder without __init__.py", "add an __init__.py")
BINARY = Cause(
    "NQ209",
    "it is a C extension; torch.package takes Python source only",
    "register exactly this module as extern",
)
BYTECODE = Cause("NQ209", "its source file is missing, only bytecode is there", "ship its source")
TWICE = Cause(
    "NQ209",
    "it is {} by a second name, under which that is packaged too, and torch.package writes no file twice",
    "name the package alone: `from PACKAGE import NAME`, without `.__init__`",
)
MADE = Cause("NQ304", "{} makes it at run time, without a file", "write it into a file")
"""What torch.package refuses."""

IMPLICIT = Cause("", "standard library or torch")
REGISTERED = Cause("", "registered")
NOT_AT_HAND = Cause("", "its source is not at hand")
NOT_READ = Cause("", "its imports could not be read")
NOT_INSTALLED = Cause("", "not installed")
GENERATED = Cause("", "made by torch.fx, named by a pickle")
CALLED = Cause("", "C code imports it for calls in the packaged code")
RECORDED = Cause("", "registered; not installed, recorded all the same")
"""What is said of the others."""
