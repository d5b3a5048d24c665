"""What values are, as far as pickling asks: names, tables, calls and classes followed."""
