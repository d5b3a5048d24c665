"""Other machines than this one, as far as hiding libraries and the GPU makes them.

What is promised to serve them follows from the registrations. A registered library may be missing where a
package is built: nequip itself registers several that most machines lack. There the whole package must come
about all the same. A mocked library may also be missing wherever the package is loaded, and so may a GPU. An
external one that the code imports when it is loaded has to be there: that is what its registration says.
"""

from __future__ import annotations

from nequip_pack.machines.every import every_machine
from nequip_pack.machines.libraries import go_on_without
from nequip_pack.machines.settings import Settings
from nequip_pack.machines.values import Outcome, Tried, Untried

__all__ = ["Outcome", "Settings", "Tried", "Untried", "every_machine", "go_on_without"]
