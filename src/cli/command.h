#ifndef ORGKEYS_CLI_COMMAND_H
#define ORGKEYS_CLI_COMMAND_H

#include <stddef.h>

#include "client/operations.h"

/*
 * Every command that speaks to a server is a row of the table in commands.c. Its flags follow from
 * the tables of the operation (flags.h); parsing, help, completion and the manual follow from
 * those.
 */
struct invocation;

struct command {
    const char *words; /* "projects api-keys list" */
    const char *summary;
    int (*run)(struct invocation *invocation); /* gives the exit status */
    enum operation operation;                  /* OPERATION_COUNT: none of them */
    /* Of a list's table, see table_init. */
    const char *columns;
    const char *spare;
    /* Where the reply has a secret, as a path; NULL: it has none. */
    const char *secret;
    /*
     * A flag with which the reply has no new secret; "": it may have none anyway, as where OpenAI
     * mails the link of an invite. NULL: it always has one.
     */
    const char *without_secret;
    /* Asked before it is done, with the last id in the place of %s; NULL: nothing is. */
    const char *question;
    const char *example;
};

extern const struct command commands[];
extern const size_t command_count;

/* The first words of commands, in the order of the table. */
struct command_group {
    const char *name;
    const char *summary;
};

extern const struct command_group command_groups[];
extern const size_t command_group_count;

enum { EXIT_OK = 0, EXIT_FAILED = 1, EXIT_USAGE = 2 };

#endif
