"""What is installed beside the program: completions, the manual, the unit. Each by its own reader."""

import json
import os
import re
import subprocess
from pathlib import Path

import pytest

import catalog
import programs
from support.server import REPOSITORY


def run(*command, **options):
    done = subprocess.run([str(part) for part in command], capture_output=True, text=True, timeout=120, **options)
    assert done.returncode == 0, f"{command}:\n{done.stdout}{done.stderr}"
    return done


@pytest.fixture(scope="module")
def stage(tmp_path_factory):
    """The build that is tested, installed as `make install DESTDIR=...` does."""
    directory = tmp_path_factory.mktemp("stage")
    run("meson", "install", "-C", programs.BUILD, "--no-rebuild", env={**os.environ, "DESTDIR": str(directory)})
    return directory


def only(stage, pattern):
    (found,) = stage.rglob(pattern)
    return found


def test_everything_is_in_its_place(stage):
    names = {str(path.relative_to(stage)) for path in stage.rglob("*") if path.is_file()}
    wanted = [
        r"bin/orgkeys", r"lib/.*liborgkeys\.so\.0\.\d+\.\d+", r"lib/.*liborgkeys\.a", r"lib/.*pkgconfig/orgkeys\.pc",
        r"include/orgkeys/orgkeys\.h", r"share/man/man1/orgkeys\.1", r"share/bash-completion/completions/orgkeys",
        r"share/zsh/site-functions/_orgkeys", r"share/fish/vendor_completions\.d/orgkeys\.fish",
        r"lib/systemd/system/orgkeys\.service", r"lib/sysusers\.d/orgkeys\.conf",
    ]
    for pattern in wanted:
        assert [name for name in names if re.search(rf"/{pattern}$", name)], pattern


def test_a_build_without_tests_installs_the_same(stage, tmp_path):
    """`make install` is of such a build."""
    run("meson", "setup", tmp_path / "build", REPOSITORY, "-Dtests=disabled")
    plan = json.loads(run("meson", "introspect", "--install-plan", tmp_path / "build").stdout)
    planned = {Path(entry["destination"]).name for kind in plan.values() for entry in kind.values()}
    for name in ("orgkeys", "orgkeys.1", "_orgkeys", "orgkeys.fish", "orgkeys.service", "liborgkeys.a"):
        assert name in planned, name


# ---- Completion

BASH = """
source "$1"; shift
COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1))
_orgkeys
printf '%s\\n' "${COMPREPLY[@]}"
"""

ZSH = """
compdef() { :; }
_files() { print -- FILES; }
_describe() { for one in ${(P)2}; do case $one in ${words[CURRENT]}*) print -- ${one%%:*};; esac; done; }
source "$1"; shift
words=("$@"); CURRENT=$#
_orgkeys
"""

# A shell that somebody types into: the first TAB loads the file, and completes with it.
ZSH_TERMINAL = r"""
zmodload zsh/zpty
zpty shell PS1= TERM=dumb zsh -f -i
zpty -w shell "unsetopt prompt_sp prompt_cr zle_bracketed_paste; unset zle_bracketed_paste; fpath=($1 \$fpath)"
zpty -w shell "autoload -Uz compinit; compinit -u -D; print READY"
zpty -r -m shell said $'*\nREADY*'
zpty -w -n shell $'orgkeys completion fi\t'
zpty -r -m shell said '*completion fish *'
print -r -- "$said"
zpty -d shell
"""

FISH = 'source $argv[1]; complete -C "$argv[2]" | string split -f1 \\t'


def bash(stage, typed):
    script = only(stage, "bash-completion/completions/orgkeys")
    return run("bash", "-c", BASH, "bash", script, *typed.split(" ")).stdout.split()


def zsh(stage, typed):
    return run("zsh", "-f", "-c", ZSH, "zsh", only(stage, "_orgkeys"), *typed.split(" ")).stdout.split()


