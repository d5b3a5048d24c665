"""A model with a head that a modifier takes out, and with it the only path to two libraries."""

from nequip.scripts._package_utils import register_libraries_as_external_for_packaging

register_libraries_as_external_for_packaging(extern_modules=["yaml"], mock_modules=["click"])
