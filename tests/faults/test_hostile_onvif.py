"""Whatever a device answers to ONVIF's questions: a camera that can be added, or an error somebody can act on."""

from __future__ import annotations

import asyncio
import gzip
import re
import tracemalloc
from collections.abc import Iterator
from xml.sax.saxutils import escape

import pytest
from hypothesis import strategies as st
from pydantic import SecretStr

from basira.base.errors import BasiraError
from basira.cameras.addresses import host_and_port
from basira.cameras.onvif import OnvifDevice as Found
from basira.cameras.onvif import read_device
from basira.cameras.probe import ProbeRequest, probe
from tests.cameras.onvif_device import GOOD, OnvifDevice, onvif_device
from tests.faults.mutations import hold, mutated

_CODES = {
    "onvif_not_spoken", "onvif_not_understood", "onvif_no_profiles", "onvif_refused_password", "onvif_silent",
    "camera_unreachable",
}  # fmt: skip
_MOST_BYTES = 32 << 20
_TEXT = re.compile(rb">([^<>]+)<")
_LEAF = re.compile(rb"<([a-z]+:[A-Za-z]+)[^<>]*>[^<>]*</\1>")
_WRONG = [
    "", " ", "-1", "0", "9" * 400, "1e400", "NaN", "true", "PT", "P999999999999Y", "\u202e\u0661", "x" * 100_000,
    "0000-00-00", "<a/>", "<tt:Name>n</tt:Name>", "]]>", "rtsp://[::1", "rtsp://h:99999/", "file:///etc/passwd",
    "http://10.0.0.1/", "//10.0.0.1/x", "rtsp://u:p@10.0.0.1/x y", "rtsp://10.0.0.1/\r\nDESCRIBE", "javascript:0",
]  # fmt: skip
_FAULT = (
    '<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope"><s:Body><s:Fault><s:Code><s:Value>{}</s:Value>'
    "<s:Subcode><s:Value>{}</s:Value></s:Subcode></s:Code><s:Reason><s:Text>{}</s:Text></s:Reason></s:Fault></s:Body>"
    "</s:Envelope>"
)


@pytest.fixture(scope="module")
def device() -> Iterator[OnvifDevice]:
    with onvif_device() as made:
        yield made


def _read(device: OnvifDevice) -> Found:
    return asyncio.run(read_device(device.address, "admin", SecretStr("let-me-see"), timeout_s=9))


def _claim(device: OnvifDevice) -> str:
    """The code with which it was refused, or ``ok``; nothing else comes of it."""
    try:
        found = _read(device)
    except BasiraError as told:
        assert told.code in _CODES and told.message("ar") and "let-me-see" not in str(told)
        return told.code
    assert found.profiles
    assert all(host_and_port(profile.url)[0] == "127.0.0.1" for profile in found.profiles)
    assert all(0 <= profile.width * profile.height < 2**32 for profile in found.profiles)
    names = [found.manufacturer, found.model, found.firmware, *(profile.name for profile in found.profiles)]
    assert all(len(name) <= 200 for name in names)
    return "ok"


@st.composite
def _hostile(draw: st.DrawFn) -> tuple[str, bytes]:
    """One operation, and what is answered to it instead of what a camera says."""
    operation = draw(st.sampled_from(sorted(GOOD)))
    good = GOOD[operation]
    match draw(st.sampled_from(["bytes", "text", "drop", "double", "other", "fault"])):
        case "bytes":
            return operation, draw(mutated(good, edits=6))
        case "text":
            told = draw(st.one_of(st.sampled_from(_WRONG), st.text(max_size=20).map(escape)))
            at = draw(st.sampled_from(list(_TEXT.finditer(good))))
            return operation, good[: at.start(1)] + told.encode("utf-8", "replace") + good[at.end(1) :]
        case "drop":
            leaf = draw(st.sampled_from(list(_LEAF.finditer(good))))
            return operation, good[: leaf.start()] + good[leaf.end() :]
        case "double":
            leaf = draw(st.sampled_from(list(_LEAF.finditer(good))))
            return operation, good[: leaf.start()] + leaf[0] * draw(st.integers(2, 200)) + good[leaf.end() :]
        case "other":
            return operation, GOOD[draw(st.sampled_from(sorted(GOOD)))]
    words = st.one_of(st.sampled_from(["s:Sender", "ter:NotAuthorized", *_WRONG]), st.text(max_size=20).map(escape))
    return operation, _FAULT.format(draw(words), draw(words), draw(words)).encode("utf-8", "replace")


