from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import SecretStr

from basira.base.errors import BasiraError
from basira.cameras.addresses import host_and_port, redact, split_credentials, with_credentials

printable = st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=1, max_size=20)
words = st.text(st.characters(categories=["L", "N"]), min_size=1, max_size=12)


@pytest.mark.parametrize(
    ("typed", "url", "username", "password"),
    [
        ("rtsp://192.0.2.7/a", "rtsp://192.0.2.7/a", None, None),
        ("rtsp://u:p@192.0.2.7:8554/a?b=c", "rtsp://192.0.2.7:8554/a?b=c", "u", "p"),
        ("  rtsp://u@192.0.2.7/a ", "rtsp://192.0.2.7/a", "u", None),
        ("rtsp://u:p@ss@192.0.2.7/a", "rtsp://192.0.2.7/a", "u", "p@ss"),
        ("rtsp://u:p%40ss@192.0.2.7/a", "rtsp://192.0.2.7/a", "u", "p@ss"),
        ("rtsp://u:pa/ss@192.0.2.7/a", "rtsp://192.0.2.7/a", "u", "pa/ss"),
        ("rtsp://u:a:b@[2001:db8::7]:554/a", "rtsp://[2001:db8::7]:554/a", "u", "a:b"),
        ("rtsp://192.0.2.7/path@2x", "rtsp://192.0.2.7/path@2x", None, None),
        ("rtsp://192.0.2.7:554/path@2x", "rtsp://192.0.2.7:554/path@2x", None, None),
        ("/srv/clips/a@b.mp4", "/srv/clips/a@b.mp4", None, None),
    ],
)
def test_credentials_come_out_of_the_address_a_person_typed(
    typed: str, url: str, username: str | None, password: str | None
) -> None:
    split = split_credentials(typed)
    shown = split.password.get_secret_value() if split.password else None
    assert (split.url, split.username, shown) == (url, username, password)


@given(username=words, password=printable, path=words)
def test_what_ffmpeg_is_given_splits_back_into_what_was_put_in(username: str, password: str, path: str) -> None:
    url = f"rtsp://192.0.2.7:554/{path}"
    split = split_credentials(with_credentials(url, username, SecretStr(password)))
    assert split == (url, username, SecretStr(password))


@given(password=printable.filter(lambda p: "'" not in p and '"' not in p and "<" not in p and ">" not in p), word=words)
def test_no_log_line_shows_a_password_in_an_address(password: str, word: str) -> None:
    line = f"error opening 'rtsp://admin:{password}@192.0.2.7/{word}': refused"
    assert redact(line) == f"error opening 'rtsp://192.0.2.7/{word}': refused"


@given(st.text(max_size=200))
def test_splitting_and_redacting_take_any_text(text: str) -> None:
    split_credentials(text)
    assert redact(redact(text)) == redact(text)


@given(username=words, password=printable)
def test_an_address_that_was_split_can_be_redacted_no_further(username: str, password: str) -> None:
    url = split_credentials(with_credentials("rtsp://192.0.2.7/a", username, SecretStr(password))).url
    assert redact(url) == url


def test_the_port_is_that_of_the_scheme_unless_given() -> None:
    assert host_and_port("rtsp://192.0.2.7/a") == ("192.0.2.7", 554)
    assert host_and_port("rtsps://camera.example/a") == ("camera.example", 322)
    assert host_and_port("rtsp://[2001:db8::7]:8554/a") == ("2001:db8::7", 8554)


@pytest.mark.parametrize(
    "bad",
    [
        "http://192.0.2.7/",
        "192.0.2.7",
        "rtsp://",
        "rtsp://h:99999/",
        "file:///etc/passwd",
        "rtsp://h/a b",
        "rtsp://h/a\r\nX: y",
        "rtsp://h/\x00",
    ],
)
def test_what_is_no_stream_address_is_refused(bad: str) -> None:
    with pytest.raises(BasiraError) as refused:
        host_and_port(bad)
    assert refused.value.code == "camera_address_invalid"
