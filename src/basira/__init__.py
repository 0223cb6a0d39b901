"""Basira: a camera system in which the recording is the log. Read docs/architecture.md first."""

__version__ = "0.1.0"
