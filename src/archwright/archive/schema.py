"""The revision of an archive's tables, and bringing older tables up to date.

Revisions are numbered and append-only: `migrations/versions/NNNN_what_changed.py`.
"""

from pathlib import Path

from sqlalchemy import Connection, MetaData, Table, inspect, select

from archwright.archive.database import wait_for_other_migrations

MIGRATIONS = Path(__file__).parent / "migrations"


def known_revisions() -> list[str]:
    """Return the revisions this version of Archwright knows, oldest first."""
    return sorted(path.name[:4] for path in (MIGRATIONS / "versions").glob("[0-9][0-9][0-9][0-9]_*.py"))


def revision_of(connection: Connection) -> str | None:
    """Return the revision of the tables behind `connection`, None when there are none."""
    if not inspect(connection).has_table("alembic_version"):
        return None
    versions = Table("alembic_version", MetaData(), autoload_with=connection)
    return connection.scalar(select(versions.c.version_num))


def upgrade(connection: Connection) -> None:
    """Bring the tables to the newest revision within the transaction of `connection`; an empty database gets them all.

    On SQLite foreign keys must be off, or rebuilding a table would drop the rows that refer to it.
    """
    from alembic import command
    from alembic.config import Config

    wait_for_other_migrations(connection)
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
