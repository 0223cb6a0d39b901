"""``python bench/pyav_copy.py FOLDER URL...``: the least that a Python process needs to record some cameras."""

from __future__ import annotations

import sys
import threading
from pathlib import Path

import av


def copy(url: str, target: Path) -> None:
    """One camera into one fragmented MP4, a fragment a keyframe, until killed."""
    source = av.open(url, options={"rtsp_transport": "tcp"})
    sink = av.open(str(target), "w", format="mp4", options={"movflags": "frag_keyframe+empty_moov+default_base_moof"})
    video = source.streams.video[0]
    stream = sink.add_stream_from_template(video)
    for packet in source.demux(video):
        if packet.dts is None:
            continue
        packet.stream = stream
        sink.mux(packet)


def main() -> None:
    folder = Path(sys.argv[1])
    threads = [
        threading.Thread(target=copy, args=(url, folder / f"{number}.mp4"), daemon=True)
        for number, url in enumerate(sys.argv[2:])
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


if __name__ == "__main__":
    main()
