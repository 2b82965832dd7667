"""Servers of tests speak plain HTTP. `verify=PLAIN` spares httpx reading the machine's certificates for
each of its clients, which takes longer than most tests."""

import ssl

PLAIN = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
