"""The first start, the first admin key, and the commands for whoever has the files."""

import ctypes
import os
import pty
import re
import select
import signal
import subprocess
import time
from pathlib import Path

import pytest

from support import commands
from support.api import PASSWORD, Api, http_client
from support.secret_values import SECRETS
from support.server import Server, binary, database_variable, environment, parse_log_line, run
from support.wait import wait_until

GIVEN = SECRETS.add("Gq7vWb2mXk9-thatWasGiven-0123456789")
OTHER = SECRETS.add("Zr4tYn8pLd3-thatIsAnother-9876543210")


def status_of(server, key):
    with http_client(server.base_url, key) as client:
        return client.get("/organization/projects").status_code


# --- the first key


def test_the_first_key_lies_in_a_file_of_the_owner_alone_and_its_path_is_printed(fresh_server):
    server = fresh_server()
    path = server.directory / "first-admin-key"
    assert path.stat().st_mode & 0o777 == 0o600
    assert re.fullmatch(r"sk-admin-[0-9A-Za-z]{49}\n?", path.read_text())
    wait_until(lambda: any(str(path) in line for line in server.output))
    assert not any("sk-admin" in line for line in server.output)
    assert status_of(server, server.admin_key) == 200


def test_the_owner_sets_a_password_by_the_link_of_the_first_start_once(fresh_server):
    server = fresh_server("--owner-email", "ada@example.com")
    path = server.directory / "first-password-link"
    assert path.stat().st_mode & 0o777 == 0o600
    wait_until(lambda: any(str(path) in line for line in server.output))
    assert re.fullmatch(rf"{server.url}/password#password-link-[0-9A-Za-z]{{49}}", server.password_link)
    assert server.password_link not in "".join(server.output)
    set_password(server, server.password_link)
    set_password(server, server.password_link, expect=400)
    session = session_of(server, sign_in(server, "ada@example.com")).json()
    assert session["user"]["role"] == "owner" and session["admin_api_key_id"] is None


def test_the_first_start_makes_organization_owner_and_default_project(fresh_server):
    server = fresh_server("--owner-email", "Ada@Example.org", "--owner-name", "Ada Admin")
    api = Api(server.base_url, server.admin_key)
    users = api.all("/users")
    assert [(user["email"], user["name"], user["role"], user["is_default"]) for user in users] == [
        ("Ada@Example.org", "Ada Admin", "owner", True)
    ]
    assert len(api.all("/projects")) == 1 and len(api.all("/admin_api_keys")) == 1
    assert api.all("/admin_api_keys")[0]["owner"]["id"] == users[0]["id"]


def test_a_later_start_makes_nothing_and_prints_no_key(fresh_server):
    server = fresh_server()
    key = server.admin_key
    (server.directory / "first-admin-key").unlink()
    server.restart()
    assert not (server.directory / "first-admin-key").exists()
    assert status_of(server, key) == 200
    assert len(Api(server.base_url, key).all("/admin_api_keys")) == 1


def test_on_a_terminal_the_two_exports_are_printed_ready_to_paste(tmp_path):
    command = [binary(), "serve", "--data", str(tmp_path / "data"), "--listen", "127.0.0.1:0"]
    main, side = pty.openpty()
    process = subprocess.Popen(
        command, stdin=subprocess.DEVNULL, stdout=side, stderr=subprocess.PIPE,
        env=environment(database_variable(command)),
    )
    os.close(side)
    try:
        printed = b""
        deadline = time.monotonic() + 30
        while b"/password#" not in printed or not printed.endswith(b"\n"):
            assert select.select([main], [], [], max(0, deadline - time.monotonic()))[0], printed
            printed += os.read(main, 4096)
        exports = dict(re.findall(r"^\s*export (\w+)=(\S+?)\r?$", printed.decode(), re.M))
        key = SECRETS.add(exports["OPENAI_ADMIN_KEY"].strip("'\""))
        (link,) = re.findall(r"^(http://127\.0\.0\.1:\d+/password#\S+)\r?$", printed.decode(), re.M)
        token = SECRETS.add(link.partition("#")[2])
        url = exports["OPENAI_BASE_URL"].strip("'\"")
        assert re.fullmatch(r"http://127\.0\.0\.1:\d+/v1", url)
        assert re.fullmatch(r"sk-admin-[0-9A-Za-z]{49}", key)
        assert not (tmp_path / "data" / "first-admin-key").exists()
        with http_client(url, key) as client:
            assert client.get("/organization/projects").status_code == 200
            body = {"token": token, "password": PASSWORD}
            assert client.post("/organization/passwords", json=body).status_code == 200
        assert not (tmp_path / "data" / "first-password-link").exists()
    finally:
        process.send_signal(signal.SIGTERM)
        log = process.communicate(timeout=30)[1].decode()
        os.close(main)
    assert process.returncode == 0, log
    SECRETS.assert_absent(log, "the log")


