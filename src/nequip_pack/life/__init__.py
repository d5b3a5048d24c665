"""The life of a model after its first prediction: what the proof of a package goes through, step by step."""
