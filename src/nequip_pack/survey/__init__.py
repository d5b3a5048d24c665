"""Many packages, each looked at in a process of its own, here or on a cluster."""
