"""The bundle's container: a ZIP in the one form that its contents allow.

Nothing compressed, names sorted, no dates, no comments, ZIP64 only where a number needs it. So a reader can write
the headers again from the contents and compare: a byte that was changed anywhere in the container is found, also
where no file's own bytes are.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Final

from basira.custody.strict import Malformed

_UTF8: Final = 0x0800
_DATE: Final = 0x0021  # 1980-01-01: the earliest a ZIP can say
_MAX32, _MAX16 = 0xFFFFFFFF, 0xFFFF
_COPY_BYTES: Final = 1 << 20
_MODE: Final = 0o100644 << 16
MAX_FILES: Final = 10_000_000


@dataclass(frozen=True, slots=True)
class Member:
    """One file in the container; ``offset`` is of its local header."""

    name: str
    size: int
    crc: int
    offset: int

    @property
    def _zip64(self) -> bool:
        return self.size >= _MAX32

    def local_header(self) -> bytes:
        name = self.name.encode()
        extra = struct.pack("<HHQQ", 1, 16, self.size, self.size) if self._zip64 else b""
        size = _MAX32 if self._zip64 else self.size
        version = 45 if self._zip64 else 20
        return struct.pack(
            "<4s5H3I2H", b"PK\3\4", version, _UTF8, 0, 0, _DATE, self.crc, size, size, len(name), len(extra)
        ) + name + extra  # fmt: skip

    def central_header(self) -> bytes:
        name = self.name.encode()
        large, far = self._zip64, self.offset >= _MAX32
        fields = ([self.size, self.size] if large else []) + ([self.offset] if far else [])
        extra = struct.pack(f"<HH{len(fields)}Q", 1, 8 * len(fields), *fields) if fields else b""
        size = _MAX32 if large else self.size
        version = 45 if fields else 20
        return struct.pack(
            "<4s6H3I5H2I", b"PK\1\2", 0x0300 | version, version, _UTF8, 0, 0, _DATE, self.crc, size, size,
            len(name), len(extra), 0, 0, 0, _MODE, _MAX32 if far else self.offset,
        ) + name + extra  # fmt: skip

    @property
    def data_offset(self) -> int:
        return self.offset + len(self.local_header())

    @property
    def end(self) -> int:
        return self.data_offset + self.size


def _directory(members: Iterable[Member], start: int) -> bytes:
    """The central directory and the records after it."""
    headers = [member.central_header() for member in members]
    body, count = b"".join(headers), len(headers)
    end = start + len(body)
    zip64 = count >= _MAX16 or start >= _MAX32 or len(body) >= _MAX32
    records = b""
    if zip64:
        records = struct.pack("<4sQ2H2I4Q", b"PK\6\6", 44, 0x032D, 45, 0, 0, count, count, len(body), start)
        records += struct.pack("<4sIQI", b"PK\6\7", 0, end, 1)
    short, size, offset = min(count, _MAX16), min(len(body), _MAX32), min(start, _MAX32)
    if zip64:
        short, size, offset = _MAX16, _MAX32, _MAX32
    return body + records + struct.pack("<4s4H2IH", b"PK\5\6", 0, 0, short, short, size, offset, 0)


def is_safe_name(name: str) -> bool:
    """Whether a file may have this name: relative, no way up, nothing a file system would take otherwise."""
    parts = name.split("/")
    return (
        bool(name)
        and name.isascii()
        and "\\" not in name
        and ":" not in name
        and all(part not in ("", ".", "..") and part.isprintable() for part in parts)
    )


def write_container(path: Path, files: Mapping[str, Path], wrote: Callable[[int], None] = lambda _: None) -> None:
    """Pack the files, by name. The result depends on names and bytes alone. ``wrote`` is told of bytes written."""
    members: list[Member] = []
    with path.open("wb") as out:
        for name in sorted(files):
            if not is_safe_name(name):
                raise ValueError(f"bad name {name}")
            size, crc = _measure(files[name])
            member = Member(name, size, crc, out.tell())
            out.write(member.local_header())
            with files[name].open("rb") as file:
                while chunk := file.read(_COPY_BYTES):
                    out.write(chunk)
                    wrote(len(chunk))
            members.append(member)
        out.write(_directory(members, out.tell()))


def _measure(path: Path) -> tuple[int, int]:
    size = crc = 0
    with path.open("rb") as file:
        while chunk := file.read(_COPY_BYTES):
            size, crc = size + len(chunk), zlib.crc32(chunk, crc)
    return size, crc


class Container:
    """A bundle being read. Files are found by the directory; :meth:`flaws` says what else is not as it must be."""

    def __init__(self, file: BinaryIO) -> None:
        """Raises :class:`Malformed` when there is no central directory to read by."""
        self._file = file
        file.seek(0, 2)
        self._length = file.tell()
        self._directory_start, count, size = self._end_record()
        self.members: dict[str, Member] = {}
        self._order: list[Member] = []
        self._read_directory(self._at(self._directory_start, size), count)

    def _at(self, offset: int, size: int) -> bytes:
        if offset < 0 or size < 0 or offset + size > self._length:
            raise Malformed("the container is cut short")
        self._file.seek(offset)
        return self._file.read(size)

    def _end_record(self) -> tuple[int, int, int]:
        """Offset of the directory, number of files, size of the directory."""
        if self._length < 22:
            raise Malformed("too short for a container")
        magic, _, _, _, count, size, offset, _ = struct.unpack("<4s4H2IH", self._at(self._length - 22, 22))
        if magic != b"PK\5\6":
            raise Malformed("no end record where it must be")
        if offset == _MAX32:
            magic, _, where, _ = struct.unpack("<4sIQI", self._at(self._length - 42, 20))
            if magic != b"PK\6\7":
                raise Malformed("no ZIP64 locator where it must be")
            magic, _, _, _, _, _, _, count, size, offset = struct.unpack("<4sQ2H2I4Q", self._at(where, 56))
            if magic != b"PK\6\6":
                raise Malformed("no ZIP64 record where it must be")
        return offset, count, size

    def _read_directory(self, data: bytes, count: int) -> None:
        if count > MAX_FILES:
            raise Malformed("too many files")
        place = 0
        for _ in range(count):
            if place + 46 > len(data):
                raise Malformed("the directory is cut short")
            fields = struct.unpack_from("<4s6H3I5H2I", data, place)
            magic, crc, size, name_length, extra_length, offset = (
                fields[0], fields[7], fields[9], fields[10], fields[11], fields[16],
            )  # fmt: skip
            if magic != b"PK\1\2":
                raise Malformed("not a directory entry")
            name_end = place + 46 + name_length
            extra = data[name_end : name_end + extra_length]
            numbers = [n for (n,) in struct.iter_unpack("<Q", extra[4:])] if len(extra) % 8 == 4 else []
            if size == _MAX32 and len(numbers) >= 2:
                size, numbers = numbers[0], numbers[2:]
            if offset == _MAX32 and numbers:
                offset = numbers[0]
            try:
                name = data[place + 46 : name_end].decode("ascii")
            except UnicodeDecodeError as error:
                raise Malformed("a file's name is not ASCII") from error
            if not is_safe_name(name):
                raise Malformed("a file's name is not safe")
            if name in self.members:
                raise Malformed(f"two files are named {name}")
            self.members[name] = member = Member(name, size, crc, offset)
            self._order.append(member)
            place = name_end + extra_length

    def read(self, name: str) -> bytes:
        """A file's bytes, whatever its checksum says. Raises KeyError, or :class:`Malformed` when cut short."""
        member = self.members[name]
        return self._at(member.data_offset, member.size)

    def copy(self, name: str, take: Callable[[bytes], object]) -> None:
        """A file's bytes in pieces."""
        member = self.members[name]
        for offset in range(0, member.size, _COPY_BYTES):
            take(self._at(member.data_offset + offset, min(_COPY_BYTES, member.size - offset)))

    def flaws(self) -> list[str]:
        """What is not as :func:`write_container` would have written it. Reads every byte once."""
        found: list[str] = []
        if [member.name for member in self._order] != sorted(self.members):
            found.append("the files are not in order")
        expected = 0
        for member in self._order:
            try:
                if member.offset != expected or self._at(member.offset, len(member.local_header())) != (
                    member.local_header()
                ):
                    found.append(f"the header of {member.name} is not as it must be")
                crc = 0
                for offset in range(0, member.size, _COPY_BYTES):
                    size = min(_COPY_BYTES, member.size - offset)
                    crc = zlib.crc32(self._at(member.data_offset + offset, size), crc)
                if crc != member.crc:
                    found.append(f"the checksum of {member.name} does not agree")
            except Malformed as error:
                found.append(f"{member.name}: {error}")
            expected = member.end
        tail = _directory(self._order, expected)
        if self._directory_start != expected or self._length != expected + len(tail):
            found.append("there are bytes that belong to no file")
        elif self._at(expected, len(tail)) != tail:
            found.append("the directory is not as it must be")
        return found


class StagedFiles:
    """A bundle that is still a folder, read as :class:`Container` reads a packed one."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        found = (path for path in folder.rglob("*") if path.is_file())
        names = {path.relative_to(folder).as_posix(): path.stat().st_size for path in found}
        self.members = {name: Member(name, size, 0, 0) for name, size in names.items()}

    def read(self, name: str) -> bytes:
        """Raises KeyError."""
        return (self._folder / self.members[name].name).read_bytes()

    def copy(self, name: str, take: Callable[[bytes], object]) -> None:
        with (self._folder / self.members[name].name).open("rb") as file:
            while chunk := file.read(_COPY_BYTES):
                take(chunk)

    def flaws(self) -> list[str]:
        return []
