"""Alarms go into the node's log too: what was wrong, from when, until when."""

from __future__ import annotations

import structlog
from sqlalchemy.exc import SQLAlchemyError

from basira.alerting.alarms import Alarm
from basira.custody.acts.spool import Act, ActSpool

log = structlog.get_logger(__name__)


class AlarmLog:
    """Called with each alarm that begins, changes its severity or ends; each begin and each end is written once."""

    def __init__(self, spool: ActSpool) -> None:
        self._spool = spool
        self._begun: set[str] = set()

    def __call__(self, alarm: Alarm) -> None:
        """Never raises: an alarm about a full disk must still reach people."""
        ended = alarm.ended_utc_ns is not None
        if not ended and alarm.id in self._begun:
            return
        self._begun.discard(alarm.id) if ended else self._begun.add(alarm.id)
        condition = alarm.condition
        cameras = () if condition.camera is None else (condition.camera,)
        try:
            self._spool.record(Act("alarm_ended" if ended else "alarm_began", "", cameras, code=condition.code))
        except SQLAlchemyError as error:
            log.error("alarm_not_logged", code=condition.code, reason=str(error))
