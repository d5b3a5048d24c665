"""Signatures of packages, in the format of the model-signing library, which alone makes and verifies them."""
