"""Write docs/messages.md from ``base/messages.py``: ``python -m tools.document_messages``."""

from __future__ import annotations

from pathlib import Path

from basira.base.messages import MESSAGES

TARGET = Path(__file__).parents[1] / "docs" / "messages.md"
_HEAD = """\
# Messages · الرسائل

Every error, advice and alarm: its code (stable, in the API and the logs) and what a person reads.
Made from `src/basira/base/messages.py` by `python -m tools.document_messages`; a test compares.

| code | English | بالعربية |
|---|---|---|
"""


def document() -> str:
    """The whole file."""
    rows = (f"| `{code}` | {said['en']} | {said['ar']} |\n" for code, said in sorted(MESSAGES.items()))
    return _HEAD + "".join(rows)


if __name__ == "__main__":
    TARGET.write_text(document(), "utf-8")
