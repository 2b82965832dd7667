"""A small Debian, made from the mirror that apt has here, which its own systemd starts in a container. Where there are
no control groups to be made, which systemd needs, it has namespaces of its own without one, and runs the service as
`systemctl` beside this file does."""

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import uuid
from pathlib import Path

import pytest

from support.wait import wait_until

COMMAND_TIMEOUT = 900
START_TIMEOUT = 300
FETCHING = 'Acquire::Retries "5";\n'  # of each file from the mirror
STAND_IN = Path(__file__).with_name("systemctl")
# What apt fetches with goes through the proxy that this machine has, if any.
PROXIES = ("http_proxy", "https_proxy", "no_proxy")
CONTROL_GROUPS = Path("/sys/fs/cgroup")
# Joins the groups before `--`, and becomes the command behind it.
JOIN = 'while [ "$1" != -- ]; do echo $$ > "$1/cgroup.procs"; shift; done; shift; exec "$@"'

# Brings up the loopback interface: what SIOCSIFFLAGS is in linux/sockios.h, IFF_UP in net/if.h.
LOOPBACK = """
import fcntl, socket, struct
fcntl.ioctl(socket.socket(), 0x8914, struct.pack("16sh14x", b"lo", 1))
"""


def run(*command, **options):
    done = subprocess.run(
        [str(part) for part in command], stdin=subprocess.DEVNULL, capture_output=True, text=True,
        timeout=COMMAND_TIMEOUT, **options,
    )
    assert done.returncode == 0, f"{command}:\n{done.stdout}{done.stderr}"
    return done.stdout


def codename():
    """Of the release that runs here, such as bookworm."""
    with open("/etc/os-release") as lines:
        return dict(line.strip().split("=", 1) for line in lines if "=" in line)["VERSION_CODENAME"]


def sources(release):
    """Lines of a sources.list: the mirrors of this release that apt has here, and nobody else's."""
    targets = run("apt-get", "indextargets", "--format", "$(REPO_URI) $(RELEASE) $(COMPONENT)", "Created-By: Packages")
    wanted = [f"{release}{part} main" for part in ("", "-updates", "-security")]
    lines = [f"deb {target}\n" for target in targets.splitlines() if target.partition(" ")[2] in wanted]
    if not lines:
        pytest.fail(f"apt knows no `{release} main` here: is `apt-get update` missing?", pytrace=False)
    return "".join(lines)


def control_groups(name):
    """Folders of a control group below that of this process. The systemd of a container that shares one with another
    takes what the other has started for its own."""
    places = {"name=systemd": CONTROL_GROUPS / "systemd"}
    unified = CONTROL_GROUPS / "unified"
    places[""] = unified if unified.is_dir() else CONTROL_GROUPS
    for line in Path("/proc/self/cgroup").read_text().splitlines():
        _, controllers, ours = line.split(":", 2)
        if controllers in places:
            yield places[controllers] / ours.lstrip("/") / name


def is_deleted(group):
    """A control group, as soon as the processes in it have ended."""
    with contextlib.suppress(OSError):
        for folder, _, _ in os.walk(group, topdown=False):
            os.rmdir(folder)
    return not group.exists()


