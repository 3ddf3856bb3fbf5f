"""Runs dbt as a child that ends with its parent: when the parent's pipe closes.

A dbt that outlived a killed build would go on writing the next build's artifacts.
"""

import os
import threading


def _end_with_parent() -> None:
    # Not sys.stdin, whose lock a finishing interpreter wants.
    while os.read(0, 1024):
        pass
    os._exit(1)


if __name__ == "__main__":
    threading.Thread(target=_end_with_parent, daemon=True).start()
    from dbt.cli.main import cli

    cli()
