"""Ways in which a model uses a library, each with the action that `nequip-lint registrations` proposes."""

from __future__ import annotations

MODEL = """{head}
import torch
from nequip.nn import GraphModuleMixin, model_modifier


{top}class M(GraphModuleMixin, torch.nn.Module):
    def __init__(self):
        super().__init__()
        {init}

    def forward(self, data):
        {forward}
        return self.helped(data)

    def helped(self, data):
        {helped}
        return data

    def idle(self, data):
        {idle}

    @model_modifier(persistent=False)
    @classmethod
    def modify(cls, model):
        {modifier}
        return model
"""
SLOTS = ("head", "top", "init", "forward", "helped", "idle", "modifier")


def model_with(**parts: str) -> str:
    """The source of a model with something put into its slots."""
    empty = {slot: "" if slot in ("head", "top") else "pass" for slot in SLOTS}
    return MODEL.format(**{**empty, **parts})


# The use decides, where nothing is known of the library. Parts of the model, action, what a reason says.
USES = [
    ({"head": "import lib", "forward": "lib.f(data)"}, "extern", "M.forward uses lib.f"),
    ({"head": "from lib import f", "forward": "f(data)"}, "extern", "M.forward uses f"),
    ({"head": "from lib import f", "helped": "f(data)"}, "extern", "M.helped uses f"),
    ({"forward": "from lib import f; f(data)"}, "extern", "M.forward uses f"),
    ({"modifier": "from lib import f; f(model)"}, "extern", "M.modify uses f"),
    ({"head": "import lib", "top": "class E(lib.E): ...\n"}, "extern", "importing the file needs lib.E"),
    (
        {"head": "import lib\nfrom typing import List", "top": "A = List[lib.E]\n"},
        "extern",
        "importing the file needs lib.E",
    ),
    (
        {"head": "import lib\nfrom typing import List", "top": "def f(a: List[lib.E]): ...\n"},
        "extern",
        "importing the file needs lib.E",
    ),
    ({"head": "import lib", "top": "X = lib.sub.f\n"}, "extern", "importing the file needs lib.sub.f"),
    ({"head": "import lib", "init": "self.f = lib.F()"}, "extern", "M.__init__ keeps lib.F on the model"),
    ({"head": "import lib", "init": "self.f = lib.f"}, "extern", "M.__init__ keeps lib.f on the model"),
    (
        {"head": "try:\n    import lib\nexcept ImportError:\n    lib = None", "idle": "lib.f()"},
        "extern",
        "in a try",
    ),
    (
        {"head": "import lib", "forward": "try: raise lib.E\n        except lib.E: pass"},
        "extern",
        "M.forward uses lib.E",
    ),
    (
        {"head": "from lib import *\nimport lib", "idle": "lib.f()"},
        "extern",
        "a mock would fail there (NQ208)",
    ),
    ({"head": "import lib", "idle": "lib.f(data)"}, "mock", "only M.idle uses it"),
    ({"idle": "import lib; lib.f(data)"}, "mock", "only M.idle uses it"),
    ({"head": "import lib", "init": "lib.check()"}, "mock", "only M.__init__ uses it"),
    ({"head": "import lib", "top": "def plot(x: lib.E) -> lib.E: ...\n"}, "mock", "only annotations name it"),
    (
        {
            "head": "from __future__ import annotations\nfrom typing import TYPE_CHECKING, List\n"
            "if TYPE_CHECKING:\n    import lib",
            "top": "def f(a: List[lib.E]): ...\n",
        },
        "mock",
        "only annotations name it",
    ),
    ({"head": "import lib", "top": "X = lib.f\n"}, "mock", "it is imported and named"),
    ({"head": "import lib"}, "unknown", "no use of what it defines is seen"),
    ({"head": "from lib import *"}, "unknown", "no use of what it defines is seen"),
    ({"head": "import lib", "init": "self.f = lib.f()"}, "unknown", "whether a packaged model runs that"),
    (
        {
            "head": "import lib\nfrom nequip.nn import AtomwiseReduce",
            "top": "class N(AtomwiseReduce):\n    def hook(self):\n        lib.f()\n",
        },
        "unknown",
        "N.hook uses lib.f",
    ),
]