class Machine:
    def __init__(self, directory):
        if os.getuid() != 0:
            pytest.fail("a machine to install the package on can be made by root alone", pytrace=False)
        self.directory = directory
        self.root = directory / "root"
        self._name = f"orgkeys-{uuid.uuid4().hex[:12]}"
        self._groups = []
        self._process = None
        self._leader = None
        self.lacks = None  # why it has no systemd

    @property
    def has_systemd(self):
        return self.lacks is None

    def make(self):
        """Fails, with what apt said, where the mirror does not answer."""
        self.directory.mkdir()
        listed, options = self.directory / "sources.list", self.directory / "apt.conf"
        listed.write_text(sources(codename()))
        options.write_text(run("apt-config", "dump", "Acquire") + FETCHING)
        made = ["mmdebstrap", "--quiet", "--variant=apt", "--include=systemd-sysv", "--skip=cleanup/apt/lists",
                f"--aptopt={options}", "--dpkgopt=force-unsafe-io", codename(), self.root, listed]
        try:
            run(*made)
        except AssertionError:  # a mirror may be away for longer than those take
            shutil.rmtree(self.root, ignore_errors=True)
            run(*made)

    def start(self):
        """Its network is its own, but for apt: nothing else of this machine is in its way."""
        try:
            self._make_groups()
        except OSError as refused:
            self.lacks = f"no control group can be made here, so no systemd is started: {refused}"
            self._run_without_systemd()
        else:
            self._boot()

    def _make_groups(self):
        """And is sure that processes may join them."""
        for group in control_groups(self._name):
            group.mkdir()
            self._groups.append(group)
        joined = subprocess.run(["sh", "-c", JOIN, "sh", *self._groups, "--", "true"], capture_output=True, text=True)
        if joined.returncode != 0:
            raise OSError(joined.stderr)

    def _boot(self):
        self._run(
            "sh", "-c", JOIN, "sh", *self._groups, "--", "setpriv", "--pdeathsig=TERM", "systemd-nspawn",
            f"--directory={self.root}", "--boot", f"--machine={self._name}", "--register=no", "--keep-unit",
            "--private-network", "--console=read-only",
        )
        try:
            wait_until(lambda: self._is_inside() and self._is_booted(), START_TIMEOUT)
        except AssertionError as problem:
            pytest.fail(f"systemd did not start: {problem}\n{(self.directory / 'console').read_text()}")

    def _is_booted(self):
        return self.attempt("systemctl", "is-system-running")[1].strip() in ("running", "degraded")

    def _run_without_systemd(self):
        real = self.path("/usr/bin/systemctl")
        real.rename(real.with_suffix(".real"))
        shutil.copy(STAND_IN, real)
        self._run(
            "setpriv", "--pdeathsig=KILL", "unshare", "--mount", "--uts", "--ipc", "--net", "--pid", "--fork",
            "--kill-child", f"--root={self.root}", "--mount-proc", "sleep", "infinity",
        )
        wait_until(self._is_inside, START_TIMEOUT)
        # The scripts of packages take it for a sign of systemd.
        self.run("mkdir", "--parents", "/run/systemd/system")
        subprocess.run(["nsenter", "--target", self._leader, "--net", sys.executable, "-c", LOOPBACK], check=True)

    def _run(self, *command):
        with (self.directory / "console").open("wb") as console:
            self._process = subprocess.Popen(
                list(map(str, command)), stdin=subprocess.DEVNULL, stdout=console, stderr=subprocess.STDOUT)

    def _is_inside(self):
        """Before it has a root of its own, it would be this machine that answers."""
        assert self._process.poll() is None, "it ended: " + (self.directory / "console").read_text()
        with contextlib.suppress(OSError, ValueError):
            children = Path(f"/proc/{self._process.pid}/task/{self._process.pid}/children").read_text()
            (self._leader,) = children.split()
            return os.path.samefile(f"/proc/{self._leader}/root", self.root)
        return False

    def attempt(self, *command, network=("--net",), environment=None, given=""):
        """The exit status of a command that runs there, and what it printed."""
        inherited = {name: os.environ[name] for name in PROXIES if name in os.environ}
        variables = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL": "C.UTF-8", "DEBIAN_FRONTEND": "noninteractive"}
        done = subprocess.run(
            ["nsenter", "--target", self._leader, "--mount", "--uts", "--ipc", "--pid", "--root", "--wd", *network,
             *map(str, command)],
            env=inherited | variables | (environment or {}),
            input=given, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=COMMAND_TIMEOUT,
            cwd="/",
        )
        return done.returncode, done.stdout

    def run(self, *command, **options):
        status, output = self.attempt(*command, **options)
        assert status == 0, f"{command}:\n{output}"
        return output

    def apt(self, *arguments):
        return self.run("apt-get", "--yes", "--no-install-recommends", *arguments, network=())

    def fetch(self, url):
        """The status of the reply, 0 where there is none."""
        command = ["nsenter", "--target", self._leader, "--net", "curl", "--silent", "--noproxy", "*",
                   "--output", "/dev/null", "--write-out", "%{http_code}", url]
        return int(subprocess.run(command, capture_output=True, text=True, timeout=COMMAND_TIMEOUT).stdout)

    def path(self, name):
        return self.root / name.lstrip("/")

    def logged(self, unit):
        """All that it has written."""
        if self.has_systemd:
            return self.run("journalctl", f"--unit={unit}", "--no-pager")
        return self.run("cat", "/var/log/orgkeys.log")

    def stop(self):
        self._end()
        shutil.rmtree(self.root, ignore_errors=True)

    def _end(self):
        if self._process is not None:
            if self.has_systemd:
                self._process.terminate()  # which it passes on as an orderly end
            else:
                self._kill()
            try:
                self._process.wait(START_TIMEOUT)
            except subprocess.TimeoutExpired:
                self._kill()
                self._process.wait()
            self._process = self._leader = None
        for group in self._groups:
            wait_until(lambda group=group: is_deleted(group), START_TIMEOUT)
        self._groups = []

    def _kill(self):
        """The first process there: with it ends every other, and then what waits for it."""
        with contextlib.suppress(ProcessLookupError):
            os.kill(int(self._leader or self._process.pid), signal.SIGKILL)
