"""Debian's ZoneMinder as a runner, without installing it.

The package brings a hundred others and services that start by themselves. Measuring needs three programs: ``zmc``,
which records and looks for motion, one process a camera, and MariaDB's server and client. They are taken out of their
packages into a folder, and run there, with ``/etc/zm`` in a mount namespace of their own (``zmc`` looks nowhere else).
"""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import psutil

from bench.cameras import Source
from bench.processes import running
from tests.system.node import wait_until

_PACKAGES: Final = (
    "zoneminder", "libjwt-gnutls0", "libpcre3", "mariadb-server", "mariadb-server-core", "mariadb-client-core",
    "libmariadb3", "libaio1", "liburing2", "libcurl3-gnutls", "libvncclient1",
)  # fmt: skip
_NEEDED: Final = ("apt-get", "dpkg-deb", "unshare")
_FROM_ETC: Final = ("passwd", "group", "nsswitch.conf", "hosts", "localtime", "ld.so.cache")
_START_S: Final = 120.0

_DATABASE: Final = """[mysqld]
datadir={work}/database
socket={work}/database.socket
pid-file={work}/database.pid
skip-networking
user=root
lc-messages-dir={root}/usr/share/mysql
character-sets-dir={root}/usr/share/mysql/charsets
plugin-dir={root}/usr/lib/mysql/plugin
innodb_buffer_pool_size=64M
"""
_PATHS: Final = """ZM_PATH_DATA={root}/usr/share/zoneminder
ZM_PATH_BIN={root}/usr/bin
ZM_PATH_CONF=/etc/zm
ZM_WEB_USER=root
ZM_WEB_GROUP=root
ZM_DB_HOST=localhost:{work}/database.socket
ZM_DB_NAME=zm
ZM_DB_USER=root
ZM_DB_PASS=
ZM_DIR_EVENTS={work}/events
ZM_DIR_EXPORTS={work}
ZM_PATH_MAP=/dev/shm
ZM_PATH_SOCKS={work}
ZM_PATH_LOGS={work}
ZM_PATH_SWAP={work}
"""
# Mocord (record always, look for motion always), passthrough, no pictures beside the video; a zone over everything as
# the page makes it for a new monitor. Everything else is as the package sets it.
_MONITOR: Final = """INSERT INTO Monitors SET Id={id}, Name='camera{id}', Type='Ffmpeg', Function='Mocord', Enabled=1,
 Path='{url}', Method='rtpRtsp', Width=1920, Height=1080, Colours=4, SaveJPEGs=0, VideoWriter=2, OutputContainer='mp4',
 StorageId=1, SectionLength=60, ONVIF_URL='', ONVIF_Username='', ONVIF_Password='', ONVIF_Options='', Triggers='',
 RTSPStreamName='', ImageBufferCount=3, MaxImageBufferCount=0, AnalysisFPSLimit=NULL;
INSERT INTO Zones SET MonitorId={id}, Name='All', Type='Active', Units='Percent', NumCoords=4,
 Coords='0,0 1919,0 1919,1079 0,1079', Area=2073600, CheckMethod='Blobs', MinPixelThreshold=25, MinAlarmPixels=62208,
 MaxAlarmPixels=1555200, FilterX=3, FilterY=3, MinFilterPixels=62208, MaxFilterPixels=1555200, MinBlobPixels=41472,
 MinBlobs=1;
"""
_START: Final = """set -e
mount --bind {work}/etc /etc
{root}/usr/sbin/mariadbd --defaults-file={work}/database.cnf &
until [ -S {work}/database.socket ]; do sleep 0.2; done
{root}/usr/bin/mariadb --no-defaults -S {work}/database.socket -u root < {work}/setup.sql
for id in {ids}; do {root}/usr/bin/zmc -m $id & done
trap 'kill $(jobs -p)' TERM
wait
wait
"""


class ZoneMinderUnavailable(Exception):
    """Said to whoever measures; the other runners go on."""


