"""What single Pythons do not read: newer syntax, encodings."""
