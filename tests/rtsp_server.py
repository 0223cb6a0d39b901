"""An RTSP camera that nobody at Basira wrote: GStreamer's RTSP server, driven by the system's Python.

Run as ``/usr/bin/python3 tests/rtsp_server.py CONFIG_JSON``; it prints ``ready PORT`` and then obeys one JSON command a
line on standard input. Access units come from an Annex B file with access unit delimiters and are sent by the wall
clock: the unit that is due now is the unit that is sent, so a server that was stopped goes on where time has gone on.

Config: ``port`` (0: any), ``username``/``password`` (digest, optional), ``mounts``: ``{path: {file, codec, rate, gop,
audio, phase}}``; ``phase`` shifts the clip by so many frames.
Commands: ``{"op": "freeze", "mount": "/a", "on": true}``, ``{"op": "jump", "mount": "/a", "seconds": -5}``,
``{"op": "switch", "mount": "/a", "file": "..."}``, ``{"op": "drop_clients"}``.
"""

import functools
import json
import sys
import threading
import time
from pathlib import Path
from typing import Any

import gi

gi.require_version("Gst", "1.0")
gi.require_version("GstRtsp", "1.0")
gi.require_version("GstRtspServer", "1.0")
from gi.repository import GLib, Gst, GstRtsp, GstRtspServer  # noqa: E402

AUDIO = {
    "aac": "audiotestsrc is-live=true wave=ticks ! audio/x-raw,rate=16000,channels=1 ! avenc_aac bitrate=32000 "
    "! aacparse ! rtpmp4gpay pt=97 name=pay1",
    "pcma": "audiotestsrc is-live=true wave=ticks ! audio/x-raw,rate=8000,channels=1 ! alawenc "
    "! rtppcmapay pt=8 name=pay1",
}
PARSE = {"h264": "h264parse config-interval=-1", "h265": "h265parse config-interval=-1"}
PAY = {"h264": "rtph264pay", "h265": "rtph265pay"}
CAPS = {
    "h264": "video/x-h264,stream-format=byte-stream,alignment=au",
    "h265": "video/x-h265,stream-format=byte-stream,alignment=au",
}


@functools.cache
def access_units(path: str, codec: str) -> list[bytes]:
    """Split an Annex B file at its access unit delimiters."""
    data = Path(path).read_bytes()
    delimiter = b"\x00\x00\x00\x01\x09" if codec == "h264" else b"\x00\x00\x00\x01\x46"
    starts = []
    at = data.find(delimiter)
    while at >= 0:
        starts.append(at)
        at = data.find(delimiter, at + 5)
    return [data[a:b] for a, b in zip(starts, [*starts[1:], len(data)], strict=True)]


class Mount:
    """One stream address; every client of it shares the media.

    Clients of one address should use one transport: GStreamer's server often answers 503 to the second kind.
    """

    def __init__(self, options: dict[str, Any]) -> None:
        self.codec = options.get("codec", "h264")
        self.rate = options["rate"]
        self.gop = options["gop"]
        self.phase = options.get("phase", 0)
        self.units = access_units(options["file"], self.codec)
        self.frozen = False
        self.jump_ns = 0
        self.generation = 0
        self.factory = GstRtspServer.RTSPMediaFactory()
        audio = AUDIO.get(options.get("audio", ""), "")
        self.factory.set_launch(
            f"( appsrc name=video is-live=true format=time do-timestamp=false caps={CAPS[self.codec]} "
            f"! {PARSE[self.codec]} ! {PAY[self.codec]} pt=96 name=pay0 {audio} )"
        )
        self.factory.set_shared(True)
        self.factory.set_latency(0)
        self.factory.connect("media-configure", self.configure)

    def configure(self, _factory: Any, media: Any) -> None:
        self.generation += 1
        source = media.get_element().get_child_by_name("video")
        media.connect("unprepared", lambda *_: self.stop())
        threading.Thread(target=self.feed, args=(source, self.generation), daemon=True).start()

    def stop(self) -> None:
        self.generation += 1

    def obey(self, op: str, *, on: bool = False, seconds: float = 0.0, file: str = "") -> None:
        """Freeze or thaw, let the timestamps jump, or go on with another clip."""
        if op == "freeze":
            self.frozen = on
        elif op == "jump":
            self.jump_ns += int(seconds * Gst.SECOND)
        elif op == "switch":
            self.units = access_units(file, self.codec)
        else:
            raise ValueError(op)

    def feed(self, source: Any, generation: int) -> None:
        """Push the access unit that is due by the wall clock, beginning at a keyframe."""
        frame = int(time.time() * self.rate) + 1
        frame += -(frame + self.phase) % self.gop
        first = frame
        while generation == self.generation:
            due = frame / self.rate
            time.sleep(max(0.0, due - time.time()))
            if not self.frozen:
                buffer = Gst.Buffer.new_wrapped(self.units[(frame + self.phase) % len(self.units)])
                buffer.pts = max(0, int((frame - first) * Gst.SECOND / self.rate) + self.jump_ns)
                buffer.duration = int(Gst.SECOND / self.rate)
                if source.emit("push-buffer", buffer) != Gst.FlowReturn.OK:
                    return
            frame += 1


def main() -> None:
    config = json.loads(sys.argv[1])
    Gst.init(None)
    server = GstRtspServer.RTSPServer()
    server.set_address("127.0.0.1")
    server.set_service(str(config.get("port", 0)))
    # A thread for each client: cameras are boxes of their own, and none waits until another has its first keyframe.
    server.get_thread_pool().set_max_threads(-1)
    if config.get("username"):
        auth = GstRtspServer.RTSPAuth()
        auth.set_supported_methods(GstRtsp.RTSPAuthMethod.DIGEST)
        token = GstRtspServer.RTSPToken()
        token.set_string("media.factory.role", "viewer")
        auth.add_digest(config["username"], config["password"], token)
        server.set_auth(auth)
    mounts = {path: Mount(options) for path, options in config["mounts"].items()}
    points = server.get_mount_points()
    for path, mount in mounts.items():
        if config.get("username"):
            permissions = GstRtspServer.RTSPPermissions()
            permissions.add_permission_for_role("viewer", "media.factory.access", True)
            permissions.add_permission_for_role("viewer", "media.factory.construct", True)
            mount.factory.set_permissions(permissions)
        points.add_factory(path, mount.factory)
    if server.attach(None) == 0:
        sys.exit("cannot listen")
    print("ready", server.get_bound_port(), flush=True)
    loop = GLib.MainLoop()

    def obey() -> None:
        for line in sys.stdin:
            command = json.loads(line)
            if command["op"] == "drop_clients":
                GLib.idle_add(lambda: server.client_filter(lambda *_: GstRtspServer.RTSPFilterResult.REMOVE) and False)
            else:
                mounts[command.pop("mount")].obey(**command)
            print("done", flush=True)
        loop.quit()

    threading.Thread(target=obey, daemon=True).start()
    loop.run()


main()
