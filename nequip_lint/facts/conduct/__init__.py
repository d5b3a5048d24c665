"""What code does and what it asks of where it runs: bodies, calls, files, variables, libraries."""
