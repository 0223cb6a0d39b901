"""The only spellings of numbers and bytes that the log's formats allow; everything else is :class:`Malformed`."""

from __future__ import annotations

import base64
import binascii
from typing import Final

HASH_LENGTH: Final = 32
_MAX_DECIMAL_DIGITS: Final = 20


class Malformed(ValueError):
    """Bytes that are not what their format says. The message says which rule was broken; it holds no secret."""


def decode_base64(text: str) -> bytes:
    """Standard alphabet, padded, canonical (RFC 4648 §4): what decodes must encode to the same characters."""
    try:
        data = base64.b64decode(text.encode("ascii"), validate=True)
    except (UnicodeEncodeError, binascii.Error) as error:
        raise Malformed("not base64") from error
    if base64.b64encode(data).decode("ascii") != text:
        raise Malformed("base64 is not canonical")
    return data


def encode_base64(data: bytes) -> str:
    return base64.b64encode(data).decode("ascii")


def decode_hash(text: str) -> bytes:
    """A SHA-256 value in base64."""
    data = decode_base64(text)
    if len(data) != HASH_LENGTH:
        raise Malformed("a hash is not 32 bytes")
    return data


def decode_decimal(text: str, maximum: int = 2**64 - 1) -> int:
    """ASCII digits without leading zeros (``0`` itself is allowed), at most ``maximum``."""
    if not text or len(text) > _MAX_DECIMAL_DIGITS or not text.isascii() or not text.isdigit():
        raise Malformed("not a decimal number")
    if text[0] == "0" and text != "0":
        raise Malformed("decimal number with a leading zero")
    number = int(text)
    if number > maximum:
        raise Malformed("decimal number too large")
    return number
