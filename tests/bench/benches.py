"""The benches by name, in the order of the table."""

from administration import creates, listing, start
from checks import auth, auth_request, changes, check, memory
from lookups import better_auth, postgresql

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
}
