"""The revision of an archive's tables, and bringing older tables up to date.

Revisions are numbered and append-only: `migrations/versions/NNNN_what_changed.py`.
"""

from pathlib import Path

from sqlalchemy import Column, Connection, MetaData, String, Table, inspect, select

from archwright.archive.database import wait_for_other_migrations
from archwright.archive.tables import METADATA

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
    wait_for_other_migrations(connection)
    if revision_of(connection) is None:
        _create_all(connection)
    else:
        migrate(connection)


def migrate(connection: Connection) -> None:
    """Apply every migration that the tables behind `connection` lack, one after the other."""
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.attributes["connection"] = connection
    command.upgrade(config, "head")


def _create_all(connection: Connection) -> None:
    """Create the newest tables as they are: a new study need not import Alembic, which takes a third of a second."""
    METADATA.create_all(connection, checkfirst=False)
    number = Column("version_num", String(32), primary_key=True)
    versions = Table("alembic_version", MetaData(), number)
    versions.create(connection)
    connection.execute(versions.insert().values(version_num=known_revisions()[-1]))