def test_no_line_of_the_log_is_within_what_is_to_be_pasted(tmp_path):
    """Where both go to one terminal."""
    command = [binary(), "serve", "--data", str(tmp_path / "data"), "--listen", "127.0.0.1:0", "--log-level", "debug"]
    main, side = pty.openpty()
    process = subprocess.Popen(
        command, stdin=subprocess.DEVNULL, stdout=side, stderr=side, env=environment(database_variable(command))
    )
    os.close(side)
    printed = b""
    try:
        deadline = time.monotonic() + 30
        while b"OPENAI_ADMIN_KEY" not in printed or b"listening" not in printed:
            assert select.select([main], [], [], max(0, deadline - time.monotonic()))[0], printed
            printed += os.read(main, 4096)
    finally:
        process.send_signal(signal.SIGTERM)
        while select.select([main], [], [], 30)[0]:
            try:
                printed += os.read(main, 4096)
            except OSError:
                break  # the other side is closed
        assert process.wait(30) == 0
        os.close(main)
    lines = [re.sub(r"=.*", "", line) for line in printed.decode().splitlines()]
    first = lines.index("The first admin key, shown this once:")
    assert lines[first + 1 : first + 5] == ["", "export OPENAI_BASE_URL", "export OPENAI_ADMIN_KEY", ""]


def confined():
    """Whether this kernel has Landlock: landlock_create_ruleset(2) gives its version."""
    number, version_flag = 444, 1
    return "yes" if ctypes.CDLL(None).syscall(number, None, 0, version_flag) > 0 else "no"


def test_a_start_says_what_was_started(fresh_server, database):
    server = fresh_server()
    version = run("--version").stdout.split()[1]
    (line,) = [line for line in server.log if " started " in line]
    assert parse_log_line(line) == {"version": version, "store": database, "keys": "1", "confined": confined()}


def test_data_that_others_can_read_is_a_warning(fresh_server):
    server = fresh_server()
    assert not any("warning" in line for line in server.log)
    server.stop()
    (server.directory / "first-admin-key").chmod(0o640)
    server.directory.chmod(0o755)
    server.start()
    told = [parse_log_line(line) for line in server.log if "others can read the data" in line]
    assert [line["path"] for line in told] == [str(server.directory), str(server.directory / "first-admin-key")]
    for line in told:
        subprocess.run(line["remedy"].split(" "), check=True)
    server.restart()
    assert len([line for line in server.log if "others can read the data" in line]) == 2


def test_the_first_key_can_be_given_in_the_environment(fresh_server):
    server = fresh_server(env={"ORGKEYS_ADMIN_KEY": GIVEN})
    assert not (server.directory / "first-admin-key").exists()
    assert status_of(server, GIVEN) == 200


def test_the_first_key_can_be_given_in_a_file(fresh_server, tmp_path):
    file = tmp_path / "key"
    file.write_text(GIVEN + "\n")
    server = fresh_server("--admin-key-file", file)
    assert not (server.directory / "first-admin-key").exists()
    assert status_of(server, GIVEN) == 200


def test_the_variable_is_gone_from_the_process(fresh_server):
    server = fresh_server(env={"ORGKEYS_ADMIN_KEY": GIVEN})
    assert GIVEN.encode() not in Path(f"/proc/{server.pid}/cmdline").read_bytes()
    try:
        environ = Path(f"/proc/{server.pid}/environ").read_bytes()
    except PermissionError:
        return  # better still: nobody but root may look
    assert GIVEN.encode() not in environ and GIVEN[-8:].encode() not in environ


@pytest.mark.parametrize(
    "wrong",
    [
        "short",
        "x" * 31,
        "with a space in it, although it is long enough",
        "x" * 257,
        "umlaut-\u00fc-" + "x" * 40,
    ],
)
def test_a_first_key_that_is_too_short_or_not_visible_ends_with_status_2(wrong, tmp_path):
    done = run(
        "serve", "--data", tmp_path / "data", "--listen", "127.0.0.1:0", env={"ORGKEYS_ADMIN_KEY": wrong}
    )
    assert done.returncode == 2
    assert "ORGKEYS_ADMIN_KEY" in done.stderr and wrong not in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1
    assert not (tmp_path / "data").exists() or not list((tmp_path / "data").glob("*.db*"))


