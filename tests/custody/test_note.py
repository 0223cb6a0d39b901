"""A note is one spelling only, and is believed only when a known key has signed it and none of them badly."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from basira.custody.cosignature import SignatureVerifier
from basira.custody.note import BadSignature, Note, SignatureLine, parse_signature_lines, verify
from basira.custody.strict import Malformed
from basira.custody.vkey import VerifierKey
from tests.custody import vectors

FOO = "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k"
FOO_NOTE = """This is an example message.

— example.com/foo Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM=
""".encode()


def foo() -> SignatureVerifier:
    return SignatureVerifier(VerifierKey.parse(FOO))


def test_the_note_of_the_specification_verifies() -> None:
    note = Note.parse(FOO_NOTE)
    assert note.text == "This is an example message.\n"
    assert [signature.line.name for signature in verify(note, [foo()])] == ["example.com/foo"]
    assert note.encode() == FOO_NOTE


def test_a_text_may_hold_blank_lines() -> None:
    note = Note.parse("a\n\nb\n\n— x.example AAAAAAA=\n".encode())
    assert note.text == "a\n\nb\n"


def test_unknown_keys_are_ignored_but_one_known_key_must_have_signed() -> None:
    note = Note.parse(FOO_NOTE)
    stranger = SignatureVerifier(vectors.log_signer().vkey)
    assert len(verify(note, [foo(), stranger])) == 1
    with pytest.raises(BadSignature, match="no known key"):
        verify(note, [stranger])


def test_a_bad_signature_of_a_known_key_condemns_the_note() -> None:
    good = Note.parse(FOO_NOTE)
    line = good.signatures[0]
    bad = SignatureLine(line.name, line.key_id, bytes([line.blob[0] ^ 1]) + line.blob[1:])
    with pytest.raises(BadSignature, match="does not verify"):
        verify(Note(good.text, (line, bad)), [foo()])


def test_sixteen_signatures_and_more_are_accepted() -> None:
    good = Note.parse(FOO_NOTE)
    others = tuple(SignatureLine(f"w{i}.example", bytes([0, 0, 0, i]), b"x" * 2428) for i in range(16))
    note = Note.parse(Note(good.text, others + good.signatures).encode())
    assert len(verify(note, [foo()])) == 1


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"no signature\n",
        b"text\n\n",
        "text\n\n— x.example AAAAAAA=".encode(),
        b"text\n\n- x.example AAAAAAA=\n",
        "text\n\n—  x.example AAAAAAA=\n".encode(),
        "text\n\n— x+y AAAAAAA=\n".encode(),
        "text\n\n— x y AAAAAAA=\n".encode(),
        "text\n\n— x.example AAAAAA==\n".encode(),
        "text\n\n— x.example AAAAAAB=\n".encode(),
        "text\n\n— x.example AAAA AAA=\n".encode(),
        "te\txt\n\n— x.example AAAAAAA=\n".encode(),
        "te\rxt\n\n— x.example AAAAAAA=\n".encode(),
        b"\xff\n\n\xe2\x80\x94 x.example AAAAAAA=\n",
        "text\n\n— x.example AAAAAAA=\n\n".encode(),
    ],
)
def test_what_is_not_exactly_a_note_is_refused(data: bytes) -> None:
    with pytest.raises(Malformed):
        Note.parse(data)


@given(st.binary(max_size=300))
def test_no_bytes_make_the_parser_fall_over(data: bytes) -> None:
    with contextlib.suppress(Malformed):
        assert Note.parse(data).encode() == data


@given(st.integers(0, len(FOO_NOTE) - 1), st.integers(1, 255))
def test_every_changed_byte_is_noticed(place: int, flip: int) -> None:
    changed = FOO_NOTE[:place] + bytes([FOO_NOTE[place] ^ flip]) + FOO_NOTE[place + 1 :]
    with pytest.raises((Malformed, BadSignature)):
        verify(Note.parse(changed), [foo()])


@given(st.text(max_size=60))
def test_signature_lines_have_one_spelling(text: str) -> None:
    with contextlib.suppress(Malformed):
        assert "".join(line.encode() for line in parse_signature_lines(text)) == text
