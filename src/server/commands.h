#ifndef ORGKEYS_SERVER_COMMANDS_H
#define ORGKEYS_SERVER_COMMANDS_H

#include "base/problem.h"
#include "base/result.h"
#include "server/config.h"

/*
 * The commands of the program. Each returns its exit status; what went wrong is a line on standard
 * error.
 */
enum { EXIT_STATUS_OK = 0, EXIT_STATUS_FAILURE = 1, EXIT_STATUS_USAGE = 2 };

/* Serves until SIGTERM or SIGINT. */
int command_serve(struct config *config);
/* Makes a new admin key, for who has the files and lost the keys. */
int command_recover(struct config *config);
/* Adds an organization. */
int command_organization_create(struct config *config);
/* Copies all that a SQLite directory holds into a PostgreSQL database. */
int command_store_copy(struct config *config);

/* A consistent copy of a SQLite database that may be served meanwhile, and back. */
int command_backup(struct config *config);
int command_restore(struct config *config);
/* Looks whether what the database holds is whole, and fits together. */
int command_check(struct config *config);

/*
 * Prints "orgkeys: TEXT: reason" and gives EXIT_STATUS_FAILURE. The reason is the kept fault's, or
 * the error's own message with the details of `problem`.
 */
int command_failed(const char *text, struct result result, const struct problem *problem);

/* Writes to standard output; EXIT_STATUS_FAILURE, after it was said, when it cannot. */
int command_print(struct text text);

#endif