def test_a_different_first_key_is_later_ignored_with_a_warning(fresh_server):
    server = fresh_server(env={"ORGKEYS_ADMIN_KEY": GIVEN})
    server.stop()
    server.env = {"ORGKEYS_ADMIN_KEY": OTHER}
    server.start()
    assert status_of(server, GIVEN) == 200
    assert status_of(server, OTHER) == 401
    assert any("warning" in line for line in server.log[server._log_start :])


def test_the_same_first_key_again_is_no_reason_to_warn(fresh_server):
    server = fresh_server(env={"ORGKEYS_ADMIN_KEY": GIVEN})
    server.restart()
    assert status_of(server, GIVEN) == 200
    assert not any("warning" in line for line in server.log), server.log


def test_a_deleted_first_key_never_returns(fresh_server):
    server = fresh_server(env={"ORGKEYS_ADMIN_KEY": GIVEN})
    api = Api(server.base_url, GIVEN)
    second = api.admin_key()
    first = api.all("/admin_api_keys")[0]
    api.with_key(second["value"]).delete(f"/admin_api_keys/{first['id']}")
    server.restart()
    assert status_of(server, GIVEN) == 401
    assert status_of(server, second["value"]) == 200


# --- recover


def test_recover_makes_a_key_and_prints_it_alone(fresh_server):
    server = fresh_server()
    server.stop()
    key = commands.recover(server.directory)
    server.start()
    assert status_of(server, key) == 200
    assert status_of(server, server.admin_key) == 200, "the others stay"


def test_recover_can_end_all_other_admin_keys(fresh_server):
    server = fresh_server()
    extra = Api(server.base_url, server.admin_key).admin_key()["value"]
    server.stop()
    key = commands.recover(server.directory, "--revoke-others")
    server.start()
    assert status_of(server, key) == 200
    assert status_of(server, server.admin_key) == status_of(server, extra) == 401
    api = Api(server.base_url, key)
    assert len(api.all("/admin_api_keys")) == 1
    newest, revoked = api.events()[:2]
    assert newest["type"] == "api_key.created" and newest["actor"] is None
    assert revoked["organization.updated"]["changes_requested"]["description"] == (
        "All admin API keys, and the owners' passwords, password links, sessions and open invites, were revoked."
    )


def sign_in(server, email, expect=200):
    """The cookies of a session."""
    with http_client(server.base_url, Origin=server.url) as client:
        reply = client.post("/organization/sessions", json={"email": email, "password": PASSWORD})
        assert reply.status_code == expect, reply.text
        return reply.cookies


def session_of(server, cookies):
    with http_client(server.base_url) as client:
        client.cookies = cookies
        return client.get("/organization/sessions/current")


def set_password(server, link, password=PASSWORD, expect=200):
    with http_client(server.base_url, Origin=server.url) as client:
        body = {"token": SECRETS.add(link.partition("#")[2]), "password": password}
        assert client.post("/organization/passwords", json=body).status_code == expect


def test_recover_can_end_every_other_way_in(fresh_server):
    server = fresh_server("--owner-email", "ada@example.com")
    api = Api(server.base_url, server.admin_key)
    reader = api.person("reader@example.com")
    set_password(server, server.password_link)
    set_password(server, api.post(f"/users/{reader['id']}/password_link")["url"])
    unused = api.post(f"/users/{api.owner()['id']}/password_link")["url"]
    invite = api.invite("late@example.com", "owner")
    sessions = [sign_in(server, email) for email in ("ada@example.com", "reader@example.com")]
    assert [session_of(server, cookies).status_code for cookies in sessions] == [200, 200]
    server.stop()
    key = commands.recover(server.directory, "--revoke-others")
    server.start()
    assert [session_of(server, cookies).status_code for cookies in sessions] == [401, 200]
    sign_in(server, "ada@example.com", expect=401)
    sign_in(server, "reader@example.com")
    set_password(server, unused, expect=400)
    api = Api(server.base_url, key)
    assert invite["id"] not in {one["id"] for one in api.all("/invites")}
    set_password(server, api.post(f"/users/{api.owner()['id']}/password_link")["url"], "another horse, other staples")
    SECRETS.add("another horse, other staples")


