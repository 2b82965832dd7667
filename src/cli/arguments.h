#ifndef ORGKEYS_CLI_ARGUMENTS_H
#define ORGKEYS_CLI_ARGUMENTS_H

#include "base/arena.h"
#include "cli/flags.h"
#include "client/call.h"

/* A command as it was called: what its flags said, in the structs that the client sends. */
struct invocation {
    const struct command *command;
    struct settings settings;
    const char *ids[CALL_IDS_MAXIMUM];
    struct list_query query;
    void *input; /* of the operation's type */
    struct arena arena;
    const struct terminal *terminal;
    bool is_without_secret; /* the command's `without_secret` was given */
    char **arguments;       /* behind the words, as they were given */
};

/*
 * Reads the arguments behind the command's words, ended by NULL, and what FLAG_SECRET says from
 * standard input. False: what is wrong was said on standard error. `command` and `terminal` are set
 * before; --help ends the reading.
 */
bool arguments_read(struct invocation *invocation, char **arguments);

/* Standard input without the line's end, as a secret; empty on a terminal. False: it was said. */
bool secret_read(struct invocation *invocation, struct text *ret_secret);

#endif
