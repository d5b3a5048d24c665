"""One kind of fact, or a few that belong together, in each module."""
