"""Lint of the source inside a package, for the machine that loads it: what fails there, and what is lost."""
