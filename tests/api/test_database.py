"""A server on PostgreSQL: what its URL may hold and who may see it, and a database that goes away."""

import threading
from pathlib import Path

import pytest

from support import commands
from support.api import Api, http_client
from support.postgres import Postgres
from support.secret_values import SECRETS
from support.server import Server, run
from support.tls import make_certificates
from support.wait import wait_until

PASSWORD = "a-password-of-the-database-0815"


@pytest.fixture(scope="module")
def postgres():
    with Postgres(password=PASSWORD) as server:
        SECRETS.add(PASSWORD)
        yield server


@pytest.fixture
def url(postgres, request):
    name = request.node.name.replace("[", "_").replace("]", "")[-60:]
    return postgres.create_database(name).replace("://orgkeys@", f"://orgkeys:{PASSWORD}@")


def test_a_password_is_not_taken_from_a_flag(tmp_path):
    for wrong in (
        f"postgresql://orgkeys:{PASSWORD}@127.0.0.1/orgkeys",
        f"postgresql://orgkeys@127.0.0.1/orgkeys?password={PASSWORD}",
        f"postgresql://orgkeys@127.0.0.1/orgkeys?sslpassword={PASSWORD}",
    ):
        for command in (["serve"], ["recover"], ["organization", "create", "--name", "x"]):
            done = run(*command, "--database", wrong, cwd=tmp_path)
            assert done.returncode == 2 and len(done.stderr.splitlines()) == 1
            assert "password" in done.stderr and "ORGKEYS_DATABASE_URL" in done.stderr
            assert PASSWORD not in done.stderr + done.stdout
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "wrong",
    [
        f"mysql://orgkeys:{PASSWORD}@127.0.0.1/orgkeys",
        f"postgresql://orgkeys:{PASSWORD}%zz@127.0.0.1/orgkeys",
        f"postgresql://orgkeys:{PASSWORD}@127.0.0.1/orgkeys?no_such_parameter=1",
        f"host=127.0.0.1 password={PASSWORD}",
    ],
)
def test_what_is_no_url_ends_with_status_2_and_is_not_shown(wrong, tmp_path):
    done = run("serve", env={"ORGKEYS_DATABASE_URL": wrong}, cwd=tmp_path)
    assert done.returncode == 2 and len(done.stderr.splitlines()) == 1
    assert "ORGKEYS_DATABASE_URL" in done.stderr and PASSWORD not in done.stderr


def test_the_url_is_taken_from_the_variable_or_a_file_and_nobody_sees_it(url, tmp_path):
    server = Server(tmp_path / "data", env={"ORGKEYS_DATABASE_URL": url}).start()
    Api(server.base_url, server.admin_key).project("one")
    assert PASSWORD.encode() not in Path(f"/proc/{server.pid}/environ").read_bytes()
    assert PASSWORD.encode() not in Path(f"/proc/{server.pid}/cmdline").read_bytes()
    server.stop()
    assert sorted(path.name for path in server.directory.iterdir()) == ["first-admin-key", "first-password-link"]
    config = tmp_path / "orgkeys.conf"
    config.write_text(f"database = {url}\n")
    # An empty variable counts as absent; with --database postgresql the tests would give one.
    other = Server(tmp_path / "other", "--config", config, env={"ORGKEYS_DATABASE_URL": ""}).start()
    assert "one" in {project["name"] for project in Api(other.base_url, server.admin_key).all("/projects")}
    assert not other.directory.exists(), "nothing to write there"
    other.stop()


def test_a_passfile_goes_with_a_flag(url, postgres, tmp_path):
    passfile = tmp_path / "passfile"
    passfile.write_text(f"127.0.0.1:{postgres.port}:*:orgkeys:{PASSWORD}\n")
    passfile.chmod(0o600)
    bare = url.replace(f":{PASSWORD}", "")
    done = run("serve", "--data", tmp_path / "data", "--database", bare, env={"HOME": "/nonexistent"})
    assert done.returncode == 1 and "password" in done.stderr, done.stderr
    server = Server(tmp_path / "data", "--database", f"{bare}?passfile={passfile}").start()
    assert Api(server.base_url, server.admin_key).owner()["role"] == "owner"
    server.stop()


