"""The process that reads an unknown camera: ``python -m basira.cameras.probe_process probe|discover``.

One JSON request on standard input, one JSON answer on standard output; what libraries print goes to standard error.
"""

from __future__ import annotations

import asyncio
import json
import os
import resource
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

from basira.base.clock import SystemClock
from basira.base.errors import BasiraError
from basira.base.identifiers import STREAM_NAMES
from basira.cameras.addresses import split_credentials
from basira.cameras.advice import Circumstances, advise
from basira.cameras.diagnosis import sends_password_in_clear
from basira.cameras.examination import Examined, examine_clip, examine_stream
from basira.cameras.probe import Device, ProbeReport, ProbeRequest
from basira.cameras.rtsp import RtspAddress

_MAX_MEMORY_BYTES = 3 << 30
_MAX_CPU_S = 60
_MAX_OPEN_FILES = 256
_ASK_TIMEOUT_S = 5.0


def main(task: str) -> None:
    answer = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    _limit_self()
    request = sys.stdin.buffer.read()
    with answer:
        if task == "discover":
            from basira.cameras.discovery import devices_on_network

            found = devices_on_network(float(json.loads(request)["wait_s"]))
            answer.write(json.dumps({"devices": [device.model_dump() for device in found]}).encode())
        else:
            answer.write(report(ProbeRequest.model_validate_json(request)).model_dump_json().encode())


def _limit_self() -> None:
    os.nice(5)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))  # a core dump would hold the password
    resource.setrlimit(resource.RLIMIT_AS, (_MAX_MEMORY_BYTES, _MAX_MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CPU, (_MAX_CPU_S, _MAX_CPU_S))
    resource.setrlimit(resource.RLIMIT_NOFILE, (_MAX_OPEN_FILES, _MAX_OPEN_FILES))


def report(request: ProbeRequest) -> ProbeReport:
    """Examine what ``request`` names; errors of the camera become the report's error."""
    try:
        if request.kind == "file":
            return _report_file(request)
        if request.kind == "onvif":
            return _report_onvif(request)
        return _report_rtsp(request)
    except BasiraError as error:
        return ProbeReport.failed(error)


def _report_file(request: ProbeRequest) -> ProbeReport:
    examined = examine_clip(request.url or "")
    return ProbeReport(ok=True, streams=(examined.found,), advice=advise([examined], Circumstances("file")))


def _report_rtsp(request: ProbeRequest) -> ProbeReport:
    split = split_credentials(request.url or "")
    address = RtspAddress(
        split.url, request.username or split.username, request.password or split.password, request.transport
    )
    return _report_streams([address], Circumstances("rtsp", with_password=bool(address.username)), None)


def _report_onvif(request: ProbeRequest) -> ProbeReport:
    from basira.cameras.onvif import read_device  # loads slowly, and configures logging

    split = split_credentials(request.address or "")
    username, password = request.username or split.username, request.password or split.password
    device = asyncio.run(read_device(split.url, username, password))
    addresses = [RtspAddress(profile.url, username, password, request.transport) for profile in device.main_and_sub()]
    about = Device(manufacturer=device.manufacturer, model=device.model, firmware=device.firmware)
    circumstances = Circumstances("onvif", with_password=bool(username), clock_ahead_s=device.clock_ahead_s)
    return _report_streams(addresses, circumstances, about)


def _report_streams(addresses: list[RtspAddress], circumstances: Circumstances, device: Device | None) -> ProbeReport:
    """Main and sub stream are read side by side. The camera is fit when its main stream is."""
    with ThreadPoolExecutor(len(addresses)) as pool:
        reading = [
            pool.submit(examine_stream, name, address, SystemClock())
            for name, address in zip(STREAM_NAMES, addresses, strict=False)
        ]
    examined: list[Examined] = []
    for index, future in enumerate(reading):
        try:
            examined.append(future.result())
        except BasiraError as error:
            if index == 0:
                return ProbeReport.failed(error).model_copy(update={"device": device})
    if circumstances.with_password:
        in_clear = sends_password_in_clear(addresses[0].url, timeout_s=_ASK_TIMEOUT_S)
        circumstances = replace(circumstances, password_in_clear=in_clear)
    advice = advise(examined, circumstances)
    return ProbeReport(ok=True, device=device, streams=tuple(one.found for one in examined), advice=advice)


if __name__ == "__main__":
    main(sys.argv[1])
