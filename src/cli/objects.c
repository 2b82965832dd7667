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

/* TEXT_NONE: there is none, or not a new one. */
static struct text new_secret(const struct invocation *invocation, const struct json_value *object)
{
    const char *path = invocation->command->secret;
    bool may_be = path != NULL && !invocation->is_without_secret;
    const struct json_value *secret = may_be ? json_at(object, text_of(path)) : NULL;
    return secret != NULL && json_type_of(secret) == JSON_TYPE_TEXT ? json_read_text(secret)
                                                                    : TEXT_NONE;
}

/* The secret alone on standard output, so that it can be piped; the rest beside it. */
static bool print_secret(const struct invocation *invocation, struct text secret)
{
    bool is_link = text_ends_with(text_of(invocation->command->secret), TEXT("url"));
    bool is_seen = invocation->terminal->out_is_terminal;
    struct buffer line;
    if (is_seen) {
        (void)fputs("\nShown this once:\n", stderr);
    }
    buffer_init(&line, REPLIES_MAXIMUM);
    append_harmless(&line, secret);
    buffer_append_byte(&line, '\n');
    bool is_printed = print(&line);
    buffer_free(&line);
    if (is_printed && !is_seen) {
        (void)fprintf(stderr, "\nThe %s was written to standard output, this once.\n",
                      is_link ? "link" : "key");
    }
    return is_printed;
}

static bool print_object(const struct invocation *invocation, const struct json_value *object)
{
    struct text secret = new_secret(invocation, object);
    bool is_awaited = invocation->command->secret != NULL && !invocation->is_without_secret;
    if (!record_print(object, invocation->command->secret, invocation->terminal, is_awaited)) {
        return false;
    }
    if (is_awaited && text_is_empty(secret)) {
        (void)fputs("\nThe reply has no link: the server sends it itself.\n", stderr);
    }
    return text_is_empty(secret) || print_secret(invocation, secret);
}

/* False, after it was said: a secret would be taken for printed that the reply does not have. */
static bool check_secret(const struct invocation *invocation, const struct json_value *object)
{
    const struct command *command = invocation->command;
    bool is_optional = command->without_secret != NULL && command->without_secret[0] == '\0';
    bool may_have_none = command->secret == NULL || invocation->is_without_secret || is_optional;
    bool is_good = may_have_none || !text_is_empty(new_secret(invocation, object));
    if (!is_good) {
        (void)fprintf(stderr,
                      "orgkeys: the reply has no secret (`%s`), so nothing is printed. A change "
                      "may have been made; list what there is before you repeat it.\n",
                      command->secret);
    }
    return is_good;
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

bool object_show(struct invocation *invocation, struct session *session)
{
    struct json_value *document = session_document(invocation, session);
    if (document == NULL) {
        return false;
    }
    if (!check_secret(invocation, document)) {
        json_free(document);
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
    if (!is_printed && !text_is_empty(new_secret(invocation, document))) {
        say_it_is_lost(invocation->command->secret, document);
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
    } else if (!object_show(invocation, &session)) {
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
    } else if (!object_show(invocation, &session)) {
        status = EXIT_FAILED;
    }
    session_close(&session);
    return status;
}
