#include <stdio.h>

#include "cli/failure.h"
#include "cli/run.h"
#include "cli/session.h"

/* Commands about one object. */

static bool print_json(const struct buffer *json)
{
    struct buffer line;
    buffer_init(&line, ESCAPED_MAXIMUM);
    append_harmless_json(&line, buffer_text(json));
    line.failed = line.failed || json->failed;
    buffer_append_byte(&line, '\n');
    bool is_printed = print(&line);
    buffer_free(&line);
    return is_printed;
}

/* The secret alone on standard output, so that it can be piped; the rest beside it. */
static bool print_object(const struct invocation *invocation, const struct json_value *object)
{
    const char *path = invocation->command->secret;
    const struct json_value *secret = path != NULL ? json_at(object, text_of(path)) : NULL;
    bool has_secret = secret != NULL && json_type_of(secret) == JSON_TYPE_TEXT;
    if (!record_print(object, has_secret ? path : NULL, invocation->terminal, has_secret)) {
        return false;
    }
    if (!has_secret) {
        return true;
    }
    struct buffer line;
    (void)fputs("\nShown this once:\n", stderr);
    buffer_init(&line, REPLIES_MAXIMUM);
    append_harmless(&line, json_read_text(secret));
    buffer_append_byte(&line, '\n');
    bool is_printed = print(&line);
    buffer_free(&line);
    return is_printed;
}

/*
 * The reply that held the secret was the only one. Its id lies beside it: api_key.id, where it is
 * api_key.value.
 */
static void say_it_is_lost(const char *path, const struct json_value *object)
{
    enum { LOST_MAXIMUM = 1024 };
    struct text rest = text_of(path);
    const struct json_value *holder = object;
    while (holder != NULL && text_find(rest, '.') < rest.length) {
        holder = json_at(holder, text_cut(&rest, '.'));
    }
    const struct json_value *id = holder != NULL ? json_at(holder, TEXT("id")) : NULL;
    struct buffer line;
    buffer_init(&line, LOST_MAXIMUM);
    append_harmless(&line, id != NULL && json_type_of(id) == JSON_TYPE_TEXT ? json_read_text(id)
                                                                            : TEXT("it"));
    (void)fprintf(stderr,
                  "orgkeys: the secret could not be written, and is not shown again: revoke %.*s, "
                  "and make another one\n",
                  TEXT_ARGUMENTS(buffer_text(&line)));
    buffer_free(&line);
}

static bool show_reply(struct invocation *invocation, struct session *session)
{
    struct json_value *document = session_document(invocation, session);
    if (document == NULL) {
        return false;
    }
    struct buffer json;
    bool is_printed;
    buffer_init(&json, REPLIES_MAXIMUM);
    if (format_of(invocation) == FORMAT_TABLE) {
        is_printed = print_object(invocation, document);
    } else {
        json_print(document, &json);
        is_printed = print_json(&json);
    }
    const char *secret = invocation->command->secret;
    if (!is_printed && secret != NULL && json_at(document, text_of(secret)) != NULL) {
        say_it_is_lost(secret, document);
    }
    buffer_free(&json);
    json_free(document);
    return is_printed;
}

static struct call call_of(const struct invocation *invocation)
{
    struct call call = { .operation = invocation->command->operation, .input = invocation->input };
    for (size_t i = 0; i < CALL_IDS_MAXIMUM; i++) {
        call.ids[i] = invocation->ids[i];
    }
    return call;
}

int run_object(struct invocation *invocation)
{
    struct session session;
    struct call call = call_of(invocation);
    int status = EXIT_OK;
    if (!session_confirm(invocation, &status)) {
        return status;
    }
    status = session_open(invocation, operation_needs_key(call.operation), &session);
    if (status != EXIT_OK) {
        return status;
    }
    void *object = call_object(session.client, &call);
    if (object == NULL) {
        status = call_failed(invocation, session.client);
    } else if (!show_reply(invocation, &session)) {
        status = EXIT_FAILED;
    }
    object_free(object);
    session_close(&session);
    return status;
}

int run_delete(struct invocation *invocation)
{
    struct session session;
    struct call call = call_of(invocation);
    int status = EXIT_OK;
    if (!session_confirm(invocation, &status)) {
        return status;
    }
    status = session_open(invocation, true, &session);
    if (status != EXIT_OK) {
        return status;
    }
    if (call_delete(session.client, &call) != ORGKEYS_OK) {
        status = call_failed(invocation, session.client);
    } else if (!show_reply(invocation, &session)) {
        status = EXIT_FAILED;
    }
    session_close(&session);
    return status;
}
