"""Functions that unpack bytes, with a bound: source that nobody trusts must not cost memory."""

from __future__ import annotations

import base64
import binascii
import bz2
import lzma
import zlib
from collections.abc import Callable, Mapping

LONGEST = 2**22
"""More bytes are not unpacked."""
FAILURES = (zlib.error, lzma.LZMAError, binascii.Error)
_ZLIB_OR_GZIP = 47


def _inflated(data: bytes) -> bytes:
    return zlib.decompressobj(_ZLIB_OR_GZIP).decompress(data, LONGEST)


def _of_bzip(data: bytes) -> bytes:
    return bz2.BZ2Decompressor().decompress(data, LONGEST)


def _of_lzma(data: bytes) -> bytes:
    return lzma.LZMADecompressor().decompress(data, LONGEST)


def _of_hex(data: bytes) -> bytes:
    return bytes.fromhex(data.decode("ascii"))


UNPACKING: Mapping[str, Callable[[bytes], bytes]] = {
    **dict.fromkeys(("b64decode", "standard_b64decode", "a2b_base64", "base64"), base64.b64decode),
    "urlsafe_b64decode": base64.urlsafe_b64decode,
    "decodebytes": base64.decodebytes,
    "b85decode": base64.b85decode,
    "a85decode": base64.a85decode,
    "b32decode": base64.b32decode,
    **dict.fromkeys(("unhexlify", "fromhex", "b16decode", "hex"), _of_hex),
    **dict.fromkeys(("zlib.decompress", "gzip.decompress", "zlib"), _inflated),
    **dict.fromkeys(("bz2.decompress", "bz2"), _of_bzip),
    "lzma.decompress": _of_lzma,
}
"""By their names, and what `codecs.decode` calls them."""
