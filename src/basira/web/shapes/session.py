"""Logging in and out."""

from __future__ import annotations

from pydantic import Field

from basira.web.shapes.common import Shape


class Login(Shape):
    username: str = Field(min_length=1, max_length=64)
    password: str = Field(min_length=1, max_length=256)


class PasswordChange(Shape):
    current: str = Field(min_length=1, max_length=256)
    new: str = Field(min_length=1, max_length=256)


class SessionUser(Shape):
    name: str
    must_change_password: bool


class SessionAnswer(Shape):
    """``csrf_token`` goes into the header ``X-Basira-CSRF`` of every request but GET."""

    user: SessionUser
    csrf_token: str
