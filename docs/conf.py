"""The documentation: `sphinx-build -W docs OUT`."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent / "_extension"))

import click

import nequip_pack
from nequip_pack.cli.app import cli

for name in tuple(cli.commands):
    cli.get_command(click.Context(cli), name)  # a name stands for an empty command until it is asked for

project = "nequip-pack"
author = "the authors of nequip-pack"
release = version = nequip_pack.__version__

extensions = [
    "myst_parser",
    "sphinx.ext.autodoc",
    "sphinx.ext.napoleon",
    "sphinx_argparse_cli",
    "sphinx_click",
    "sphinx_copybutton",
    "rule_pages",
]
exclude_patterns = ["_build", "_extension", "example", "e3nn-example"]
myst_enable_extensions = ["colon_fence", "deflist"]
myst_heading_anchors = 3
autodoc_mock_imports = ["torch", "numpy", "lightning", "ase", "matscipy"]
autodoc_typehints = "signature"
autodoc_member_order = "bysource"
copybutton_prompt_text = "$ "
copybutton_only_copy_prompt_lines = True

html_theme = "furo"
html_title = f"nequip-pack {release}"
html_show_sourcelink = False
html_copy_source = False
html_show_copyright = False
html_static_path = ["_static"]
html_css_files = ["tables.css"]
