from __future__ import annotations

from basira.cameras.discovery import devices_of, devices_on_network
from basira.cameras.probe import discover

SCOPES = ["onvif://www.onvif.org/name/Gate%20North", "onvif://www.onvif.org/hardware/DS-2CD", "onvif://www.onvif.org/x"]


def test_an_answer_becomes_what_is_shown_and_typed() -> None:
    (device,) = devices_of([(["http://192.0.2.7/onvif/device_service"], SCOPES)])
    assert (device.address, device.name, device.hardware) == ("192.0.2.7", "Gate North", "DS-2CD")


def test_a_device_that_answers_twice_is_shown_once_by_its_first_usable_address() -> None:
    answers = [
        (["urn:nonsense", "http://192.0.2.8:8080/onvif/device_service"], []),
        (["http://192.0.2.8:8080/onvif/device_service", "http://169.254.3.4/onvif"], SCOPES),
        (["http://[2001:db8::7]/onvif"], []),
    ]
    assert [device.address for device in devices_of(answers)] == ["192.0.2.8:8080", "[2001:db8::7]"]


def test_nonsense_from_the_network_is_left_out_and_long_names_are_cut() -> None:
    answers = [
        ([], SCOPES),
        (["http://[bad"], []),
        (["http://192.0.2.9/"], ["onvif://www.onvif.org/name/" + "x" * 5000] * 99),
    ]
    (device,) = devices_of(answers)
    assert len(device.name) == 200 and len(device.scopes) == 50


def test_searching_a_network_without_cameras_ends_in_time_and_finds_none() -> None:
    assert all(device.address for device in devices_on_network(0.5))


def test_searching_works_through_its_own_process() -> None:
    assert isinstance(discover(wait_s=0.5), tuple)
