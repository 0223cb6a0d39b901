"""Part of a file as an answer, byte for byte, while the file may grow or be deleted (RFC 9110, 14)."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import BinaryIO, Final

import structlog
from anyio import to_thread
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from basira.base.errors import BasiraError
from basira.replay.footage import unreadable

log = structlog.get_logger(__name__)

_CHUNK: Final = 256 * 1024
_ONE_RANGE: Final = re.compile(r"bytes=([0-9]{0,18})-([0-9]{0,18})")


def range_asked(header: str | None, length: int) -> tuple[int, int] | None:
    """First byte and the byte after the last that ``Range`` asks for; None when the whole file is to be sent.

    What is not a single range of bytes is ignored, as the standard allows. Raises BasiraError
    ``range_not_satisfiable`` (416) when the range lies outside.
    """
    match = _ONE_RANGE.fullmatch(header.replace(" ", "")) if header else None
    if match is None or (not match[1] and not match[2]):
        return None
    if not match[1]:
        start, end = length - int(match[2]), length
        start = max(0, start)
    else:
        start, end = int(match[1]), int(match[2]) + 1 if match[2] else length
        if match[2] and end <= start:
            return None
    end = min(end, length)
    if start >= end:
        raise BasiraError("range_not_satisfiable", status=416, length=length)
    return start, end


class FileAnswer(Response):
    """``length`` bytes of an open file, or the range asked for. Closes the file, whatever happens.

    The file stays readable though retention unlinks it meanwhile; bytes after ``length`` are never sent. A file that
    ends too early, or a disk that does not give the first bytes back, is told as BasiraError ``footage_unreadable``;
    later bytes that it does not give back cut the answer off.
    """

    def __init__(
        self, request: Request, file: BinaryIO, length: int, media_type: str, *, etag: str, headers: dict[str, str]
    ) -> None:
        self._file = file
        try:
            condition = request.headers.get("if-range")
            wanted = request.headers.get("range") if condition in (None, etag) else None
            asked = range_asked(wanted, length)
        except BasiraError:
            file.close()
            raise
        self._start, self._end = asked or (0, length)
        partial = {"Content-Range": f"bytes {self._start}-{self._end - 1}/{length}"} if asked else {}
        fixed = {"Accept-Ranges": "bytes", "ETag": etag, "Content-Length": str(self._end - self._start)}
        super().__init__(None, 206 if asked else 200, headers | fixed | partial, media_type)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            offset = self._start
            try:
                await to_thread.run_sync(self._check_length)
                chunk = await self._read(offset)
            except OSError as error:
                raise unreadable(Path(self._file.name), error) from error
            await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
            while True:
                offset += len(chunk)
                await send({"type": "http.response.body", "body": chunk, "more_body": offset < self._end})
                if offset == self._end:
                    return
                try:
                    chunk = await self._read(offset)
                except OSError as error:
                    # The server closes the connection of an answer that ends too early: the reader sees that it did.
                    log.error("answer_cut_off", file=Path(self._file.name).name, offset=offset, reason=str(error))
                    return
        finally:
            self._file.close()

    def _check_length(self) -> None:
        short = self._end - os.fstat(self._file.fileno()).st_size
        if short > 0:
            raise OSError(f"file ends {short} bytes early")

    async def _read(self, offset: int) -> bytes:
        """Some of the bytes from ``offset`` on; none only at the end of the answer."""
        wanted = min(_CHUNK, self._end - offset)
        chunk = await to_thread.run_sync(os.pread, self._file.fileno(), wanted, offset)
        if wanted and not chunk:
            raise OSError(f"file ends {self._end - offset} bytes early")
        return chunk
