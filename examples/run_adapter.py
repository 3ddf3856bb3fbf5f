"""Run the adapter of an example: its raw file in, files in the shape of the source contract out.

    python examples/run_adapter.py online_retail

reads ``$PORTRAIT_REAL_DATA/online_retail/onlineretail.parquet`` (default ``data/real/…``), runs
``examples/online_retail/adapter.sql`` in DuckDB and writes each table that it made as
``<warehouse>/raw/<schema>/<table>.parquet``.
"""

import os
from pathlib import Path
from typing import NamedTuple

import click
import duckdb

from portrait.landing.adapters import made_tables, write_tables

EXAMPLES = Path(__file__).resolve().parent


class RawFile(NamedTuple):
    """The file that an example starts from."""

    path: str
    origin: str


RAW_FILES = {
    "cdnow": RawFile(
        "cdnow/cdnow_master.csv",
        "the master file of Fader and Hardie's CDNOW data (brucehardie.com) as a CSV file "
        "with the columns customer_id, d, cds, spend",
    ),
    "online_retail": RawFile(
        "online_retail/onlineretail.parquet",
        "UCI's Online Retail (Chen, Sain and Guo 2012, doi 10.24432/C5BW33) as a Parquet file",
    ),
}


def run_adapter(sql: str, source_file: Path, raw_folder: Path) -> dict[str, int]:
    """Run an adapter and write its tables; returns the rows written by ``schema/table``."""
    with duckdb.connect() as connection:
        connection.execute("set variable source_file = ?", [str(source_file)])
        connection.execute(sql)
        return write_tables(
            connection,
            made_tables(connection),
            lambda schema, table: raw_folder / schema / f"{table}.parquet",
        )


@click.command()
@click.argument("name", type=click.Choice(sorted(RAW_FILES)))
@click.option(
    "--real-data",
    type=click.Path(path_type=Path),
    default=lambda: os.environ.get("PORTRAIT_REAL_DATA", "data/real"),
    help="Folder with the raw files of the examples [$PORTRAIT_REAL_DATA, data/real].",
)
@click.option(
    "--warehouse",
    type=click.Path(path_type=Path),
    help="Warehouse folder of the example [warehouse/examples/NAME].",
)
def main(name: str, real_data: Path, warehouse: Path | None) -> None:
    """Write the raw file of the example NAME in the shape of the source contract."""
    raw_file = RAW_FILES[name]
    source_file = real_data / raw_file.path
    if not source_file.is_file():
        raise click.ClickException(
            f"{source_file} is missing: put there {raw_file.origin} (examples/{name}/README.md)."
        )
    raw_folder = (warehouse or Path("warehouse/examples") / name) / "raw"
    sql = (EXAMPLES / name / "adapter.sql").read_text(encoding="utf-8")
    for table, rows in run_adapter(sql, source_file, raw_folder).items():
        click.echo(f"{raw_folder / table}.parquet: {rows:,} rows")


if __name__ == "__main__":
    main()
