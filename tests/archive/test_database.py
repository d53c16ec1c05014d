import sqlite3
from pathlib import Path

import pytest
from sqlalchemy import make_url

from archwright.archive.database import BUSY_TIMEOUT_MS, default_url, file_of, parse_url, without_password, writer
from archwright.errors import StudyError


@pytest.mark.parametrize(
    ("address", "stored"),
    [
        ("sqlite:////data/shared.db", "sqlite:////data/shared.db"),
        ("postgresql://me:secret@host:5432/nets", "postgresql://me@host:5432/nets"),
        ("postgresql://me@host/nets?password=secret&sslmode=require", "postgresql://me@host/nets?sslmode=require"),
    ],
)
def test_a_password_is_not_stored(address: str, stored: str) -> None:
    assert without_password(make_url(address)) == stored


@pytest.mark.parametrize(
    "address",
    [
        "postgressql://u:s3cret@h/db",  # no such dialect
        "postgressql://u:a#s3cret@h/db",
        "postgressql://h/db?password=s3cret",
        "mysql+mysqlconnector://u:s3cret@h/db?password=s3cret",  # no driver
        "postgresql://u:s3cret/db",  # no host
        "postgresql:/u:s3cret@h/db",  # no address at all
        "u:s3cret@h/db",
        "s3cret@h",
    ],
)
def test_no_password_is_told_of_an_address_that_cannot_be_used(address: str) -> None:
    with pytest.raises(StudyError) as caught:
        parse_url(address)
    assert "s3cret" not in str(caught.value)
    assert caught.value.remedy


def test_only_a_sqlite_address_is_a_file() -> None:
    file = file_of(parse_url("sqlite:////data/shared.db"))
    assert file is not None
    assert file.as_posix() == "/data/shared.db"
    assert file_of(make_url("postgresql://host/nets")) is None
    assert file_of(make_url("sqlite://")) is None


def test_a_sqlite_writer_survives_power_cuts_and_refuses_dangling_rows(tmp_path: Path) -> None:
    engine = writer(default_url(tmp_path))
    with engine.connect() as connection:
        found = {
            name: connection.exec_driver_sql(f"PRAGMA {name}").scalar()
            for name in ("journal_mode", "synchronous", "foreign_keys", "busy_timeout")
        }
    engine.dispose()
    assert found == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1, "busy_timeout": BUSY_TIMEOUT_MS}


def test_ctrl_c_while_a_connection_is_closed_leaves_no_traceback(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def interrupt(connection: sqlite3.Connection) -> None:
        connection.close()
        raise KeyboardInterrupt

    engine = writer(default_url(tmp_path))
    engine.connect().close()
    monkeypatch.setattr(engine.dialect, "do_close", interrupt)
    with pytest.raises(KeyboardInterrupt):
        engine.dispose()
    assert not caplog.records
