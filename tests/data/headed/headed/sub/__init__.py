import click  # registered as mock
import yaml  # registered as extern