@pytest.mark.parametrize(
    "examples", [40, pytest.param(1_000, marks=[pytest.mark.slow, pytest.mark.timeout(3600)])], ids=["short", "long"]
)
def test_mutated_answers(device: OnvifDevice, examples: int) -> None:
    device.be_good()
    assert _claim(device) == "ok"

    def claim(answer: tuple[str, bytes]) -> None:
        device.be_good(**dict([answer]))
        _claim(device)

    hold(examples, _hostile(), claim)


def _with_entities(answer: bytes) -> bytes:
    """A thousand million letters, should the parser believe it, wherever the answer holds text."""
    levels = b"".join(b'<!ENTITY e%d "%s">' % (level, b"&e%d;" % (level - 1) * 10) for level in range(1, 9))
    bomb = b'<!DOCTYPE a [<!ENTITY e0 "' + b"b" * 10 + b'">' + levels + b"]>"
    return _TEXT.sub(b">&e8;<", answer.replace(b"?>", b"?>" + bomb, 1))


def _with_file(answer: bytes) -> bytes:
    """The password file, should the parser fetch it."""
    return _TEXT.sub(b">&f;<", answer.replace(b"?>", b'?><!DOCTYPE a [<!ENTITY f SYSTEM "file:///etc/passwd">]>', 1))


def _within_memory(device: OnvifDevice) -> str:
    tracemalloc.start()
    code = _claim(device)
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert most < _MOST_BYTES
    return code


@pytest.mark.parametrize("operation", sorted(GOOD))
def test_answers_that_would_grow_in_the_parser_are_refused(device: OnvifDevice, operation: str) -> None:
    device.be_good()
    good = device.answers[operation]
    for bad in (_with_entities(good), _with_file(good)):
        device.be_good(**{operation: bad})
        assert _within_memory(device) == "onvif_not_spoken"
    device.be_good(**{operation: good.replace(b"Body>", b"Body>" + b"<a>" * 120_000, 1)})
    _within_memory(device)  # what lies so deep is passed over or refused


def test_answers_without_end_are_read_no_further_than_a_camera_has_anything_to_say(device: OnvifDevice) -> None:
    device.be_good(GetProfiles=GOOD["GetProfiles"] + b" " * (64 << 20))
    assert _within_memory(device) == "onvif_not_understood"
    device.be_good()
    packed = {name: gzip.compress(answer) for name, answer in device.answers.items()}
    device.be_good(**packed | {"GetProfiles": gzip.compress(GOOD["GetProfiles"] + b" " * (64 << 20))})
    device.headers = {"Content-Encoding": "gzip"}
    assert _within_memory(device) == "onvif_not_understood"


def test_a_thousand_profiles_are_sixteen(device: OnvifDevice) -> None:
    good = GOOD["GetProfiles"]
    start, end = good.index(b"<trt:Profiles"), good.index(b"</trt:GetProfilesResponse")
    device.be_good(GetProfiles=good[:start] + good[start:end] * 1000 + good[end:])
    assert len(_read(device).profiles) == 16


def test_who_adds_a_camera_is_told(device: OnvifDevice) -> None:
    """The whole way, in the process that reads unknown cameras."""
    device.be_good(GetDeviceInformation=_with_entities(GOOD["GetDeviceInformation"]))
    report = probe(ProbeRequest(kind="onvif", address=device.address, username="admin", password=SecretStr("x")))
    assert report.error is not None and report.error.code == "onvif_not_spoken"
    assert report.error.message.ar and not report.ok
