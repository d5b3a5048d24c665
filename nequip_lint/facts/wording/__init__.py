"""What a file says of names and of modules as text: comparisons, addresses, source and pickles in strings."""
