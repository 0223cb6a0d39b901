"""The node's log, as the page is told of it."""

from __future__ import annotations

from typing import Literal

from basira.custody.policy import NONE
from basira.custody.standing import Standing
from basira.web.shapes.common import Problem, Sentence, Shape, TimeUs


class Witness(Shape):
    """``problem``: ``unreachable``, or what it answered instead of a cosignature."""

    name: str
    problem: str | None


class Custody(Shape):
    """``problem`` is why evidence would be refused now; ``cosigned_us`` when a quorum last cosigned, if known."""

    origin: str
    state: Literal["comparing", "signing", "refusing"]
    reason: str
    size: int
    cosigned_size: int
    cosigned_us: TimeUs | None
    quorum: Sentence
    witnesses: list[Witness]
    problem: Problem | None


def custody_shape(standing: Standing) -> Custody:
    problem = standing.problem
    return Custody.model_validate(
        {
            "origin": standing.origin, "state": standing.state, "reason": standing.reason, "size": standing.size,
            "cosigned_size": standing.cosigned_size, "cosigned_us": standing.cosigned_us,
            "quorum": _quorum(standing),
            "witnesses": [
                {"name": name, "problem": problem or None} for name, problem in standing.witnesses.items()
            ],
            "problem": None if problem is None else Problem.of(problem),
        }
    )  # fmt: skip


def _quorum(standing: Standing) -> Sentence:
    policy = standing.policy
    if policy is None or policy.quorum == NONE:
        return Sentence(
            ar="لا شهود لهذه العقدة: لا يشهد على سجلّها سوى توقيعها.",
            en="This node has no witnesses: nothing but its own signature vouches for its log.",
        )
    needed, total = policy.quorum_size()
    return Sentence(
        ar=f"يجب أن يوقّع {needed} من {total} من الشهود.", en=f"{needed} of {total} witnesses must have cosigned."
    )
