import os

os.environ["LEAKY_SCALE"] = "2"
