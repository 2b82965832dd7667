"""The benches by name, in the order of the table."""

from administration import creates, listing, start
from checks import auth, auth_request, changes, check, memory
from floods import floods
from lookups import better_auth, postgresql
from nodes import nodes
from on_postgresql import auth_postgresql, creates_postgresql, start_postgresql
from tls import tls

BENCHES = {
    "auth": auth,
    "auth-request": auth_request,
    "check": check,
    "memory": memory,
    "changes": changes,
    "postgresql": postgresql,
    "better-auth": better_auth,
    "listing": listing,
    "creates": creates,
    "start": start,
    "floods": floods,
    "tls": tls,
    "nodes": nodes,
    "auth-postgresql": auth_postgresql,
    "creates-postgresql": creates_postgresql,
    "start-postgresql": start_postgresql,
}
