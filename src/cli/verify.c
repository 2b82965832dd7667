#include <orgkeys/keys.h>

#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/secret.h"
#include "cli/failure.h"
#include "cli/run.h"
#include "cli/session.h"
#include "client/client.h"
#include "codec/json_writer.h"

enum { DOCUMENT_MAXIMUM = 256 * 1024, SCOPES_MAXIMUM = FLAG_VALUES_MAXIMUM };

/* Not a terminal, not /dev/null, not closed. */
static bool input_is_given(void)
{
    struct stat input;
    return fstat(STDIN_FILENO, &input) == 0 &&
           (S_ISREG(input.st_mode) || S_ISFIFO(input.st_mode) || S_ISSOCK(input.st_mode));
}

/*
 * The key that was handed to this command wins over the environment's: an answer about another key
 * would be taken for one about it. So does an empty input, as after a pipe's first half failed.
 * Never an argument, which every process can read.
 */
static bool find_key(struct invocation *invocation, struct text *ret_key)
{
    bool is_given = input_is_given();
    *ret_key = session_key(invocation, "OPENAI_API_KEY");
    if (is_given && !secret_read(invocation, ret_key)) {
        return false;
    }
    if (text_is_empty(*ret_key)) {
        (void)fprintf(stderr, "orgkeys: there is no key to ask about: %s\n",
                      is_given ? "standard input is empty (`< /dev/null` asks about that of "
                                 "OPENAI_API_KEY)"
                               : "put it on standard input (`< FILE`, or a pipe), or into "
                                 "OPENAI_API_KEY");
        return false;
    }
    return session_check_key(*ret_key, is_given ? "standard input" : "OPENAI_API_KEY");
}

static void write_member(struct buffer *json, const char *name, const char *value)
{
    json_write_name(json, text_of(name));
    json_write_text(json, text_of(value));
}

static void write_verification(struct buffer *json, const orgkeys_verification *verification)
{
    int64_t expires_at = orgkeys_verification_expires_at(verification);
    json_write_open(json, '{');
    write_member(json, "organization_id", orgkeys_verification_organization_id(verification));
    write_member(json, "project_id", orgkeys_verification_project_id(verification));
    write_member(json, "key_id", orgkeys_verification_key_id(verification));
    write_member(json, "owner_type", orgkeys_verification_owner_type(verification));
    write_member(json, "owner_id", orgkeys_verification_owner_id(verification));
    write_member(json, "scopes", orgkeys_verification_scopes(verification));
    json_write_name(json, TEXT("expires_at"));
    if (expires_at == ORGKEYS_NONE) {
        json_write_null(json);
    } else {
        json_write_integer(json, expires_at);
    }
    json_write_close(json, '}');
}

/* Headers are Latin-1 at worst: what is not UTF-8 becomes '?' before it is JSON. */
static bool show(struct invocation *invocation, struct session *session,
                 const orgkeys_verification *verification)
{
    struct buffer json;
    bool is_shown = false;
    buffer_init(&json, DOCUMENT_MAXIMUM);
    write_verification(&json, verification);
    buffer_clear(&session->reply);
    append_harmless(&session->reply, buffer_text(&json));
    if (format_of(invocation) == FORMAT_TABLE) {
        struct json_value *document = session_document(invocation, session);
        is_shown = document != NULL && record_print(document, NULL, invocation->terminal, false);
        json_free(document);
    } else {
        buffer_append_byte(&session->reply, '\n');
        session->reply.failed = session->reply.failed || json.failed;
        is_shown = print(&session->reply);
    }
    buffer_free(&json);
    return is_shown;
}

/* For programs: as the API says it; the status is 1 like that of no answer, which prints nothing.
 */
static void print_refusal(const struct orgkeys_error *error)
{
    struct buffer json;
    buffer_init(&json, DOCUMENT_MAXIMUM);
    json_write_open(&json, '{');
    json_write_name(&json, TEXT("error"));
    json_write_open(&json, '{');
    write_member(&json, "message", error->message);
    write_member(&json, "type", error->type);
    write_member(&json, "param", error->param[0] != '\0' ? error->param : NULL);
    write_member(&json, "code", error->code[0] != '\0' ? error->code : NULL);
    json_write_close(&json, '}');
    json_write_close(&json, '}');
    buffer_append_byte(&json, '\n');
    (void)print(&json);
    buffer_free(&json);
}

/* A refused key is an answer; only when there is none there is something to mend. */
static int refuse_key(const struct invocation *invocation, const struct session *session)
{
    const struct orgkeys_error *error = &session->client->error;
    bool has_code = error->code[0] != '\0';
    if (error->http_status != 401 && error->http_status != 403) {
        return call_failed(invocation, session->client);
    }
    if (format_of(invocation) != FORMAT_TABLE) {
        print_refusal(error);
    }
    (void)fprintf(stderr, "The key may not come in: %s%s%s%s\n", error->message,
                  has_code ? " (" : "", error->code, has_code ? ")" : "");
    return EXIT_FAILED;
}

static orgkeys_status verify(const struct invocation *invocation, struct session *session,
                             struct text key, orgkeys_verification **ret_verification)
{
    const struct settings *settings = &invocation->settings;
    const char *scopes[SCOPES_MAXIMUM];
    orgkeys_verify_options options = ORGKEYS_VERIFY_OPTIONS_INIT;
    for (size_t i = 0; i < settings->scopes.count; i++) {
        scopes[i] = settings->scopes.items[i].data;
    }
    options.organization = settings->organization.data;
    options.project = settings->project.data;
    options.scopes = scopes;
    options.scope_count = settings->scopes.count;
    return orgkeys_keys_verify(session->client, key.data, &options, ret_verification);
}

int run_verify(struct invocation *invocation)
{
    struct session session;
    struct text key;
    orgkeys_verification *verification;
    if (!find_key(invocation, &key)) {
        return EXIT_USAGE;
    }
    int status = session_open(invocation, false, &session);
    if (status != EXIT_OK) {
        return status;
    }
    if (verify(invocation, &session, key, &verification) != ORGKEYS_OK) {
        status = refuse_key(invocation, &session);
    } else if (!show(invocation, &session, verification)) {
        status = EXIT_FAILED;
    }
    orgkeys_verification_free(verification);
    session_close(&session);
    return status;
}

int run_introspect(struct invocation *invocation)
{
    struct session session;
    struct text key;
    orgkeys_introspection *introspection;
    if (!find_key(invocation, &key)) {
        return EXIT_USAGE;
    }
    int status = session_open(invocation, true, &session);
    if (status != EXIT_OK) {
        return status;
    }
    if (orgkeys_keys_introspect(session.client, key.data, &introspection) != ORGKEYS_OK) {
        status = call_failed(invocation, session.client);
    } else if (!object_show(invocation, &session) || !orgkeys_introspection_active(introspection)) {
        status = EXIT_FAILED;
    }
    orgkeys_introspection_free(introspection);
    session_close(&session);
    return status;
}
