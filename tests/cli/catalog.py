"""The commands as the program itself lists them."""

import functools
import re

from support.server import run


@functools.cache
def commands():
    """The words of all commands, as the manual has them."""
    manual = run("manual").stdout.replace("\\-", "-")
    return re.findall(r"^\.SS orgkeys (.+)$", manual, re.M)


@functools.cache
def of_the_api():
    """Those that call a server: of the groups that the help lists as such."""
    section = run("help").stdout.partition("through the API")[2].partition("\nOther:")[0]
    groups = re.findall(r"^  ([a-z-]+) ", section, re.M)
    return [words for words in commands() if words.split()[0] in groups]


@functools.cache
def needed_flags(words):
    """The flags that a command cannot do without, with a value each."""
    help = run(*words.split(), "--help").stdout
    flags = []
    for name, value in re.findall(r"^  --([a-z-]+)(?: (\S+))? \(needed\)$", help, re.M):
        flags.append(f"--{name}")
        if value:
            flags.append(value.split("|")[0] if "|" in value else f"{name}_1")
    return flags