def taken_out(cache: Path) -> Path:
    """The programs out of their Debian packages, below ``cache``. Raises ZoneMinderUnavailable."""
    root = (cache / "zoneminder").absolute()
    if (root / "usr/bin/zmc").exists():
        return root
    if missing := [name for name in _NEEDED if shutil.which(name) is None]:
        raise ZoneMinderUnavailable(f"ZoneMinder is left out: it takes {', '.join(missing)}")
    packages = cache / "zoneminder-packages"
    packages.mkdir(parents=True, exist_ok=True)
    fetched = subprocess.run(["apt-get", "download", *_PACKAGES], cwd=packages, capture_output=True, text=True)
    if fetched.returncode:
        raise ZoneMinderUnavailable(f"ZoneMinder is left out: {fetched.stderr.strip().splitlines()[-1]}")
    partial = root.with_suffix(".partial")
    shutil.rmtree(partial, ignore_errors=True)
    for package in sorted(packages.glob("*.deb")):
        subprocess.run(["dpkg-deb", "-x", package, partial], check=True)
    partial.rename(root)
    return root


@contextmanager
def zoneminder(cameras: Sequence[Source], work: Path, cache: Path) -> Iterator[int]:
    """One ``zmc`` a camera and their database; the process id of the shell over all of them."""
    root, work = taken_out(cache), work.absolute()
    _prepare(cameras, work, root)
    libraries = ":".join(str(root / below / "x86_64-linux-gnu") for below in ("usr/lib", "lib"))
    script = work / "start.sh"
    script.write_text(_START.format(work=work, root=root, ids=" ".join(str(i + 1) for i in range(len(cameras)))))
    command = ["unshare", "--map-root-user", "--mount", "bash", str(script)]
    with running(command, work, LD_LIBRARY_PATH=libraries) as process:
        wait_until("every camera has its zmc", lambda: _count_of(process.pid, "zmc") == len(cameras), _START_S)
        wait_until(
            "every camera is recorded", lambda: len({*work.glob("events/*/*/*/*.mp4")}) >= len(cameras), _START_S
        )
        yield process.pid


def _count_of(pid: int, name: str) -> int:
    return sum(process.name() == name for process in psutil.Process(pid).children(recursive=True))


def _prepare(cameras: Sequence[Source], work: Path, root: Path) -> None:
    """Configuration, an empty database, and what is to be put into it."""
    for folder in ("database", "events", "etc/zm/conf.d"):
        (work / folder).mkdir(parents=True)
    for name in _FROM_ETC:
        if Path("/etc", name).exists():
            shutil.copy(Path("/etc", name), work / "etc" / name)
    (work / "etc/zm/zm.conf").write_text(_PATHS.format(work=work, root=root))
    (work / "database.cnf").write_text(_DATABASE.format(work=work, root=root))
    tables = ("mysql_system_tables.sql", "mysql_performance_tables.sql", "mysql_system_tables_data.sql")
    system = "".join((root / "usr/share/mysql" / name).read_text() for name in tables)
    libraries = ":".join(str(root / below / "x86_64-linux-gnu") for below in ("usr/lib", "lib"))
    subprocess.run(
        [root / "usr/sbin/mariadbd", f"--defaults-file={work}/database.cnf", "--bootstrap"],
        input=f"create database mysql;\nuse mysql;\n{system}", text=True, check=True, capture_output=True,
        env={**os.environ, "LD_LIBRARY_PATH": libraries},
    )  # fmt: skip
    schema = root / "usr/share/zoneminder/db"
    create = (schema / "zm_create.sql").read_text().replace("/usr/share/zoneminder/db", str(schema))
    monitors = "".join(_MONITOR.format(id=number, url=camera.main) for number, camera in enumerate(cameras, 1))
    storage = f"UPDATE Storage SET Path='{work}/events' WHERE Id=1;\n"
    (work / "setup.sql").write_text(f"{create}\nUSE zm;\n{storage}{monitors}")
