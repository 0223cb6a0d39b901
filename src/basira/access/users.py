"""Users: who may log in. Rows of ``catalogue.db``, written by the web process and the command line."""

from __future__ import annotations

import re
from dataclasses import dataclass

from sqlalchemy import delete, insert, select, update
from sqlalchemy.exc import IntegrityError

from basira.access.passwords import Passwords, new_one_time_password
from basira.base.errors import BasiraError
from basira.catalogue import schema
from basira.catalogue.store import Catalogue

USER_NAME_PATTERN = r"^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$"


@dataclass(frozen=True, slots=True)
class User:
    """One who may log in. ``must_change_password``: nothing but changing the password is open to them yet."""

    name: str
    must_change_password: bool
    disabled: bool = False


class Users:
    """The users of this node. Names are compared without regard to case and stored in lower case."""

    def __init__(self, catalogue: Catalogue, passwords: Passwords | None = None) -> None:
        self._catalogue = catalogue
        self._passwords = passwords or Passwords()

    def add(self, name: str) -> str:
        """Add a user; returns the one-time password, which is kept nowhere.

        Raises BasiraError ``user_name_invalid`` or ``user_exists``.
        """
        if re.fullmatch(USER_NAME_PATTERN, name) is None:
            raise BasiraError("user_name_invalid", status=422)
        password = new_one_time_password()
        row = {
            "name": name.lower(),
            "password_hash": self._passwords.hash(password, name),
            "must_change_password": True,
            "disabled": False,
            "created_utc_ns": self._catalogue.clock.utc_ns(),
        }
        try:
            with self._catalogue.write() as connection:
                connection.execute(insert(schema.users).values(row))
        except IntegrityError as error:
            raise BasiraError("user_exists", status=409, user=name.lower()) from error
        return password

    def reset_password(self, name: str) -> str:
        """Give the user a new one-time password and end their sessions. Raises BasiraError ``user_unknown``."""
        password = new_one_time_password()
        self._store(name, self._passwords.hash(password, name), must_change=True)
        return password

    def change_password(self, name: str, current: str, new: str) -> None:
        """Change one's own password; every session of theirs ends.

        Raises BasiraError ``login_failed`` when ``current`` is wrong, ``password_too_weak`` when ``new`` is.
        """
        if self.authenticate(name, current) is None:
            raise BasiraError("login_failed", status=403)
        if new == current:
            raise BasiraError("password_unchanged", status=422)
        self._store(name, self._passwords.hash(new, name), must_change=False)

    def authenticate(self, name: str, password: str) -> User | None:
        """The user whose name and password these are, or None; takes as long for a name that does not exist."""
        with self._catalogue.read() as connection:
            row = connection.execute(select(schema.users).where(schema.users.c.name == name.lower())).first()
        stored = row.password_hash if row is not None and not row.disabled else None
        if not self._passwords.verify(password, stored) or row is None:
            return None
        if self._passwords.outdated(row.password_hash):
            self._rehash(row.name, password)
        return User(row.name, bool(row.must_change_password))

    def find(self, name: str) -> User | None:
        """The user of that name, disabled or not."""
        with self._catalogue.read() as connection:
            row = connection.execute(select(schema.users).where(schema.users.c.name == name.lower())).first()
        return None if row is None else User(row.name, bool(row.must_change_password), bool(row.disabled))

    def all(self) -> list[User]:
        """Every user, by name."""
        with self._catalogue.read() as connection:
            rows = connection.execute(select(schema.users).order_by(schema.users.c.name)).all()
        return [User(row.name, bool(row.must_change_password), bool(row.disabled)) for row in rows]

    def _store(self, name: str, password_hash: str, *, must_change: bool) -> None:
        with self._catalogue.write() as connection:
            changed = connection.execute(
                update(schema.users)
                .where(schema.users.c.name == name.lower())
                .values(password_hash=password_hash, must_change_password=must_change)
            )
            connection.execute(delete(schema.sessions).where(schema.sessions.c.user == name.lower()))
        if changed.rowcount == 0:
            raise BasiraError("user_unknown", status=404, user=name)

    def _rehash(self, name: str, password: str) -> None:
        with self._catalogue.write() as connection:
            connection.execute(
                update(schema.users)
                .where(schema.users.c.name == name)
                .values(password_hash=self._passwords.hash(password, name))
            )
