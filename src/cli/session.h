#ifndef ORGKEYS_CLI_SESSION_H
#define ORGKEYS_CLI_SESSION_H

#include "cli/arguments.h"
#include "cli/table.h"
#include "client/call.h"
#include "codec/json.h"

/* A client for a command, and the replies that it got. */
enum {
    REPLIES_MAXIMUM = 8 * 1024 * 1024,
    ESCAPED_MAXIMUM = 6 * REPLIES_MAXIMUM, /* a character may become \u.... */
};

struct session {
    struct orgkeys_client *client;
    struct buffer reply; /* the last one, as it came */
};

/* EXIT_OK, or what the command ends with: what is wrong was said. `needs_key`: the admin key. */
int session_open(struct invocation *invocation, bool needs_key, struct session *ret_session);
/*
 * The key that a variable holds, without blanks and line ends around it, as a file has that was
 * written on Windows; TEXT_NONE: none, or there is no memory.
 */
struct text session_key(struct invocation *invocation, const char *variable);
/* False, after it was said: the key, which `source` holds, cannot be sent. */
bool session_check_key(struct text key, const char *source);
void session_close(struct session *session);

/* The last reply as a document, for json_free; NULL: it was said. */
struct json_value *session_document(struct invocation *invocation, struct session *session);

/* Gives whether a command may go on that asks first. */
bool session_confirm(const struct invocation *invocation, int *ret_status);

enum output_format format_of(const struct invocation *invocation);

#endif