def test_tls_goes_by_the_parameters_of_libpq(tmp_path):
    made = make_certificates(tmp_path)
    other = tmp_path / "other"
    other.mkdir()
    strange = make_certificates(other)
    with Postgres(certificates=made) as postgres:
        url = postgres.create_database("orgkeys")
        refused = f"{url}?sslmode=verify-full&sslrootcert={strange.authority}"
        done = run("serve", "--data", tmp_path / "data", "--database", refused)
        assert done.returncode == 1 and "certificate verify failed" in done.stderr, done.stderr
        good = f"{url}?sslmode=verify-full&sslrootcert={made.authority}"
        server = Server(tmp_path / "data", "--database", good).start()
        Api(server.base_url, server.admin_key).project()
        encrypted = "SELECT count(*) > 2 AND bool_and(ssl) FROM pg_stat_ssl JOIN pg_stat_activity USING (pid)"
        assert postgres.psql(f"{encrypted} WHERE application_name = 'orgkeys'") == "t"
        server.stop()


def test_a_wrong_password_is_a_clear_error(url, tmp_path):
    wrong = SECRETS.add("another-password-4711")
    done = run("serve", "--data", tmp_path / "data", env={"ORGKEYS_DATABASE_URL": url.replace(PASSWORD, wrong)})
    assert done.returncode == 1 and "password authentication failed" in done.stderr
    assert wrong not in done.stderr and len(done.stderr.splitlines()) == 1


def test_a_database_that_cannot_be_reached_at_the_start_is_a_clear_error(tmp_path):
    done = run("serve", "--data", tmp_path / "data", "--database", "postgresql://orgkeys@127.0.0.1:1/orgkeys")
    assert done.returncode == 1 and "Connection refused" in done.stderr
    assert len(done.stderr.splitlines()) == 1 and not (tmp_path / "data").exists()


def test_a_database_of_another_encoding_is_refused(postgres, tmp_path):
    postgres.psql("CREATE DATABASE latin ENCODING 'LATIN1' TEMPLATE template0")
    url = postgres.url("latin").replace("://orgkeys@", f"://orgkeys:{PASSWORD}@")
    done = run("serve", "--data", tmp_path / "data", env={"ORGKEYS_DATABASE_URL": url})
    assert done.returncode == 1 and "UTF8" in done.stderr


def test_commands_work_beside_a_server_and_refuse_an_empty_database(url, tmp_path):
    env = {"ORGKEYS_DATABASE_URL": url}
    done = run("recover", "--data", tmp_path / "data", env=env)
    assert done.returncode == 1 and "no data of orgkeys" in done.stderr and done.stdout == ""
    server = Server(tmp_path / "data", env=env).start()
    key = commands.key_alone(run("recover", "--data", tmp_path / "data", env=env))
    with http_client(server.base_url, key) as client:
        wait_until(lambda: client.get("/organization/projects").status_code == 200)
    server.stop()


def test_several_hosts_of_which_one_answers(url, postgres, tmp_path):
    several = url.replace("@127.0.0.1:", "@127.0.0.1:1,127.0.0.1:") + "?target_session_attrs=read-write"
    server = Server(tmp_path / "data", env={"ORGKEYS_DATABASE_URL": several}).start()
    assert Api(server.base_url, server.admin_key).project("reached")["status"] == "active"
    server.stop()


def test_nodes_that_start_at_once_make_one_organization(url, tmp_path):
    nodes = [Server(tmp_path / f"node{n}", env={"ORGKEYS_DATABASE_URL": url}) for n in range(4)]
    threads = [threading.Thread(target=node.start) for node in nodes]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    keys = [node.directory / "first-admin-key" for node in nodes]
    assert sum(key.exists() for key in keys) == 1
    first = next(node for node, key in zip(nodes, keys, strict=True) if key.exists())
    for node in nodes:
        assert len(Api(node.base_url, first.admin_key).all("/admin_api_keys")) == 1
        node.stop()


@pytest.mark.parametrize("mode", ["fast", "immediate"])
def test_while_the_database_is_away_calls_are_503_and_afterwards_they_work(tmp_path, mode):
    with Postgres() as postgres:
        server = Server(tmp_path / "data", "--database", postgres.create_database("orgkeys")).start()
        api = Api(server.base_url, server.admin_key)
        before = api.project("before")
        postgres.stop(mode)
        for _ in range(3):
            for reply in (
                api.http.get("/organization/projects"),
                api.http.post("/organization/projects", json={"name": "during"}),
            ):
                assert reply.status_code == 503, reply.text
                assert reply.json()["error"]["code"] == "store_unavailable" and reply.headers["retry-after"]
        postgres.start()
        wait_until(lambda: api.http.post("/organization/projects", json={"name": "after"}).status_code == 200)
        # One reader tries to come back, a second after it failed at most.
        wait_until(lambda: api.http.get("/organization/projects").status_code == 200)
        # The others notice that the sessions they had are gone.
        for _ in range(20):
            assert api.http.get("/organization/projects").status_code == 200
        names = [project["name"] for project in api.all("/projects")]
        assert before["name"] in names and "after" in names and "during" not in names
        server.stop()
