"""What is installed serves programs outside the tree."""

import json
import os
import re
import subprocess

import pytest

import programs
from support.server import REPOSITORY

EXAMPLE = REPOSITORY / "examples/c/list_all_project_api_keys.c"

PROGRAM_WITH_THE_SAME_NAMES = r"""
#include <orgkeys/orgkeys.h>
#include <stdio.h>

int buffer_append = 7;
int text_of = 8;

int main(void)
{
    orgkeys_client *client;
    int status = orgkeys_client_new(NULL, &client);
    orgkeys_client_free(client);
    printf("%d %d %d\n", status, buffer_append, text_of);
    return 0;
}
"""


def run(*command, **options):
    done = subprocess.run([str(part) for part in command], capture_output=True, text=True, **options)
    assert done.returncode == 0, f"{command}:\n{done.stdout}{done.stderr}"
    return done.stdout


@pytest.fixture(scope="module")
def stage(tmp_path_factory):
    """The build that is tested, installed as `make install DESTDIR=...` does."""
    directory = tmp_path_factory.mktemp("stage")
    run("meson", "install", "-C", programs.BUILD, "--no-rebuild", env={**os.environ, "DESTDIR": str(directory)})
    return directory


@pytest.fixture(scope="module")
def package(stage):
    """pkg-config on what was installed there."""
    (file,) = stage.rglob("orgkeys.pc")
    search = f"{file.parent}:{run('pkg-config', '--variable', 'pc_path', 'pkg-config').strip()}"
    env = {**os.environ, "PKG_CONFIG_PATH": search, "PKG_CONFIG_SYSROOT_DIR": str(stage)}
    return lambda *arguments: run("pkg-config", *arguments, env=env).split()


@pytest.fixture(scope="module")
def sanitizers():
    """The program needs them when the library has them."""
    options = json.loads(run("meson", "introspect", programs.BUILD, "--buildoptions"))
    (chosen,) = [option["value"] for option in options if option["name"] == "b_sanitize"]
    return [] if chosen == "none" else [f"-fsanitize={chosen}"]


def static_flags(package):
    """As docs/c.md says."""
    return [*package("--cflags", "--libs-only-L", "orgkeys"), "-l:liborgkeys.a", "-lcurl", "-ljansson"]


def lists_a_key(program, server, api, **more):
    project = api.project()
    key = api.key_of(project["id"])
    env = programs.environment(server.base_url, api.key, **more)
    done = subprocess.run([program, project["id"]], env=env, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0 and done.stdout.startswith(key["id"]), done.stderr


def test_a_program_outside_the_tree(stage, package, sanitizers, server, api, tmp_path):
    flags = package("--cflags", "--libs", "orgkeys")
    run("cc", "-std=c99", "-pedantic", *sanitizers, EXAMPLE, "-o", tmp_path / "program", *flags)
    (library,) = stage.rglob("liborgkeys.so")
    lists_a_key(tmp_path / "program", server, api, LD_LIBRARY_PATH=str(library.parent))
    assert "liborgkeys.so.0" in run("readelf", "-d", tmp_path / "program")


def test_a_program_that_takes_the_library_with_it(package, sanitizers, server, api, tmp_path):
    run("cc", *sanitizers, EXAMPLE, "-o", tmp_path / "program", *static_flags(package))
    lists_a_key(tmp_path / "program", server, api)
    assert "liborgkeys" not in run("readelf", "-d", tmp_path / "program")


def test_names_of_the_program_do_not_clash_with_the_librarys_insides(package, sanitizers, tmp_path):
    """`buffer_append` is a name within the library: a program may have its own."""
    source = tmp_path / "program.c"
    source.write_text(PROGRAM_WITH_THE_SAME_NAMES)
    run("cc", *sanitizers, source, "-o", tmp_path / "program", *static_flags(package))
    assert run(tmp_path / "program", env=programs.environment()) == "0 7 8\n"


def test_the_shared_library_needs_no_packages_of_others(stage):
    """A program that uses it needs libcurl and jansson at run time, and none of their headers."""
    (file,) = stage.rglob("orgkeys.pc")
    env = {**os.environ, "PKG_CONFIG_LIBDIR": str(file.parent), "PKG_CONFIG_PATH": ""}
    assert "-lorgkeys" in run("pkg-config", "--cflags", "--libs", "orgkeys", env=env).split()
    assert {"-lcurl", "-ljansson"} <= set(run("pkg-config", "--static", "--libs", "orgkeys", env=env).split())


def test_the_version_is_one(package):
    version = re.search(r"version: '([\d.]+)'", (REPOSITORY / "meson.build").read_text()).group(1)
    header = (REPOSITORY / "include/orgkeys/client.h").read_text()
    parts = [re.search(rf"define ORGKEYS_VERSION_{part} (\d+)", header).group(1) for part in ("MAJOR", "MINOR", "PATCH")]
    assert package("--modversion", "orgkeys") == [version] == [".".join(parts)]
