"""Ports that are known before what listens there is started."""

import socket


class ReservedPort:
    """Until `free`, nobody else is given this port as a free one. Who asks for it by its number and says
    SO_REUSEADDR, as servers do, may listen there, again and again."""

    def __init__(self):
        self._socket = socket.socket()
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self._socket.bind(("127.0.0.1", 0))
        self.number = self._socket.getsockname()[1]

    def free(self):
        self._socket.close()
