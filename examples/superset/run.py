"""Start Superset on the published file, with the dashboards of assets/ in it.

    make example-superset

The first start makes a folder with all that Superset writes: its own database, the key that signs
its cookies, and the password of its user `admin`. Each start brings the dashboards to the state of
assets/. Superset listens on this machine alone.
"""

import argparse
import logging
import os
import secrets
import sys
from pathlib import Path
from typing import Any

import yaml

HERE = Path(__file__).resolve().parent
ASSETS = HERE / "assets"
DATABASE = "databases/portrait.yaml"


def secret(file: Path) -> str:
    """Return the secret of a file, which only its owner may read; it is made on first use."""
    if not file.exists():
        with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as new:
            new.write(secrets.token_urlsafe(32))
    return file.read_text("utf-8")


def assets(published: Path) -> dict[str, str]:
    """Return the files of assets/ by name, with the address of the published file filled in."""
    files = {
        file.relative_to(ASSETS).as_posix(): file.read_text("utf-8")
        for file in sorted(ASSETS.rglob("*.yaml"))
    }
    database = yaml.safe_load(files[DATABASE])
    database["sqlalchemy_uri"] = f"duckdb:///{published}"
    return files | {DATABASE: yaml.safe_dump(database, sort_keys=False)}


def prepare(app: Any, published: Path, password: str) -> None:
    """Bring Superset's own database up to date: its tables, roles, the user, the dashboards."""
    from flask import g
    from flask_migrate import upgrade
    from superset.commands.importers.v1.assets import ImportAssetsCommand
    from superset.extensions import appbuilder, security_manager

    with app.app_context():
        upgrade()
        appbuilder.add_permissions(update_perms=True)
        security_manager.sync_role_definitions()
        if not security_manager.find_user("admin"):
            role = security_manager.find_role("Admin")
            security_manager.add_user(
                "admin", "Portrait", "Admin", "admin@localhost", role, password
            )
        g.user = security_manager.find_user("admin")
        ImportAssetsCommand(assets(published)).run()


def main() -> None:
    """Prepare Superset and serve it until it is stopped."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--file", type=Path, required=True, help="the published portrait.duckdb")
    parser.add_argument("--home", type=Path, required=True, help="where Superset may write")
    parser.add_argument("--port", type=int, default=8088)
    told = parser.parse_args()
    if not told.file.exists():
        sys.exit(f"There is no {told.file}: run make build first.")
    home = told.home.absolute()
    home.mkdir(mode=0o700, parents=True, exist_ok=True)
    secret(home / "secret_key")
    password = secret(home / "admin_password")
    os.environ |= {
        "SUPERSET_HOME": str(home),
        "SUPERSET_CONFIG_PATH": str(HERE / "superset_config.py"),
    }
    # Else hundreds of lines tell how its tables are made.
    logging.disable(logging.WARNING)
    print("Preparing Superset (a minute at the first start)", flush=True)
    from superset.app import create_app

    app = create_app()
    # The link of the folder is kept, so that the next build is found behind it.
    prepare(app, told.file.absolute(), password)
    address = f"http://127.0.0.1:{told.port}/superset/dashboard/portrait-overview/"
    print(f"Open {address}", flush=True)
    print(f"User admin, password in {home / 'admin_password'}", flush=True)
    app.run(host="127.0.0.1", port=told.port, threaded=True)


if __name__ == "__main__":
    main()
