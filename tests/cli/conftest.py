"""Shared by the tests of the command line."""

import sys
from pathlib import Path

# The server that lies is the client library's.
sys.path.insert(0, str(Path(__file__).parents[1] / "client"))