def fish(stage, typed):
    home = {**os.environ, "HOME": str(stage), "XDG_CONFIG_HOME": str(stage), "XDG_DATA_HOME": str(stage)}
    return run("fish", "--no-config", "-c", FISH, only(stage, "orgkeys.fish"), typed, env=home).stdout.split()


@pytest.mark.parametrize("shell", [bash, zsh, fish])
@pytest.mark.parametrize(
    ("typed", "offered"),
    [
        ("orgkeys pro", {"projects"}),
        ("orgkeys projects a", {"api-keys", "archive"}),
        ("orgkeys projects api-keys ", {"list", "create", "retrieve", "update", "delete"}),
        ("orgkeys help serv", {"serve", "service-accounts"}),
        ("orgkeys projects list --a", {"--after", "--all"}),
        ("orgkeys projects list --limit 5 --inc", {"--include-archived"}),
        ("orgkeys projects list --format ", {"table", "json", "jsonl"}),
        ("orgkeys users update --user-id user_1 --role o", {"owner"}),
        ("orgkeys organization ", {"create"}),
        ("orgkeys serve --log-f", {"--log-format"}),
    ],
)
def test_completion(stage, shell, typed, offered):
    assert set(shell(stage, typed)) == offered


@pytest.mark.parametrize("typed", ["orgkeys projects list --format = js", "orgkeys projects list --format ="])
def test_bash_completes_what_is_behind_an_equals_sign(stage, typed):
    """Which is a word of its own there."""
    offered = set(bash(stage, typed))
    assert {"json", "jsonl"} <= offered and offered <= {"table", "json", "jsonl"}


def test_completion_of_every_command(stage):
    for words in catalog.commands():
        *before, last = words.split()
        assert last in bash(stage, " ".join(["orgkeys", *before, last[:2]]))


def test_the_first_tab_in_a_zsh_completes(stage):
    folder = only(stage, "_orgkeys").parent
    shown = run("zsh", "-f", "-c", ZSH_TERMINAL, "zsh", folder, env={**os.environ, "ZDOTDIR": str(stage)}).stdout
    assert "orgkeys completion fish " in shown


def test_a_shell_that_sources_it_has_it(stage):
    script = only(stage, "bash-completion/completions/orgkeys")
    assert "_orgkeys" in run("bash", "-c", f"source {script}; complete -p orgkeys").stdout
    run("zsh", "-n", only(stage, "_orgkeys"))
    run("fish", "--no-execute", only(stage, "orgkeys.fish"))


# ---- The manual and the unit


def test_the_manual_is_well_formed(stage):
    page = only(stage, "orgkeys.1")
    shown = run("man", "--warnings", "-l", page, env={**os.environ, "MANWIDTH": "80", "MAN_KEEP_FORMATTING": ""})
    assert shown.stderr == ""
    for words in catalog.commands():
        assert f"orgkeys {words}" in shown.stdout
    for heading in ("NAME", "SYNOPSIS", "ENVIRONMENT", "FILES", "EXIT STATUS", "SEE ALSO"):
        assert heading in shown.stdout


def test_the_unit_is_well_formed_and_closed(stage, tmp_path):
    """tests/package runs the program within it."""
    installed = only(stage, "orgkeys.service")
    program = only(stage, "bin/orgkeys")
    unit = tmp_path / "orgkeys.service"
    unit.write_text(re.sub(r"ExecStart=\S+", f"ExecStart={program}", installed.read_text()))
    assert "orgkeys serve --data" in installed.read_text()
    checked = run("systemd-analyze", "verify", "--man=no", unit)
    assert "orgkeys.service" not in checked.stderr, checked.stderr
    level = run("systemd-analyze", "security", "--offline=yes", "--threshold=15", "--no-pager", unit).stdout
    assert float(re.search(r"exposure level for orgkeys.service: ([\d.]+)", level).group(1)) <= 1.2
