from __future__ import annotations

import pytest
from pydantic import ValidationError

from basira.base.errors import BasiraError
from basira.catalogue.store import Catalogue
from basira.catalogue.zones import ScheduleSpan, Zone, Zones

TRIANGLE = ((0.0, 0.0), (1.0, 0.0), (0.5, 1.0))


def zone(name: str) -> Zone:
    night = ScheduleSpan(days=(0, 6), start="22:00", end="05:30")
    return Zone(name=name, kind="alert", polygon=TRIANGLE, classes=("person",), schedule=(night,))


def test_zones_are_replaced_as_a_whole_and_raise_the_version(catalogue: Catalogue) -> None:
    zones, version = Zones(catalogue), catalogue.version()
    assert zones.replace("gate", [zone("b"), zone("a")]) == zones.of_camera("gate")
    assert [z.name for z in zones.of_camera("gate")] == ["a", "b"]
    assert catalogue.version() == version + 1
    zones.replace("gate", [])
    assert zones.of_camera("gate") == []


def test_zones_of_one_camera_leave_another_alone(catalogue: Catalogue) -> None:
    zones = Zones(catalogue)
    (kept,) = zones.replace("yard", [zone("yard")])
    zones.replace("gate", [zone("gate")])
    assert zones.of_camera("yard") == [kept]


def test_a_zone_of_another_camera_cannot_be_taken(catalogue: Catalogue) -> None:
    zones = Zones(catalogue)
    (kept,) = zones.replace("yard", [zone("yard")])
    with pytest.raises(BasiraError) as refused:
        zones.replace("gate", [kept])
    assert refused.value.code == "zone_of_another_camera"
    assert zones.of_camera("yard") == [kept]


@pytest.mark.parametrize(
    "bad",
    [
        {"polygon": [[0, 0], [1, 1]]},
        {"polygon": [[0, 0], [1, 1], [0, 1.5]]},
        {"schedule": [{"days": [7], "start": "00:00", "end": "24:00"}]},
        {"schedule": [{"days": [1], "start": "25:00", "end": "26:00"}]},
        {"kind": "noise"},
    ],
)
def test_a_zone_that_makes_no_sense_is_refused(bad: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        Zone.model_validate({"name": "z", "kind": "alert", "polygon": TRIANGLE} | bad)
