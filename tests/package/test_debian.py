"""The Debian packages: built as `make package` does, and lived with on a machine that systemd started."""

import os
import re
import shutil
import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from machine import Machine, run
from support.secret_values import SECRETS
from support.server import REPOSITORY
from support.wait import wait_until

UNIT = "orgkeys.service"
OPTIONS = "/etc/default/orgkeys"
DATA = "/var/lib/orgkeys"
# Packages of debugging symbols are what no test is about.
BUILDING = {**os.environ, "DEB_BUILD_OPTIONS": "noautodbgsym"}
# Where files of this machine are put.
PLACE = "/opt"
# What `systemd-analyze security` may give the unit as it runs: SECURITY.md names it.
EXPOSURE_MAXIMUM = 1.2
NICENESS_MAXIMUM = 19  # the system's
OTHER_URL = "http://127.0.0.1:9191"
# The packages are built, and a machine is made for them: much to fetch, and to compile.
pytestmark = pytest.mark.timeout(3600)


@pytest.fixture(scope="module")
def directory(tmp_path_factory):
    return tmp_path_factory.mktemp("package")


@pytest.fixture(scope="module")
def made(directory):
    """The packages and, at the same time, a machine."""
    machine = Machine(directory / "machine")
    try:
        with ThreadPoolExecutor() as both:
            building = both.submit(run, REPOSITORY / "scripts" / "package", directory / "packages", env=BUILDING)
            making = both.submit(machine.make)
        building.result()
        making.result()
        yield directory / "packages", machine
    finally:
        machine.stop()


@pytest.fixture(scope="module")
def packages(made):
    return made[0]


@pytest.fixture(scope="module")
def machine(made):
    made[1].start()
    return made[1]


def package(packages, name):
    (found,) = packages.glob(f"{name}_*.deb")
    return found


def of_a_later_version(packages, name):
    """The same files: only what dpkg goes by is another."""
    later = packages.parent / "later"
    run("dpkg-deb", "--raw-extract", package(packages, name), later)
    control = later / "DEBIAN" / "control"
    control.write_text(re.sub(r"(?m)^Version: (.*)$", r"Version: \1+later", control.read_text()))
    built = packages.parent / f"{name}_later.deb"
    run("dpkg-deb", "--root-owner-group", "--build", later, built)
    return built


def test_lintian_has_nothing_to_say(packages):
    (changes,) = packages.glob("*.changes")
    user = ["--allow-root"] if os.getuid() == 0 else []
    assert run("lintian", *user, "--fail-on=error,warning", "--tag-display-limit=0", changes) == ""


class Service:
    """orgkeys on the machine, as its operator sees it."""

    def __init__(self, machine):
        self.machine = machine

    def install(self, *files, options=()):
        """Copies the packages there, and lets apt find what they depend on."""
        copies = [shutil.copy(file, self.machine.path(PLACE)) for file in files]
        return self.machine.apt("install", *options, *(f"{PLACE}/{Path(copy).name}" for copy in copies))

    def show(self, name):
        return self.machine.run("systemctl", "show", "--value", f"--property={name}", UNIT).strip()

    def wait_until_ready(self, url="http://127.0.0.1:8080"):
        """And neither fell on the way nor was it started again."""
        wait_until(lambda: self.machine.fetch(f"{url}/readyz") == 200, timeout=300)
        assert self.show("ActiveState") == "active"
        assert not self.machine.has_systemd or self.show("NRestarts") == "0"

    def main_process(self):
        """Fields of its /proc/PID/status."""
        status = self.machine.run("cat", f"/proc/{self.show('MainPID')}/status")
        return {name: value.split() for name, _, value in (line.partition(":") for line in status.splitlines())}

    def niceness(self):
        """That of its threads, by their names: field 19 of their /proc/PID/task/TID/stat, whose second is the name."""
        found = {}
        for line in self.machine.run("sh", "-c", f"cat /proc/{self.show('MainPID')}/task/*/stat").splitlines():
            name, _, fields = line.partition("(")[2].rpartition(") ")
            found.setdefault(name, set()).add(int(fields.split()[16]))
        return found

    def call(self, *arguments, program="orgkeys", url="http://127.0.0.1:8080"):
        keys = {"OPENAI_ADMIN_KEY": self.first_admin_key(), "OPENAI_BASE_URL": f"{url}/v1"}
        return self.machine.run(program, *arguments, environment=keys)

    def first_admin_key(self):
        return SECRETS.add(self.machine.path(f"{DATA}/first-admin-key").read_text().strip())

    def verifies(self, key, url="http://127.0.0.1:8080"):
        status, said = self.machine.attempt(
            "orgkeys", "keys", "verify", environment={"OPENAI_BASE_URL": f"{url}/v1"}, given=key)
        assert status in (0, 1), said
        return status == 0

    def is_there(self):
        return self.machine.path("/usr/bin/orgkeys").exists() or self.show("ActiveState") == "active"


