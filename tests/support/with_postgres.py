"""Runs a program beside a PostgreSQL of its own, which ORGKEYS_TEST_DATABASE_URL names:

    python3 tests/support/with_postgres.py PROGRAM [ARGUMENT...]
"""

import os
import subprocess
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from support.postgres import Postgres

with Postgres() as postgres:
    environment = {**os.environ, "ORGKEYS_TEST_DATABASE_URL": postgres.url()}
    sys.exit(subprocess.run(sys.argv[1:], env=environment).returncode)
