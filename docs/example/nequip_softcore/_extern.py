"""Names the library that a package of this model leaves outside: it holds compiled code."""

from nequip.scripts._package_utils import register_libraries_as_external_for_packaging

register_libraries_as_external_for_packaging(extern_modules=["torch_scatter"])
