"""The gate: lint of exactly what a build packages, for the machine that builds."""