def test_recover_takes_the_owner_by_address_in_any_case(fresh_server):
    server = fresh_server("--owner-email", "first@example.com")
    api = Api(server.base_url, server.admin_key)
    api.person("Second@Example.com", "owner", name="Second")
    api.person("reader@example.com", "reader")
    server.stop()
    key = commands.recover(server.directory, "--owner-email", "second@example.COM")
    for wrong in ("nobody@example.com", "reader@example.com"):
        done = run("recover", "--data", server.directory, "--owner-email", wrong)
        assert done.returncode != 0 and done.stdout == "" and done.stderr.strip()
    server.start()
    assert Api(server.base_url, key).owner()["email"] == "Second@Example.com"


@pytest.mark.sqlite(reason="nodes follow what commands change in a PostgreSQL")
def test_recover_and_organization_create_are_refused_while_a_server_runs(fresh_server):
    server = fresh_server()
    for command in (
        ["recover"],
        ["organization", "create", "--name", "Second", "--owner-email", "x@example.com"],
    ):
        done = run(*command, "--data", server.directory)
        assert done.returncode not in (0, 2)
        assert done.stdout == "" and len(done.stderr.strip().splitlines()) == 1, done.stderr
        assert str(server.directory) in done.stderr and "stop it first" in done.stderr


def test_recover_of_an_empty_directory_makes_nothing(tmp_path):
    done = run("recover", "--data", tmp_path / "nothing")
    assert done.returncode != 0 and done.stdout == "" and done.stderr.strip()


@pytest.mark.sqlite(reason="files")
def test_recover_by_another_user_does_not_say_that_there_is_nothing(fresh_server):
    server = fresh_server()
    server.stop()
    # To root, permissions are nothing while it has these.
    mortal = ["setpriv", "--bounding-set=-dac_override,-dac_read_search"] if os.geteuid() == 0 else []
    server.directory.chmod(0)
    done = subprocess.run(
        [*mortal, binary(), "recover", "--data", server.directory],
        env=environment(), capture_output=True, text=True, timeout=60,
    )
    server.directory.chmod(0o700)
    assert done.returncode == 1 and done.stdout == ""
    assert "Permission denied" in done.stderr and "server's user" in done.stderr


def test_organization_create_makes_an_organization_with_owner_project_and_key(fresh_server):
    server = fresh_server()
    server.stop()
    key = commands.create_organization(server.directory, "Chief@Elsewhere.example", "Carla Chief")
    server.start()
    api = Api(server.base_url, key)
    assert [(u["email"], u["name"], u["role"]) for u in api.all("/users")] == [
        ("Chief@Elsewhere.example", "Carla Chief", "owner")
    ]
    assert len(api.all("/projects")) == 1
    assert len(Api(server.base_url, server.admin_key).all("/users")) == 1


# --- the command line


def test_version_and_help():
    done = run("--version")
    assert done.returncode == 0 and re.fullmatch(r"orgkeys \d+\.\d+\.\d+\S*\n", done.stdout)
    for arguments in (
        ["--help"],
        ["serve", "--help"],
        ["recover", "--help"],
        ["organization", "create", "--help"],
    ):
        done = run(*arguments)
        assert done.returncode == 0 and "Usage: orgkeys" in done.stdout and done.stderr == "", arguments
        assert max(map(len, done.stdout.splitlines())) <= 120
    help_text = run("serve", "--help").stdout
    for option in (
        "--listen",
        "--data",
        "--config",
        "--internal-listen",
        "--public-url",
        "--trusted-proxy",
        "--log-level",
        "--log-format",
        "--owner-email",
        "--admin-key-file",
        "ORGKEYS_ADMIN_KEY",
    ):
        assert option in help_text, option
    assert "--admin-key " not in help_text, "options that hold secrets have no flag"


