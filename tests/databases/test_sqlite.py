"""A database is opened one way: checked, never from a network, and never one that was set aside."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import text

from basira.base.errors import BasiraError
from basira.databases import sqlite
from basira.databases.sqlite import ChangeWatch, change_mark, open_database


def filled(path: Path, word: str) -> None:
    engine = open_database(path)
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE words (word TEXT)"))
        connection.execute(text("INSERT INTO words VALUES (:word)"), {"word": word})
    engine.dispose()


def test_a_reader_goes_over_to_the_file_that_takes_the_place_of_a_damaged_one(tmp_path: Path) -> None:
    path = tmp_path / "index.db"
    filled(path, "old")
    reader = open_database(path, read_only=True)
    with reader.connect() as connection:
        assert connection.execute(text("SELECT word FROM words")).scalar_one() == "old"
    path.rename(tmp_path / "index.db.damaged")
    filled(path, "new")
    with reader.connect() as connection:
        assert connection.execute(text("SELECT word FROM words")).scalar_one() == "new"
    reader.dispose()


def test_a_damaged_database_is_refused_with_a_message(tmp_path: Path) -> None:
    path = tmp_path / "index.db"
    path.write_bytes(b"SQLite format 3\0" + b"\xff" * 5000)
    with pytest.raises(BasiraError) as refused:
        open_database(path)
    assert refused.value.code == "database_damaged"


def test_a_database_on_a_network_file_system_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sqlite, "filesystem_type", lambda _: "nfs4")
    with pytest.raises(BasiraError) as refused:
        open_database(tmp_path / "index.db")
    assert refused.value.code == "database_on_network_filesystem"


def test_a_mark_tells_whether_anybody_has_committed_meanwhile(tmp_path: Path) -> None:
    path = tmp_path / "words.db"
    filled(path, "one")
    ours, others = open_database(path), open_database(path)
    more = text("INSERT INTO words VALUES ('more')")
    with ours.connect() as connection:
        before = change_mark(connection)
        assert change_mark(connection) == before
        with others.begin() as other:
            other.execute(more)
        after_another = change_mark(connection)
        assert after_another != before
        connection.execute(more)
        connection.commit()
        assert change_mark(connection) not in (before, after_another)
        with others.connect() as other:
            assert change_mark(other) != change_mark(connection)
    ours.dispose()
    others.dispose()


def test_a_watch_sees_every_commit_and_the_file_that_takes_the_place_of_another(tmp_path: Path) -> None:
    path = tmp_path / "words.db"
    filled(path, "one")
    reader, writer = open_database(path, read_only=True), open_database(path)
    watch = ChangeWatch(reader)
    marks = [watch.mark()]
    assert marks[0] is not None
    assert watch.mark() == marks[0], "nobody wrote"
    with writer.begin() as connection:
        connection.execute(text("INSERT INTO words VALUES ('two')"))
    marks.append(watch.mark())
    path.rename(tmp_path / "words.db.damaged")
    marks.append(watch.mark())
    assert marks[-1] is None, "there is none: whoever asks is to find out why"
    filled(path, "new")
    marks.append(watch.mark())
    assert watch.mark() == marks[-1]
    watch.close()
    marks.append(watch.mark())
    assert len(set(marks)) == len(marks), "each change shows"
    watch.close()
    reader.dispose()
    writer.dispose()
