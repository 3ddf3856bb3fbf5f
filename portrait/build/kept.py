"""The rows that base models keep by file from build to build.

macros/materializations/kept_by_file.sql writes and reads them.
"""

from portrait.database import connect
from portrait.warehouse import Warehouse


def drop_unused(warehouse: Warehouse) -> None:
    """Remove the kept rows that the finished build did not read.

    They are those of files that are gone or have changed, and of other rules or settings. Call it
    only after all models were built.
    """
    with connect(warehouse.work_build, read_only=True) as connection:
        views = connection.execute(
            "select sql from duckdb_views() where view_name like '%\\_\\_judged' escape '\\'"
        ).fetchall()
    read = "".join(sql for (sql,) in views)
    for batch in warehouse.kept.glob("*.parquet"):
        if batch.name not in read:
            batch.unlink()
