#include "api/auth.h"

#include "api/check_replies.h"
#include "api/credential.h"
#include "api/internal.h"
#include "base/clock.h"
#include "base/secret.h"
#include "base/uninitialized.h"
#include "codec/uri.h"
#include "model/decode.h"
#include "model/limits.h"

enum {
    AUTH_PARAMETERS_MAXIMUM = 2048, /* bytes of a question's parameters, decoded */
    AUTH_HEADERS_MAXIMUM = 2048,    /* bytes of the identity in a reply */
};

/* ---- The question ---- */

/* What the proxy asks. */
struct question {
    struct text organization;           /* "any", an id, or the first organization's */
    struct text project;                /* TEXT_NONE: any */
    struct text scopes[SCOPES_MAXIMUM]; /* all are needed */
    size_t scope_count;
    char decoded[AUTH_PARAMETERS_MAXIMUM]; /* what the texts above point into */
    size_t decoded_length;
};

/* Takes a value once: an empty or a second one is somebody's typing error, which lets nobody in. */
static bool set_once(struct text *member, struct text value)
{
    if (member->data != NULL || text_is_empty(value)) {
        return false;
    }
    *member = value;
    return true;
}

static bool add_parameter(struct question *question, struct text name, struct text value)
{
    if (text_equal(name, TEXT("organization"))) {
        return (text_equal(value, TEXT("any")) || id_is_valid(ID_ORGANIZATION, value)) &&
               set_once(&question->organization, value);
    }
    if (text_equal(name, TEXT("project"))) {
        return id_is_valid(ID_PROJECT, value) && set_once(&question->project, value);
    }
    if (!text_equal(name, TEXT("scope")) || !scope_is_valid(value) ||
        value.length > SCOPE_LENGTH_MAXIMUM || question->scope_count == SCOPES_MAXIMUM) {
        return false;
    }
    question->scopes[question->scope_count++] = value;
    return true;
}

static bool decode(struct question *question, struct text encoded, struct text *ret_text)
{
    char *storage = question->decoded + question->decoded_length;
    if (encoded.length > sizeof question->decoded - question->decoded_length ||
        result_failed(uri_decode_into(encoded, true, storage, ret_text))) {
        return false;
    }
    question->decoded_length += ret_text->length;
    return true;
}

static bool read_parameters(struct text parameters, struct question *question)
{
    while (!text_is_empty(parameters)) {
        struct text value = text_cut(&parameters, '&');
        struct text name = text_cut(&value, '=');
        if (!decode(question, name, &name) || !decode(question, value, &value) ||
            !add_parameter(question, name, value)) {
            return false;
        }
    }
    return true;
}

bool auth_is_path(struct text path)
{
    return text_equal(path, TEXT("/auth")) || text_starts_with(path, TEXT("/auth/"));
}

/*
 * The parameters are the query's, or, for proxies that append the caller's own path and query, what
 * stands between "/auth/" and the first "/-": nothing behind it is read.
 */
static bool find_parameters(const struct http_request *request, struct text *ret_parameters)
{
    struct text rest = text_from(request->path, sizeof "/auth" - 1);
    if (text_is_empty(rest)) {
        *ret_parameters = request->query;
        return true;
    }
    rest = text_from(rest, 1);
    size_t end = text_find(rest, '/');
    *ret_parameters = text_until(rest, end);
    return text_equal(text_until(text_from(rest, end), 2), TEXT("/-"));
}

/* ---- The answer ---- */

static struct text body_of(const struct keyring_id *id)
{
    return (struct text){ id->body, ID_BODY_LENGTH };
}

static bool is_id(enum id_kind kind, const struct keyring_id *id, struct text text)
{
    return id_is_valid(kind, text) &&
           text_equal(text_from(text, id_prefix(kind).length), body_of(id));
}

/* No restriction has every scope, `api.all.read` those that end in `.read`. */
static bool has_scope(const struct keyring_holder *holder, struct text wanted)
{
    return holder->scopes_length == 0 || credential_names_scope(holder, wanted) ||
           (text_ends_with(wanted, TEXT(".read")) &&
            credential_names_scope(holder, TEXT("api.all.read")));
}

/* A key of another organization reads like one that nobody has. */
static bool is_in_organization(const struct question *question, const struct keyring_holder *holder)
{
    return text_equal(question->organization, TEXT("any")) ||
           is_id(ID_ORGANIZATION, &holder->organization, question->organization);
}