def build_example(packages, name, directory):
    """A program of liborgkeys-dev's documentation, built with that package as its readers build it."""
    for library in ("liborgkeys0", "liborgkeys-dev"):
        run("dpkg-deb", "--extract", package(packages, library), directory)
    (described,) = directory.rglob("orgkeys.pc")
    found = {**os.environ, "PKG_CONFIG_SYSROOT_DIR": str(directory), "PKG_CONFIG_PATH": str(described.parent)}
    flags = run("pkg-config", "--cflags", "--libs", "orgkeys", env=found).split()
    (source,) = directory.rglob(f"{name}.c")
    run("cc", "-Werror", source, *flags, "-o", directory / name)
    return directory / name


def facts(path):
    status = path.lstat()
    return stat.filemode(status.st_mode), status.st_uid


@pytest.fixture(scope="module")
def service(machine, packages):
    """Installed, as it starts by itself."""
    service = Service(machine)
    said = service.install(package(packages, "orgkeys"), package(packages, "liborgkeys0"))
    assert f"{DATA}/first-admin-key" in said
    service.wait_until_ready()
    return service


@pytest.fixture(scope="module")
def key(service, packages, tmp_path_factory):
    """One that a program made with the library."""
    program = build_example(packages, "create_service_account", tmp_path_factory.mktemp("example"))
    shutil.copy(program, service.machine.path(PLACE))
    return SECRETS.add(service.call("backend", program=f"{PLACE}/{program.name}").splitlines()[-1])


def test_it_runs_as_its_own_user_and_closed(service, machine):
    assert machine.run("systemctl", "is-enabled", UNIT).strip() == "enabled"
    name, _, user, *_ = machine.run("getent", "passwd", "orgkeys").strip().split(":")
    assert (name, 0 < int(user) < 1000) == ("orgkeys", True)

    process = service.main_process()
    assert process["Name"] == ["orgkeys"] and set(process["Uid"]) == {user}
    assert process["CapEff"] == process["CapBnd"] == ["0" * 16]
    assert process["NoNewPrivs"] == ["1"]

    assert facts(machine.path(OPTIONS)) == ("-rw-------", 0)
    assert facts(machine.path(DATA)) == ("drwx------", int(user))
    for file in machine.path(DATA).iterdir():
        assert facts(file) == ("-rw-------", int(user)), file
    service.first_admin_key()
    SECRETS.assert_absent(machine.logged(UNIT), "what the service logs")


def test_systemd_confines_it(service, machine):
    if not machine.has_systemd:
        pytest.skip(machine.lacks)
    assert service.main_process()["Seccomp"] == ["2"]
    level = machine.run("systemd-analyze", "security", "--no-pager", UNIT)
    exposure = float(re.search(r"exposure level for orgkeys.service: ([\d.]+)", level)[1])
    print(f"exposure: {exposure}")
    assert exposure <= EXPOSURE_MAXIMUM


