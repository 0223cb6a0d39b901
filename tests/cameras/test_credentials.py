from __future__ import annotations

import stat
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import SecretStr

from basira.base.errors import BasiraError
from basira.cameras.credentials import Vault

KEY = bytes(range(32))


@given(st.text(max_size=100))
def test_a_sealed_password_opens_to_itself_and_is_not_seen_in_the_seal(password: str) -> None:
    vault = Vault(KEY, "site-a")
    sealed = vault.seal("gate", SecretStr(password))
    assert vault.unseal("gate", sealed).get_secret_value() == password
    assert len(password) < 4 or password.encode() not in sealed


def test_the_same_password_never_seals_the_same_way() -> None:
    vault = Vault(KEY, "site-a")
    assert vault.seal("gate", SecretStr("p")) != vault.seal("gate", SecretStr("p"))


@pytest.mark.parametrize(
    ("key", "site", "owner"),
    [(KEY, "site-a", "yard"), (KEY, "site-b", "gate"), (bytes(32), "site-a", "gate")],
    ids=["another camera", "another site", "another node"],
)
def test_a_sealed_password_opens_only_where_it_belongs(key: bytes, site: str, owner: str) -> None:
    sealed = Vault(KEY, "site-a").seal("gate", SecretStr("secret"))
    with pytest.raises(BasiraError) as refused:
        Vault(key, site).unseal(owner, sealed)
    assert refused.value.code == "credentials_unreadable"


@given(st.binary(max_size=60))
def test_damaged_seals_are_refused(sealed: bytes) -> None:
    with pytest.raises(BasiraError):
        Vault(KEY, "site-a").unseal("gate", sealed)


def test_the_node_key_is_made_once_and_only_its_owner_can_read_it(tmp_path: Path) -> None:
    keys = tmp_path / "keys"
    sealed = Vault.open(keys, "site-a").seal("gate", SecretStr("secret"))
    assert Vault.open(keys, "site-a").unseal("gate", sealed).get_secret_value() == "secret"
    assert [stat.S_IMODE(path.stat().st_mode) for path in (keys, *keys.iterdir())] == [0o700, 0o600]


def test_a_key_that_others_can_read_is_refused(tmp_path: Path) -> None:
    Vault.open(tmp_path, "site-a")
    (tmp_path / "credentials.key").chmod(0o644)
    with pytest.raises(BasiraError) as refused:
        Vault.open(tmp_path, "site-a")
    assert refused.value.code == "key_file_exposed"


def test_a_shortened_key_is_refused(tmp_path: Path) -> None:
    Vault.open(tmp_path, "site-a")
    (tmp_path / "credentials.key").write_bytes(b"short")
    with pytest.raises(BasiraError) as refused:
        Vault.open(tmp_path, "site-a")
    assert refused.value.code == "key_file_damaged"
