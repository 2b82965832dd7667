#ifndef ORGKEYS_CLI_RUN_H
#define ORGKEYS_CLI_RUN_H

#include <stdbool.h>

struct invocation;
struct session;

/* What the rows of commands.c do. Each gives the exit status. */
int run_list(struct invocation *invocation);
int run_object(struct invocation *invocation);
int run_delete(struct invocation *invocation);
int run_audit_logs(struct invocation *invocation);
int run_verify(struct invocation *invocation);
int run_introspect(struct invocation *invocation);

/* Shows the last reply, an object, in the format that was asked for. False: it was said why not. */
bool object_show(struct invocation *invocation, struct session *session);

#endif