def test_what_can_wait_lets_the_checks_go_first(service):
    """The unit's filter of system calls allows it."""
    niceness = service.niceness()
    (started,) = niceness["orgkeys"]
    nicer = {min(started + 10, NICENESS_MAXIMUM)}
    assert niceness["store-writer"] == niceness["store-reader"] == niceness["password"] == nicer


def test_it_reads_its_certificate_again_when_it_is_told_to(service, machine):
    """By the unit alone: a small system has no program `kill`."""
    if not machine.has_systemd:
        pytest.skip(machine.lacks)
    before = service.show("MainPID")
    machine.run("systemctl", "reload", UNIT)
    assert service.show("MainPID") == before
    service.wait_until_ready()


def test_the_pages_lead_to_each_other(packages, tmp_path):
    run("dpkg-deb", "--extract", package(packages, "orgkeys"), tmp_path)
    pages = list((tmp_path / "usr/share/doc/orgkeys").rglob("*.md"))
    assert {"README.md", "SECURITY.md", "operations.md"} <= {page.name for page in pages}
    absent = [
        (page.name, target)
        for page in pages
        for target in re.findall(r"\]\(([^)#\s]+)", page.read_text())
        if "://" not in target and not (page.parent / target).exists()
    ]
    assert not absent


def test_the_command_line_has_what_belongs_to_it(service, machine, packages):
    version = run("dpkg-deb", "--field", package(packages, "orgkeys"), "Version").strip()
    assert machine.run("orgkeys", "--version").strip() == f"orgkeys {version}"
    completions = "/usr/share/bash-completion/completions/orgkeys"
    assert "_orgkeys" in machine.run("bash", "-c", f". {completions}; complete -p orgkeys")
    page = run("man", "--local-file", machine.path("/usr/share/man/man1/orgkeys.1.gz"))
    assert page.startswith("ORGKEYS(1)")


def test_a_program_with_the_library_makes_a_key(service, key):
    assert service.verifies(key)


def test_upgraded_removed_and_purged_it_keeps_its_data(service, machine, packages, key):
    """And its options, but when it is purged."""
    with machine.path(OPTIONS).open("a") as options:
        options.write("ORGKEYS_LISTEN=127.0.0.1:9191\n")
    before = service.show("MainPID")
    service.install(of_a_later_version(packages, "orgkeys"))
    service.wait_until_ready(OTHER_URL)
    assert machine.run("dpkg-query", "--show", "--showformat=${Version}", "orgkeys").endswith("+later")
    assert service.show("MainPID") != before
    assert facts(machine.path(OPTIONS)) == ("-rw-------", 0)
    assert service.verifies(key, OTHER_URL)

    machine.apt("remove", "orgkeys")
    assert not service.is_there()
    assert machine.path(OPTIONS).exists() and machine.path(f"{DATA}/orgkeys.db").exists()
    said = service.install(package(packages, "orgkeys"))
    assert "first-admin-key" not in said
    service.wait_until_ready(OTHER_URL)
    assert service.verifies(key, OTHER_URL)

    assert DATA in machine.apt("purge", "orgkeys")
    assert not service.is_there()
    assert not machine.path(OPTIONS).exists() and machine.path(f"{DATA}/orgkeys.db").exists()
    service.install(package(packages, "orgkeys"))
    service.wait_until_ready()
    assert service.verifies(key)


def test_a_node_has_its_options_before_it_starts(service, machine, packages, key):
    """As configuration management does: the service never starts with others."""
    machine.apt("purge", "orgkeys")
    shutil.rmtree(machine.path(DATA))
    options = machine.path(OPTIONS)
    options.touch(mode=0o600)
    options.write_text("ORGKEYS_LISTEN=127.0.0.1:9191\n")
    service.install(package(packages, "orgkeys"), options=["--option=Dpkg::Options::=--force-confold"])
    service.wait_until_ready(OTHER_URL)
    assert options.read_text() == "ORGKEYS_LISTEN=127.0.0.1:9191\n"
    assert not service.verifies(key, OTHER_URL)