@pytest.mark.parametrize(
    "arguments",
    [
        ["--no-such-option"],
        ["serve", "--no-such-option"],
        ["no-such-command"],
        ["serve", "--listen"],
        ["serve", "--listen", "nonsense"],
        ["serve", "--listen", "127.0.0.1:99999"],
        ["serve", "--log-format", "xml"],
        ["serve", "--max-body-size", "-1"],
        ["serve", "--max-body-size", "12parsecs"],
        ["serve", "--readers", "0"],
        ["serve", "--request-timeout", "soon"],
        ["serve", "--trusted-proxy", "300.1.1.1/8"],
        ["serve", "--public-url", "not a url"],
        ["serve", "--owner-email", "nobody"],
        ["serve", "--admin-key", "a-flag-that-must-not-be-there-0123456789"],
        ["serve", "extra"],
        ["organization", "create"],
        ["recover", "--listen", "127.0.0.1:1"],
    ],
    ids=" ".join,
)
def test_bad_options_end_with_status_2_and_one_line(arguments, tmp_path):
    done = run(*arguments, cwd=tmp_path)
    assert done.returncode == 2, done.stderr
    assert done.stdout == ""
    assert len(done.stderr.strip().splitlines()) == 1, done.stderr
    assert "a-flag-that-must" not in done.stderr, "a secret given where none belongs is not repeated"
    assert list(tmp_path.iterdir()) == [], "nothing was made"


def test_an_option_that_is_not_there_is_told_with_the_one_that_was_meant(tmp_path):
    for flag, meant in (("--listne", "--listen"), ("--databse", "--database"), ("--log-lvel", "--log-level")):
        done = run("serve", flag, "x", cwd=tmp_path)
        assert done.returncode == 2 and f"{flag}: there is no such option; --help lists them; did you mean {meant}?" in done.stderr
    assert "did you mean" not in run("serve", "--something-else", cwd=tmp_path).stderr
    assert "--admin-key" not in run("serve", "--admin-kye", cwd=tmp_path).stderr.replace("--admin-key-file", "")


def test_options_come_from_flags_then_variables_then_the_file(fresh_server, tmp_path):
    config = tmp_path / "orgkeys.conf"
    config.write_text(
        "# a comment\n\nowner-email = file@example.com\nowner-name = From File\norganization-name = File\nlog-format = json\n"
    )
    server = fresh_server(
        "--config", config, "--owner-email", "flag@example.com", env={"ORGKEYS_OWNER_NAME": "From Variable"}
    )
    assert all(line.startswith("{") for line in server.log)
    user = Api(server.base_url, server.admin_key).all("/users")[0]
    assert (user["email"], user["name"]) == ("flag@example.com", "From Variable")


def test_an_error_in_the_config_file_names_file_and_line(tmp_path):
    config = tmp_path / "orgkeys.conf"
    for text, line in (
        ("no-such-option = 1\n", 1),
        ("# fine\nreaders = many\n", 2),
        ("# fine\n\njust words\n", 3),
    ):
        config.write_text(text)
        done = run("serve", "--config", config, "--data", tmp_path / "data", cwd=tmp_path)
        assert done.returncode == 2
        assert str(config) in done.stderr and re.search(rf"\b{line}\b", done.stderr), done.stderr
        assert len(done.stderr.strip().splitlines()) == 1
    done = run("serve", "--config", tmp_path / "absent.conf", "--data", tmp_path / "data", cwd=tmp_path)
    assert done.returncode in (1, 2) and "absent.conf" in done.stderr


def test_a_data_directory_that_cannot_be_made_is_a_clear_error(tmp_path):
    blocked = tmp_path / "file"
    blocked.write_text("in the way")
    done = run("serve", "--data", blocked / "data", "--listen", "127.0.0.1:0")
    assert done.returncode not in (0, 2)
    assert str(blocked) in done.stderr
    assert len(done.stderr.strip().splitlines()) <= 2


def test_log_level_hides_what_is_less_important(fresh_server):
    server = fresh_server("--log-level", "debug")
    assert server.log
    quiet = Server(server.directory.parent / "quiet", "--log-level", "error")
    quiet.launch()
    key = quiet.directory / "first-admin-key"
    wait_until(key.exists)
    SECRETS.add(key.read_text().strip())
    quiet.process.terminate()
    assert quiet.wait() == 0
    assert quiet.log == []


# --- a first start that is cut short


def test_a_first_start_that_was_killed_leaves_a_way_in(tmp_path):
    """Whenever it dies, the next start either makes the first key or has made it: in the file, and it works."""
    for number in range(25):
        server = Server(tmp_path / f"data{number}")
        server.launch()
        deadline = time.monotonic() + 0.004 * number
        while time.monotonic() < deadline and server.running():
            pass
        server.kill9()
        server.start()
        assert status_of(server, server.admin_key) == 200, f"killed after {4 * number} ms"
        server.stop()
