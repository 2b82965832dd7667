"""Certificates for tests: an authority of the test's own, and what it signs for this machine."""

import subprocess
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Certificates:
    authority: Path
    certificate: Path
    key: Path


def make_certificates(folder, days=2):
    """For `localhost` and 127.0.0.1; the files lie in `folder`."""
    made = Certificates(folder / "authority.pem", folder / "certificate.pem", folder / "key.pem")
    authority_key = folder / "authority-key.pem"
    new_key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", days]
    openssl(
        "req", "-x509", *new_key, "-subj", "/CN=authority of a test", "-keyout", authority_key,
        "-out", made.authority, "-addext", "keyUsage=critical,keyCertSign",
    )
    openssl(
        "req", "-x509", *new_key, "-subj", "/CN=localhost", "-keyout", made.key, "-out", made.certificate,
        "-CA", made.authority, "-CAkey", authority_key,
        "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1",
        "-addext", "basicConstraints=critical,CA:FALSE",
    )
    return made


def expire(made):
    """The same certificate, signed by itself, as it was good until yesterday."""
    openssl("x509", "-in", made.certificate, "-signkey", made.key, "-days", -1, "-out", made.certificate)


def openssl(*arguments):
    done = subprocess.run(["openssl", *map(str, arguments)], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
