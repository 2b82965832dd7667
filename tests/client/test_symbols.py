"""The library's surface: what it exports, what its headers declare, what its tables ask for."""

import re
import subprocess

import httpx
import pytest

import programs
from support.openapi import METHODS
from support.server import REPOSITORY

HEADERS = sorted((REPOSITORY / "include/orgkeys").glob("*.h"))
LIST = REPOSITORY / "src/client/exports.txt"


def listed():
    return LIST.read_text().split()


def defined(*arguments):
    """The functions and objects that can be seen from outside."""
    said = subprocess.run(["nm", *map(str, arguments)], check=True, capture_output=True, text=True).stdout
    rows = [line.split() for line in said.splitlines()]
    return sorted(row[2].split("@")[0] for row in rows if len(row) == 3 and row[1].isupper() and row[1] != "A")


def declared():
    text = "".join(header.read_text() for header in HEADERS)
    text = re.sub(r"/\*.*?\*/", "", text, flags=re.S)
    return sorted(re.findall(r"\b(orgkeys_\w+)\(", text))


def tables(kind):
    lines = programs.output("tests/client/print_tables", env=programs.environment())
    return [line.removeprefix(f"{kind} ") for line in lines if line.startswith(f"{kind} ")]


def test_the_shared_library_exports_the_list_and_nothing_else():
    assert defined("-D", "--defined-only", programs.BUILD / "src/client/liborgkeys.so") == listed()


def test_the_static_library_shows_the_same_and_nothing_below():
    assert defined("--defined-only", "--extern-only", programs.BUILD / "src/client/liborgkeys.a") == listed()


def test_a_compiler_may_be_a_command_with_arguments(tmp_path):
    """And of the objects of -flto names are hidden too."""
    (tmp_path / "a.c").write_text("int hidden(int x); int orgkeys_a(int x) { return hidden(x); }\n")
    (tmp_path / "b.c").write_text("int hidden(int x) { return x + 1; }\n")
    for name in "ab":
        subprocess.run(["gcc", "-O2", "-flto", "-c", f"{name}.c"], check=True, cwd=tmp_path)
        subprocess.run(["gcc-ar", "rcs", f"{name}.a", f"{name}.o"], check=True, cwd=tmp_path)
    command = [REPOSITORY / "src/client/make-static-library", "out.a", "a.a", "b.a", "objcopy", "ar", "--"]
    subprocess.run([*command, "env", "gcc", "-flinker-output=nolto-rel"], check=True, cwd=tmp_path)
    assert defined("--defined-only", "--extern-only", tmp_path / "out.a") == ["orgkeys_a"]


def test_every_function_is_declared_and_every_declaration_exists():
    assert declared() == listed()


def test_the_library_needs_no_cryptography_and_nothing_of_the_server():
    said = subprocess.run(
        ["readelf", "-d", programs.BUILD / "src/client/liborgkeys.so"], check=True, capture_output=True, text=True
    ).stdout
    needed = re.findall(r"NEEDED.*\[lib(\w+)", said)
    assert {"curl", "jansson"} <= set(needed) <= {"curl", "jansson", "c", "gcc_s", "asan", "ubsan"}
    assert "SONAME" in said and "[liborgkeys.so.0]" in said


def test_every_field_of_the_tables_has_its_function():
    fields = tables("field")
    assert len(fields) > 90
    assert set(fields) <= set(listed())


def test_every_operation_of_the_server_is_in_the_client(server):
    document = httpx.get(f"{server.url}/openapi.json").json()
    served = {
        f"{method.upper()} {path}"
        for path, node in document["paths"].items()
        for method in METHODS
        if method in node and path.startswith("/v1/")
    }
    assert served - OF_BROWSERS == set(tables("operation"))


# Signing in, and what comes with it, goes with a cookie: see docs/sessions.md.
OF_BROWSERS = {
    "GET /v1/organization/sessions",
    "POST /v1/organization/sessions",
    "GET /v1/organization/sessions/{session_id}",
    "DELETE /v1/organization/sessions/{session_id}",
    "POST /v1/organization/password",
    "POST /v1/organization/passwords",
}


COMPILERS = [
    ["gcc", "-std=c99", "-xc"],
    ["clang", "-std=c99", "-xc"],
    ["g++", "-std=c++11", "-xc++"],
    ["clang++", "-std=c++11", "-xc++"],
]


@pytest.mark.parametrize("compiler", COMPILERS, ids=lambda compiler: compiler[0])
def test_each_header_compiles_alone(compiler):
    for header in HEADERS:
        subprocess.run(
            [*compiler, "-Wall", "-Wextra", "-Wpedantic", "-Werror", "-fsyntax-only", "-I", REPOSITORY / "include", "-"],
            input=f"#include <orgkeys/{header.name}>\n",
            text=True,
            check=True,
        )


@pytest.mark.parametrize("compiler", COMPILERS, ids=lambda compiler: compiler[0])
def test_each_initializer_sets_every_field(compiler):
    names = re.findall(r"define ORGKEYS_(\w+)_OPTIONS_INIT", "".join(h.read_text() for h in HEADERS))
    assert len(names) >= 17
    lines = [f"orgkeys_{name.lower()}_options o{name} = ORGKEYS_{name}_OPTIONS_INIT;" for name in names]
    subprocess.run(
        [*compiler, "-Wall", "-Wextra", "-Werror", "-fsyntax-only", "-I", REPOSITORY / "include", "-"],
        input="#include <orgkeys/orgkeys.h>\n" + "\n".join(lines) + "\n",
        text=True,
        check=True,
    )
