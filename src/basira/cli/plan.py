"""``basira plan``: how many cameras this machine holds, and how much disk and battery they need."""

from __future__ import annotations

import os
from typing import Annotated

import psutil
import typer

from basira.base.messages import MESSAGES
from basira.cli.capacity import Machine, Wish, fixed_work_s
from basira.cli.capacity import plan as plan_for
from basira.cli.settings import language, load_settings, told_errors


def plan(
    cameras: Annotated[int, typer.Option(min=1, help="How many cameras there shall be.")] = 16,
    bit_rate: Annotated[float, typer.Option(min=0.05, help="Of each, Mb/s.")] = 2.5,
    frame_rate: Annotated[float, typer.Option(min=1, max=120, help="Of each, frames a second.")] = 15.0,
    megapixels: Annotated[float, typer.Option(min=0.05, help="Of the stream that is analysed.")] = 2.07,
    busy: Annotated[float, typer.Option(min=0, max=1, help="Share of time in which something happens.")] = 0.3,
    analyse: Annotated[bool, typer.Option(help="Look for people and vehicles.")] = True,
    days: Annotated[float | None, typer.Option(min=0.01, help="Footage is kept; the setting by default.")] = None,
    hours: Annotated[float, typer.Option(min=0, help="Without mains.")] = 8.0,
    idle_watts: Annotated[float, typer.Option(min=0, help="The machine and its disk, doing nothing.")] = 8.0,
    core_watts: Annotated[float, typer.Option(min=0, help="More for each processor at work.")] = 6.0,
) -> None:
    """Say how many such cameras this machine holds, and what processor, memory, disk and battery they need.

    From figures measured by “make bench” (docs/capacity.md); this machine's speed is measured now, in a tenth of a
    second. Exits with 1 when the cameras are too many.
    """
    with told_errors():
        days = load_settings().retention_days if days is None else days
        machine = Machine(os.cpu_count() or 1, psutil.virtual_memory().total, fixed_work_s())
        wish = Wish(cameras, bit_rate, frame_rate, megapixels, busy, analyse, days, hours, idle_watts, core_watts)
        found = plan_for(machine, wish)
    spoken = language()
    values = {
        "cameras": cameras, "most": found.most_cameras, "cores": f"{found.cores:.2f}", "of_cores": machine.cores,
        "memory": f"{found.memory_bytes / 1e9:.1f}", "of_memory": f"{machine.memory_bytes / 1e9:.1f}",
        "disk": f"{found.disk_bytes / 1e9:.0f}", "days": f"{days:g}", "watts": f"{found.watts:.0f}",
        "battery": f"{found.battery_wh:.0f}", "hours": f"{hours:g}",
    }  # fmt: skip
    bound = "plan_bound_processor" if found.bound == "processor" else "plan_bound_memory"
    for code in ("plan_fits" if found.fits else "plan_too_many", bound, "plan_needs", "plan_disk", "plan_battery"):
        typer.echo(MESSAGES[code][spoken].format(**values))
    if not found.fits:
        raise typer.Exit(1)
