"""Groups of the categories of values, which `Kept` tells one by one."""

from nequip_lint.facts.details.kept import NUMPY

UNDECIDED = ("made", "named", "compiled", "argument", "elements", "inside", "text", "under")
"""Categories that do not say yet what a value is."""
OPEN = (*UNDECIDED, *NUMPY)
"""Those, and the categories of what can be pickled and stay beside what cannot."""
REFUSED = ("class", "function", "native", "torch")
"""Categories of what pickling refuses."""
