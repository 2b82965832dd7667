"""A PostgreSQL on small file systems: one for its data, one for its write-ahead log."""

import contextlib
import shutil

from support.postgres import Postgres
from support.small_disk import small_disk


class SmallPostgres(Postgres):
    def __init__(self, data="64m", log="24m"):
        super().__init__("min_wal_size=2MB", "max_wal_size=8MB", "autovacuum=off", "restart_after_crash=on")
        self.disks = contextlib.ExitStack()
        self.sizes = {"disk": data, "wal": log}
        self.data = self.directory / "disk" / "data"
        self.log_disk = self.directory / "wal"

    @property
    def data_disk(self):
        return self.directory / "disk"

    def initialize(self):
        for name, size in self.sizes.items():
            disk = self.disks.enter_context(small_disk(self.directory / name, size))
            if self.user:
                shutil.chown(disk, self.user)
        super().initialize("-X", self.log_disk / "log", "--wal-segsize=1")

    def __exit__(self, *problem):
        try:
            super().__exit__(*problem)
        finally:
            self.disks.close()
            shutil.rmtree(self.directory, ignore_errors=True)
