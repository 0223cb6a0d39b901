"""An entry has one encoding, and no room for a person's name."""

from __future__ import annotations

import contextlib
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from basira.custody.entries import ENTRY_KINDS, MAX_INTEGER, Access, Heartbeat, Segment, decode_entry, encode_entry
from basira.custody.strict import Malformed

SEGMENT = Segment(
    at_us=1, site="basra", camera="gate", stream="main", recording=1, segment=0, state="closed", bytes=10,
    sha256="ab" * 32, previous=None, start_us=2, end_us=3, start_mono_us=4, boot="b", seen=None,
)  # fmt: skip
ENCODED = encode_entry(SEGMENT)


def test_the_encoding_is_sorted_ascii_json_without_spaces() -> None:
    assert ENCODED.startswith(
        b'{"at_us":1,"boot":"b","bytes":10,"camera":"gate","end_us":3,"kind":"segment","previous"'
    )
    assert json.dumps(json.loads(ENCODED), sort_keys=True, separators=(",", ":")).encode() == ENCODED
    assert decode_entry(ENCODED) == SEGMENT


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"{}",
        b"[]",
        ENCODED + b"\n",
        ENCODED.replace(b":", b": ", 1),
        ENCODED.replace(b'"v":1', b'"v":2'),
        ENCODED.replace(b'"v":1', b'"v":1.0'),
        ENCODED.replace(b'"v":1', b'"v":1,"v":1'),
        ENCODED.replace(b'"v":1', b'"v":1,"x":1'),
        ENCODED.replace(b'"bytes":10', b'"bytes":"10"'),
        ENCODED.replace(b'"bytes":10', b'"bytes":-1'),
        ENCODED.replace(b'"bytes":10', b'"bytes":9007199254740992'),
        ENCODED.replace(b"abab", b"ABAB"),
        ENCODED.replace(b'"gate"', b'"Gate of Ali"'),
        ENCODED.replace(b'"gate"', b'"\\u0067ate"'),
        ENCODED.replace(b'"segment"', b'"sermon"'),
    ],
)
def test_other_encodings_are_refused(data: bytes) -> None:
    with pytest.raises(Malformed):
        decode_entry(data)


def test_integers_are_those_javascript_holds() -> None:
    beat = Heartbeat(at_us=MAX_INTEGER, boot="b", mono_us=0, seen=None)
    assert decode_entry(encode_entry(beat)) == beat


def test_a_user_is_a_pseudonym_or_nothing() -> None:
    fields: dict[str, Any] = {
        "at_us": 1, "act": "live", "cameras": ("gate",), "stream": None, "start_us": None, "end_us": None,
        "manifest": None,
    }  # fmt: skip
    Access(user="p-" + "0" * 20, **fields)
    with pytest.raises(ValueError, match="pattern"):
        Access(user="abu.ali", **fields)


def test_no_entry_has_a_field_for_names_or_reasons_in_words() -> None:
    """Every text field is an identifier, a hash, a pseudonym, a key, or a word of the software's own."""
    words = {"boot", "cause", "detail", "version", "source", "hold", "why", "code", "origin", "keys"}
    known = {"site", "camera", "cameras", "stream", "state", "kind", "change", "act", "user", "by", "reason"}
    hashes = {"sha256", "previous", "digest", "manifest"}
    for kind in ENTRY_KINDS:
        for name, field in kind.model_fields.items():
            if "str" in str(field.annotation) or "Literal" in str(field.annotation):
                assert name in words | known | hashes | {"v"}, f"{kind.__name__}.{name}"


@given(st.binary(max_size=100))
def test_no_bytes_make_the_decoder_fall_over(data: bytes) -> None:
    with contextlib.suppress(Malformed):
        decode_entry(data)


@given(st.integers(0, len(ENCODED) - 1), st.integers(1, 255))
def test_a_changed_byte_is_refused_or_says_something_else(place: int, flip: int) -> None:
    changed = ENCODED[:place] + bytes([ENCODED[place] ^ flip]) + ENCODED[place + 1 :]
    with contextlib.suppress(Malformed):
        assert encode_entry(decode_entry(changed)) == changed
