"""An ONVIF device whose every answer a test writes: each operation's SOAP body, over a real local HTTP server."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

_ENVELOPE = (
    '<?xml version="1.0" encoding="UTF-8"?><s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope" '
    'xmlns:tds="http://www.onvif.org/ver10/device/wsdl" xmlns:trt="http://www.onvif.org/ver10/media/wsdl" '
    'xmlns:tt="http://www.onvif.org/ver10/schema"><s:Body>{}</s:Body></s:Envelope>'
)
_BODIES = {
    "GetSystemDateAndTime": (
        "<tds:GetSystemDateAndTimeResponse><tds:SystemDateAndTime><tt:DateTimeType>NTP</tt:DateTimeType>"
        "<tt:DaylightSavings>false</tt:DaylightSavings><tt:UTCDateTime><tt:Time><tt:Hour>10</tt:Hour>"
        "<tt:Minute>20</tt:Minute><tt:Second>30</tt:Second></tt:Time><tt:Date><tt:Year>2026</tt:Year>"
        "<tt:Month>11</tt:Month><tt:Day>21</tt:Day></tt:Date></tt:UTCDateTime></tds:SystemDateAndTime>"
        "</tds:GetSystemDateAndTimeResponse>"
    ),
    "GetServices": (
        "<tds:GetServicesResponse><tds:Service><tds:Namespace>http://www.onvif.org/ver10/media/wsdl</tds:Namespace>"
        "<tds:XAddr>http://192.0.2.9:PORT/onvif/media</tds:XAddr><tds:Version><tt:Major>2</tt:Major>"
        "<tt:Minor>5</tt:Minor></tds:Version></tds:Service></tds:GetServicesResponse>"
    ),
    "GetDeviceInformation": (
        "<tds:GetDeviceInformationResponse><tds:Manufacturer>Maker</tds:Manufacturer><tds:Model>M-1</tds:Model>"
        "<tds:FirmwareVersion>1.2</tds:FirmwareVersion><tds:SerialNumber>7</tds:SerialNumber>"
        "<tds:HardwareId>h</tds:HardwareId></tds:GetDeviceInformationResponse>"
    ),
    "GetProfiles": (
        '<trt:GetProfilesResponse><trt:Profiles token="p0" fixed="true"><tt:Name>main</tt:Name>'
        '<tt:VideoEncoderConfiguration token="v0"><tt:Name>v</tt:Name><tt:UseCount>1</tt:UseCount>'
        "<tt:Encoding>H264</tt:Encoding><tt:Resolution><tt:Width>1920</tt:Width><tt:Height>1080</tt:Height>"
        "</tt:Resolution><tt:Quality>5</tt:Quality></tt:VideoEncoderConfiguration></trt:Profiles>"
        "</trt:GetProfilesResponse>"
    ),
    "GetStreamUri": (
        "<trt:GetStreamUriResponse><trt:MediaUri><tt:Uri>rtsp://192.0.2.9:554/main</tt:Uri>"
        "<tt:InvalidAfterConnect>false</tt:InvalidAfterConnect><tt:InvalidAfterReboot>false</tt:InvalidAfterReboot>"
        "<tt:Timeout>PT0S</tt:Timeout></trt:MediaUri></trt:GetStreamUriResponse>"
    ),
}
GOOD = {operation: _ENVELOPE.format(body).encode() for operation, body in _BODIES.items()}
_OPERATION = re.compile("|".join(_BODIES).encode())


class OnvifDevice:
    """``answers`` are what it gives for each operation; a test changes them as it likes."""

    def __init__(self, port: int) -> None:
        self.address = f"127.0.0.1:{port}"
        self.answers: dict[str, bytes] = {}
        self.headers: dict[str, str] = {}
        self._port = str(port).encode()
        self.be_good()

    def be_good(self, **but: bytes) -> None:
        """Answer as a camera does, ``but`` these operations."""
        good: Mapping[str, bytes] = {name: answer.replace(b"PORT", self._port) for name, answer in GOOD.items()}
        self.answers, self.headers = {**good, **but}, {}


class _Server(ThreadingHTTPServer):
    def handle_error(self, request: object, client_address: object) -> None:
        """Who asked has had enough, and closed the connection."""


@contextmanager
def onvif_device() -> Iterator[OnvifDevice]:
    """A device that answers as a good one until it is told otherwise."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            asked = _OPERATION.search(self.rfile.read(int(self.headers.get("Content-Length", 0))))
            answer = device.answers.get(asked[0].decode(), b"") if asked else b""
            self.send_response(200 if answer else 500)
            headers = {"Content-Type": "application/soap+xml", "Content-Length": str(len(answer))} | device.headers
            for name, value in headers.items():
                self.send_header(name, value)
            self.end_headers()
            try:
                self.wfile.write(answer)
            except OSError:
                self.close_connection = True  # who asked has had enough

        def log_message(self, format: str, *args: object) -> None:
            del format, args

    server = _Server(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    device = OnvifDevice(server.server_address[1])
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    try:
        yield device
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
