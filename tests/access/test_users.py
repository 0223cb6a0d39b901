"""Users: added with a one-time password, which works until it is changed or reset."""

from __future__ import annotations

import pytest
from argon2 import PasswordHasher

from basira.access.passwords import Passwords
from basira.access.users import User, Users
from basira.base.errors import BasiraError
from basira.catalogue import schema
from basira.catalogue.store import Catalogue


def test_a_new_user_logs_in_with_the_one_time_password_and_has_to_change_it(users: Users) -> None:
    once = users.add("Noor")
    assert users.authenticate("noor", once) == User("noor", must_change_password=True)
    users.change_password("noor", once, "her own password")
    assert users.authenticate("NOOR", "her own password") == User("noor", must_change_password=False)
    assert users.authenticate("noor", once) is None


def test_the_password_is_nowhere_in_the_database(users: Users, catalogue: Catalogue) -> None:
    once = users.add("noor")
    with catalogue.read() as connection:
        assert once not in str(connection.execute(schema.users.select()).all())


@pytest.mark.parametrize("name", ["", "-x", "a b", "نور", "a" * 64, "../x", "a\n"])
def test_a_name_that_could_confuse_is_refused(users: Users, name: str) -> None:
    with pytest.raises(BasiraError) as refused:
        users.add(name)
    assert refused.value.code == "user_name_invalid"


def test_a_name_is_one_user_in_whatever_case(users: Users) -> None:
    users.add("noor")
    with pytest.raises(BasiraError) as refused:
        users.add("NOOR")
    assert refused.value.code == "user_exists"
    assert [user.name for user in users.all()] == ["noor"]


def test_a_reset_gives_a_new_one_time_password(users: Users) -> None:
    first = users.add("noor")
    second = users.reset_password("noor")
    assert users.authenticate("noor", first) is None
    assert users.authenticate("noor", second) == User("noor", must_change_password=True)
    with pytest.raises(BasiraError) as refused:
        users.reset_password("nobody")
    assert refused.value.code == "user_unknown"


def test_a_hash_of_yesterdays_strength_is_renewed_at_login(users: Users, catalogue: Catalogue) -> None:
    once = users.add("noor")
    stronger = Users(catalogue, Passwords(PasswordHasher(time_cost=2, memory_cost=16, parallelism=1)))
    assert stronger.authenticate("noor", once) is not None
    with catalogue.read() as connection:
        assert "m=16,t=2" in connection.execute(schema.users.select()).one().password_hash
    assert stronger.authenticate("noor", once) is not None


def test_a_disabled_user_cannot_log_in(users: Users, catalogue: Catalogue) -> None:
    once = users.add("noor")
    with catalogue.write() as connection:
        connection.execute(schema.users.update().values(disabled=True))
    assert users.authenticate("noor", once) is None
