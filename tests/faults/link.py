"""The network between a camera and the recorder, in a test's hand: reset, held half-open, unplugged, narrow, lossy.

A :class:`Link` relays RTSP and what goes with it: pictures inside the TCP connection, or over UDP beside it, for which
it writes its own ports into the SETUP of both sides.
"""

from __future__ import annotations

import random
import re
import socket
import struct
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass

_RESET = struct.pack("ii", 1, 0)  # SO_LINGER: on, zero seconds: close() sends RST
_DATAGRAM = 65_536
_POLL_S = 0.1


@dataclass
class _Datagrams:
    """One UDP port of the link, between the camera's and the recorder's."""

    here: socket.socket
    recorder: int
    camera: int = 0

    @property
    def port(self) -> int:
        return int(self.here.getsockname()[1])


class Link:
    """Relays connections to ``127.0.0.1:camera_port``. ``loss``, the share of the camera's RTP datagrams dropped, may
    be changed at any time."""

    def __init__(self, camera_port: int, *, loss: float = 0.0, seed: int = 5) -> None:
        self.loss = loss
        self.dropped = 0
        self.passed = 0
        self._camera_port = camera_port
        self._random = random.Random(seed)
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._listener.settimeout(_POLL_S)
        self._flowing = threading.Event()
        self._flowing.set()
        self._plugged = True
        self._closing = False
        self._bytes_per_s: float | None = None
        self._lock = threading.Lock()
        self._connections: list[socket.socket] = []
        self._datagrams: list[_Datagrams] = []
        self._threads = [threading.Thread(target=self._accept, daemon=True)]
        self._threads[0].start()

    def url(self, path: str) -> str:
        return f"rtsp://127.0.0.1:{self._listener.getsockname()[1]}{path}"

    def narrow(self, bytes_per_s: float | None) -> None:
        """So much of a connection passes in a second, either way; what is more waits. None: all of it."""
        self._bytes_per_s = bytes_per_s

    def reset(self) -> None:
        """Every connection ends at once with RST, on both sides."""
        with self._lock:
            ending, self._connections = self._connections, []
        for connection in ending:
            with suppress(OSError):
                connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
                connection.shutdown(socket.SHUT_RD)  # wakes the thread that reads it; close alone would not
            connection.close()

    def hold(self, on: bool) -> None:
        """Half-open: connections stand, new ones are taken, and nothing passes; neither side is told."""
        if on:
            self._flowing.clear()
        else:
            self._flowing.set()

    def unplug(self, on: bool) -> None:
        """Every connection is reset, and each new one too, until plugged in again."""
        self._plugged = not on
        if on:
            self.reset()

    def close(self) -> None:
        self._closing = True
        self._flowing.set()
        self.reset()
        for thread in self._threads:
            thread.join(5)
        self._listener.close()
        for port in self._datagrams:
            port.here.close()

    def _start(self, target: object, *arguments: object) -> None:
        thread = threading.Thread(target=target, args=arguments, daemon=True)  # type: ignore[arg-type]
        self._threads.append(thread)
        thread.start()

    def _accept(self) -> None:
        while not self._closing:
            try:
                recorder, _ = self._listener.accept()
            except TimeoutError:
                continue
            try:
                camera = socket.create_connection(("127.0.0.1", self._camera_port), 5)
            except OSError:
                recorder.close()
                continue
            with self._lock:
                self._connections += [recorder, camera]
            if not self._plugged:
                self.reset()
                continue
            ports: list[_Datagrams] = []
            self._start(self._pump, recorder, camera, lambda data, ports=ports: self._asked(data, ports))
            self._start(self._pump, camera, recorder, lambda data, ports=ports: self._answered(data, ports))

    def _pump(self, source: socket.socket, sink: socket.socket, rewrite: object) -> None:
        assert callable(rewrite)
        source.settimeout(_POLL_S)
        while not self._closing:
            try:
                narrow = self._bytes_per_s
                data = source.recv(_DATAGRAM if narrow is None else max(1, round(narrow * _POLL_S)))
                self._flowing.wait()
                if narrow is not None:
                    time.sleep(len(data) / narrow)
                sink.sendall(rewrite(data))
            except TimeoutError:
                continue
            except OSError:
                break
            if not data:
                break
        for end in (source, sink):
            with suppress(OSError):
                end.close()

    def _asked(self, data: bytes, ports: list[_Datagrams]) -> bytes:
        """A request: where the recorder wants datagrams sent, say our ports."""
        found = re.search(rb"client_port=(\d+)-(\d+)", data)
        if not data.startswith(b"SETUP") or found is None:
            return data
        ports[:] = [_Datagrams(_udp_socket(), int(number)) for number in found.groups()]
        self._datagrams += ports
        return data.replace(found[0], b"client_port=%d-%d" % (ports[0].port, ports[1].port))

    def _answered(self, data: bytes, ports: list[_Datagrams]) -> bytes:
        """An answer: where the camera sends from, say our ports; datagrams flow from now on."""
        found = re.search(rb"server_port=(\d+)-(\d+)", data)
        if not ports or not data.startswith(b"RTSP/") or found is None:
            return data
        for number, port in enumerate(ports):
            port.camera = int(found[number + 1])
            self._start(self._relay, port, number == 0)
        numbers = ports[0].port, ports[1].port
        ports.clear()
        return re.sub(rb"client_port=\d+-\d+", b"client_port=%d-%d" % numbers, data).replace(
            found[0], b"server_port=%d-%d" % numbers
        )

    def _relay(self, port: _Datagrams, is_lossy: bool) -> None:
        port.here.settimeout(_POLL_S)
        while not self._closing:
            try:
                data, (_, source) = port.here.recvfrom(_DATAGRAM)
                self._flowing.wait()
                if source != port.camera:
                    port.here.sendto(data, ("127.0.0.1", port.camera))
                elif is_lossy and self._random.random() < self.loss:
                    self.dropped += 1
                else:
                    self.passed += 1
                    port.here.sendto(data, ("127.0.0.1", port.recorder))
            except TimeoutError:
                continue
            except ConnectionRefusedError:
                continue  # the other side has closed its port; a new SETUP brings new ones
            except OSError:
                return


def _udp_socket() -> socket.socket:
    made = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    made.bind(("127.0.0.1", 0))
    return made


@contextmanager
def link(camera_port: int, *, loss: float = 0.0) -> Iterator[Link]:
    """A link for the length of a ``with`` block."""
    made = Link(camera_port, loss=loss)
    try:
        yield made
    finally:
        made.close()
