"""Every secret that was handed out or presented, and the search for it where it must not be."""

import re
import threading

PART = 12  # characters: a part of a secret this long counts as the secret
_PREFIX = re.compile(r"^(sk-[a-z]+|invite|session|password-link)-")
# What the server hands out; and how pytest shortens it, and the server does.
_ISSUED = re.compile(r"(?:sk-[a-z]+|invite|session|password-link)-[A-Za-z0-9]{40,}")
_SHORTENED = re.compile(r"(?:sk-[a-z]+|invite|session|password-link)-[A-Za-z0-9]*\.\.\.[A-Za-z0-9]+")


def body_of(value):
    """A secret without its prefix, which is no secret."""
    return _PREFIX.sub("", value)


class SecretValues:
    def __init__(self):
        self._parts = {}
        self._lock = threading.Lock()

    def add(self, value):
        """Registers a secret and gives it back. One character, repeated, is in much that is none."""
        body = body_of(value)
        with self._lock:
            for start in range(max(0, len(body) - PART + 1)):
                part = body[start : start + PART]
                if len(set(part)) > 1:
                    self._parts.setdefault(part, value)
        return value

    def find(self, text):
        """A part of a registered secret that `text` holds, or None."""
        parts = self._parts
        for start in range(len(text) - PART + 1):
            if text[start : start + PART] in parts:
                return text[start : start + PART]
        return None

    def is_in(self, text):
        return self.find(text) is not None or _ISSUED.search(text) is not None

    def redacted(self, text):
        """`text` with no part of a registered secret in it, and nothing that looks like one of the server's."""
        hidden = {
            at for form in (_ISSUED, _SHORTENED) for found in form.finditer(text) for at in range(*found.span())
        }
        for start in range(len(text) - PART + 1):
            if text[start : start + PART] in self._parts:
                hidden.update(range(start, start + PART))
        return "".join("*" if at in hidden else one for at, one in enumerate(text)) if hidden else text

    def assert_absent(self, text, where):
        found = self.find(text)
        if found is not None:
            at = text.index(found)
            raise AssertionError(
                f"{where} holds a part of a secret: ...{text[max(0, at - 200) : at + 200]}..."
            )


def parts_in(value, text):
    """Whether `text` holds a part of one given secret."""
    body = body_of(value)
    return any(body[start : start + PART] in text for start in range(max(0, len(body) - PART + 1)))


SECRETS = SecretValues()