static enum error narrow(const struct question *question, const struct keyring_holder *holder)
{
    if (question->project.data != NULL && !is_id(ID_PROJECT, &holder->project, question->project)) {
        return ERROR_KEY_OF_OTHER_PROJECT;
    }
    for (size_t i = 0; i < question->scope_count; i++) {
        if (!has_scope(holder, question->scopes[i])) {
            return ERROR_MISSING_SCOPE;
        }
    }
    return ERROR_NONE;
}

static enum error check(struct api *api, const struct question *question, struct text key,
                        struct keyring_holder *holder)
{
    struct digest digest;
    int64_t now = clock_now_microseconds() / MICROSECONDS_PER_SECOND;
    enum keyring_verdict verdict =
        credential_check(api->options.keyring, key, now, &digest, holder);
    if (verdict > KEYRING_UNKNOWN && !is_in_organization(question, holder)) {
        return ERROR_INVALID_API_KEY;
    }
    enum error error = credential_refusal(verdict);
    if (error == ERROR_NONE) {
        error = narrow(question, holder);
    }
    if (error == ERROR_NONE) {
        keyring_note_use(api->options.keyring, &digest, holder, USE_OF_PROJECT_KEY, now);
    }
    return error;
}

static void write_id(struct buffer *headers, struct text name, enum id_kind kind,
                     const struct keyring_id *id)
{
    buffer_append(headers, name);
    buffer_append(headers, id_prefix(kind));
    buffer_append(headers, body_of(id));
    buffer_append(headers, TEXT("\r\n"));
}

/* Always all of them: where one is missing, a proxy passes on what the client sent. */
static void write_identity(struct buffer *headers, const struct keyring_holder *holder)
{
    bool is_account = holder->owner_is_service_account;
    write_id(headers, TEXT("X-Orgkeys-Organization-Id: "), ID_ORGANIZATION, &holder->organization);
    write_id(headers, TEXT("X-Orgkeys-Project-Id: "), ID_PROJECT, &holder->project);
    write_id(headers, TEXT("X-Orgkeys-Key-Id: "), ID_KEY, &holder->key);
    buffer_append(headers, is_account ? TEXT("X-Orgkeys-Owner-Type: service_account\r\n")
                                      : TEXT("X-Orgkeys-Owner-Type: user\r\n"));
    write_id(headers, TEXT("X-Orgkeys-Owner-Id: "), is_account ? ID_SERVICE_ACCOUNT : ID_USER,
             &holder->owner);
    buffer_append(headers, TEXT("X-Orgkeys-Scopes: "));
    buffer_append(headers, (struct text){ holder->scopes, holder->scopes_length });
    buffer_append(headers, TEXT("\r\nX-Orgkeys-Expires-At: "));
    if (holder->expires_at != 0) {
        buffer_append_integer(headers, holder->expires_at);
    }
    buffer_append(headers, TEXT("\r\nCache-Control: no-store\r\n"));
}

static void accept_key(const struct api *api, struct http_request *request,
                       const struct keyring_holder *holder)
{
    UNINITIALIZED char memory[AUTH_HEADERS_MAXIMUM];
    struct buffer headers = { .data = memory, .capacity = sizeof memory, .maximum = sizeof memory };
    write_identity(&headers, holder);
    ASSERT(!headers.failed);
    check_replies_accept(api->check_replies, request, buffer_text(&headers));
}

static enum error answer(struct api *api, const struct http_request *request,
                         struct question *question, struct keyring_holder *holder)
{
    struct text parameters = TEXT_NONE;
    struct text key = TEXT_NONE;
    if (!find_parameters(request, &parameters) || !read_parameters(parameters, question)) {
        return ERROR_INVALID_QUESTION;
    }
    if (question->organization.data == NULL) {
        question->organization = api->options.settings->first_organization_id;
    }
    enum error error = credential_find(request, &key);
    return error == ERROR_NONE ? check(api, question, key, holder) : error;
}

static enum error examine(struct api *api, const struct http_request *request,
                          struct keyring_holder *holder)
{
    UNINITIALIZED struct question question;
    question.organization = TEXT_NONE;
    question.project = TEXT_NONE;
    question.scope_count = 0;
    question.decoded_length = 0;
    enum error error = answer(api, request, &question, holder);
    /* Somebody may have written a key where it does not belong. */
    secret_wipe(question.decoded, question.decoded_length);
    return error;
}

void auth_answer(struct api *api, struct http_request *request)
{
    UNINITIALIZED struct keyring_holder holder;
    enum error error = examine(api, request, &holder);
    if (error == ERROR_NONE) {
        accept_key(api, request, &holder);
    } else {
        check_replies_refuse(api->check_replies, request, error);
    }
}
