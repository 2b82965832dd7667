#ifndef ORGKEYS_CLI_FAILURE_H
#define ORGKEYS_CLI_FAILURE_H

#include "cli/arguments.h"

/*
 * Says on standard error how the client's last call failed, and what to do next. EXIT_FAILED;
 * EXIT_USAGE where nothing was sent.
 */
int call_failed(const struct invocation *invocation, const struct orgkeys_client *client);

/* Appends what to do after the client's last call failed, with a space in front; or nothing. */
void failure_append_advice(struct buffer *buffer, const struct orgkeys_client *client);

#endif
