"""Passwords are kept as argon2id hashes of the strength that RFC 9106 asks for."""

from __future__ import annotations

import pytest

from basira.access.passwords import LONGEST_PASSWORD, Passwords, new_one_time_password
from basira.base.errors import BasiraError


def test_the_hash_is_argon2id_with_its_memory_and_never_twice_the_same() -> None:
    passwords = Passwords()
    first, second = (passwords.hash("correct horse battery", "noor") for _ in range(2))
    assert first.startswith("$argon2id$v=19$m=65536,t=3,p=4$")
    assert first != second
    assert passwords.verify("correct horse battery", first)
    assert not passwords.verify("correct horse batterx", first)
    assert not passwords.outdated(first)


@pytest.mark.parametrize("weak", ["short", "aaaaaaaaaaaaaa", "x" * (LONGEST_PASSWORD + 1), "NOOR-and-more", ""])
def test_weak_passwords_are_refused(weak: str) -> None:
    with pytest.raises(BasiraError) as refused:
        Passwords().hash(weak, "noor")
    assert refused.value.code == "password_too_weak"


def test_nobody_has_no_password() -> None:
    passwords = Passwords()
    assert not passwords.verify("anything at all", None)
    assert not passwords.verify("x" * 100_000, None)
    assert not passwords.verify("anything", "not a hash")


def test_one_time_passwords_are_long_and_differ() -> None:
    made = {new_one_time_password() for _ in range(1_000)}
    assert len(made) == 1_000
    assert all(len(password) == 19 and not set(password) & set("01loi") for password in made)
