"""What can go wrong, each written once: the facts, the machines on which it bites, the exception, the help.

Rules, the prediction of closures, the gate and the reading of packages ask the same hazards.
"""

from __future__ import annotations
