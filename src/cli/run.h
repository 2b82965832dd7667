#ifndef ORGKEYS_CLI_RUN_H
#define ORGKEYS_CLI_RUN_H

struct invocation;

/* What the rows of commands.c do. Each gives the exit status. */
int run_list(struct invocation *invocation);
int run_object(struct invocation *invocation);
int run_delete(struct invocation *invocation);
int run_audit_logs(struct invocation *invocation);
int run_verify(struct invocation *invocation);

#endif
