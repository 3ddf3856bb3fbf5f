"""Settings of the Superset that run.py starts: all that it writes lies in SUPERSET_HOME."""

import os
from pathlib import Path

from superset.config import TALISMAN_CONFIG

_home = Path(os.environ["SUPERSET_HOME"])
SECRET_KEY = (_home / "secret_key").read_text("utf-8")
SQLALCHEMY_DATABASE_URI = f"sqlite:///{_home}/superset.db"

# Pages fetch a counting picture from another host, and maps if a chart has one. A browser loads
# nothing from a host that this policy does not name: all names, which hold a dot, are taken out.
_policy = TALISMAN_CONFIG["content_security_policy"]
for _kind in ("img-src", "connect-src", "style-src", "font-src"):
    _policy[_kind] = [source for source in _policy[_kind] if "." not in source]
