"""What was wrong goes into the log: each alarm once when it begins and once when it ends."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

from basira.alerting.alarms import AlarmBook, Condition
from basira.base.clock import SimulatedClock
from basira.custody.acts.spool import ActSpool
from basira.web.alarm_log import AlarmLog


def test_an_alarm_is_written_down_when_it_begins_and_when_it_ends(tmp_path: Path) -> None:
    clock = SimulatedClock()
    with closing(ActSpool.open(tmp_path / "acts.db", clock)) as spool:
        book = AlarmBook(clock, AlarmLog(spool))
        book.now([Condition("camera_silent", "warning", "gate")])
        book.now([Condition("camera_silent", "error", "gate")])
        book.now([])
        told = [(act.act, act.code, act.cameras) for act in spool.after(0)]
    assert told == [("alarm_began", "camera_silent", ("gate",)), ("alarm_ended", "camera_silent", ("gate",))]


def test_an_alarm_that_cannot_be_written_down_still_reaches_people(tmp_path: Path) -> None:
    clock = SimulatedClock()
    spool = ActSpool.open(tmp_path / "acts.db", clock)
    book = AlarmBook(clock, AlarmLog(spool))
    (tmp_path / "acts.db").chmod(0o400)
    spool.close()
    for path in tmp_path.iterdir():
        path.unlink()
    tmp_path.joinpath("acts.db").mkdir()
    book.now([Condition("disk_full", "error")])
    assert [alarm.condition.code for alarm in book.lasting()] == ["disk_full"]
