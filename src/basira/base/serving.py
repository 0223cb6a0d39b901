"""Uvicorn for a machine that also records: it rests while nobody asks."""

from __future__ import annotations

import asyncio
from typing import Final

import uvicorn

_IDLE_TICK_S: Final = 0.5


class QuietServer(uvicorn.Server):
    """Uvicorn wakes ten times a second though nobody asks anything: a third of what the custody process used.

    It is woken for requests as before; what the ticks do is set the Date header and see whether it is to end.
    """

    async def main_loop(self) -> None:
        # What ends the loop is a flag of uvicorn's, set by a signal or another thread.
        while not await self.on_tick(0):  # noqa: ASYNC110
            await asyncio.sleep(_IDLE_TICK_S)
