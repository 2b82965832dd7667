#include "api/introspection.h"

#include <string.h>

#include "api/credential.h"
#include "api/internal.h"
#include "api/reply.h"
#include "base/clock.h"
#include "codec/id.h"
#include "model/decode.h"
#include "model/encode.h"

#define FORM_TYPE "application/x-www-form-urlencoded"

enum {
    INTROSPECTION_MEMORY_MAXIMUM = 2 * INTROSPECTION_BODY_MAXIMUM + 16 * 1024,
    IDS_SIZE = 256, /* of the ids in an answer, together */
};

struct asking {
    struct api *api;
    const struct http_request *request;
    struct arena arena;
    struct problem problem;
    int64_t now;
    struct keyring_holder caller;
    bool caller_is_admin;
    struct keyring_holder holder; /* of the key that is asked about */
    struct buffer ids;
    struct introspection answer;
};

/* ---- Who asks ---- */

static struct result identify(struct asking *asking)
{
    struct keyring *keyring = asking->api->options.keyring;
    struct keyring_holder *caller = &asking->caller;
    struct text key = TEXT_NONE;
    struct digest digest;
    enum error error = credential_find(asking->request, &key);
    if (error != ERROR_NONE) {
        return refuse(error);
    }
    enum keyring_verdict verdict = credential_check(keyring, key, asking->now, &digest, caller);
    asking->caller_is_admin = verdict == KEYRING_ADMIN;
    if (!asking->caller_is_admin && verdict != KEYRING_ACTIVE) {
        return refuse(credential_refusal(verdict));
    }
    if (!asking->caller_is_admin && !credential_names_scope(caller, INTROSPECT_SCOPE)) {
        return refuse(ERROR_MISSING_SCOPE);
    }
    keyring_note_use(keyring, &digest, caller,
                     asking->caller_is_admin ? USE_OF_ADMIN_KEY : USE_OF_PROJECT_KEY, asking->now);
    return RESULT_OK;
}

/* ---- What is asked ---- */

static bool is_form(const struct http_request *request)
{
    size_t count = 0;
    struct text value = http_request_header(request, TEXT("Content-Type"), &count);
    struct text type = text_trim(text_cut(&value, ';'));
    return count == 1 && text_equal_ignoring_case(type, TEXT(FORM_TYPE));
}

static struct result read_token(struct asking *asking, struct text *ret_token)
{
    struct text body = asking->request->body;
    struct introspection_request input;
    struct decoder decoder = { &asking->arena, &asking->problem };
    if (body.length > INTROSPECTION_BODY_MAXIMUM) {
        return problem_refuse_number(&asking->problem, ERROR_BODY_TOO_LARGE, TEXT_NONE, 0,
                                     INTROSPECTION_BODY_MAXIMUM);
    }
    if (!text_is_empty(body) && !is_form(asking->request)) {
        return problem_refuse(&asking->problem, ERROR_UNSUPPORTED_MEDIA_TYPE, TEXT_NONE, TEXT_NONE,
                              FORM_TYPE);
    }
    struct result result = decode_query(&decoder, &introspection_request_type, body, &input);
    if (result.error == ERROR_MALFORMED_REQUEST) {
        return problem_refuse(&asking->problem, ERROR_MALFORMED_REQUEST, TEXT_NONE, TEXT_NONE,
                              "the body is not percent-encoded UTF-8");
    }
    TRY(result);
    if (input.token.data == NULL) {
        return problem_refuse(&asking->problem, ERROR_MISSING_PARAMETER, TEXT("token"), TEXT_NONE,
                              NULL);
    }
    *ret_token = input.token;
    return RESULT_OK;
}

/* ---- What is told ---- */

static bool same(const struct keyring_id *left, const struct keyring_id *right)
{
    return memcmp(left->body, right->body, ID_BODY_LENGTH) == 0;
}

/* An admin key learns of its organization's keys, a project's key of its project's. */
static bool may_learn_of(const struct asking *asking, const struct keyring_holder *holder)
{
    return asking->caller_is_admin ? same(&asking->caller.organization, &holder->organization)
                                   : same(&asking->caller.project, &holder->project);
}

static struct text write_id(struct asking *asking, enum id_kind kind, const struct keyring_id *id)
{
    struct buffer *ids = &asking->ids;
    size_t start = ids->length;
    buffer_append(ids, id_prefix(kind));
    buffer_append(ids, (struct text){ id->body, ID_BODY_LENGTH });
    ASSERT(!ids->failed);
    return text_from(buffer_text(ids), start);
}

static void describe(struct asking *asking)
{
    const struct keyring_holder *holder = &asking->holder;
    struct introspection *answer = &asking->answer;
    bool is_account = holder->owner_is_service_account;
    *answer = (struct introspection){
        .active = true,
        .scope = holder->scopes_length > 0 ? (struct text){ holder->scopes, holder->scopes_length }
                                           : TEXT_NONE,
        .token_type = TEXT("Bearer"),
        .expires_at = holder->expires_at != 0 ? holder->expires_at : FIELD_ABSENT,
        .subject = write_id(asking, is_account ? ID_SERVICE_ACCOUNT : ID_USER, &holder->owner),
        .token_id = write_id(asking, ID_KEY, &holder->key),
        .organization_id = write_id(asking, ID_ORGANIZATION, &holder->organization),
        .project_id = write_id(asking, ID_PROJECT, &holder->project),
        .owner_type = is_account ? TEXT("service_account") : TEXT("user"),
    };
}

static struct result introspect(struct asking *asking)
{
    struct keyring *keyring = asking->api->options.keyring;
    struct keyring_holder *holder = &asking->holder;
    struct digest digest;
    struct text token = TEXT_NONE;
    TRY(identify(asking));
    TRY(read_token(asking, &token));
    enum keyring_verdict verdict = credential_check(keyring, token, asking->now, &digest, holder);
    if (verdict == KEYRING_UNCERTAIN) {
        return refuse(credential_refusal(verdict));
    }
    if (verdict == KEYRING_ACTIVE && may_learn_of(asking, holder)) {
        keyring_note_use(keyring, &digest, holder, USE_OF_PROJECT_KEY, asking->now);
        describe(asking);
    }
    return RESULT_OK;
}

void answer_introspection(struct api *api, struct http_request *request)
{
    char ids[IDS_SIZE];
    struct asking asking = {
        .api = api,
        .request = request,
        .now = clock_now_microseconds() / MICROSECONDS_PER_SECOND,
        .ids = { .data = ids, .capacity = sizeof ids, .maximum = sizeof ids },
        .answer = { .active = false, .expires_at = FIELD_ABSENT },
    };
    struct reply reply;
    arena_init(&asking.arena, INTROSPECTION_MEMORY_MAXIMUM);
    reply_init(&reply);
    struct result result = introspect(&asking);
    if (result_failed(result)) {
        reply_write_error(&reply, result.error, &asking.problem, TEXT_NONE, request->received_at);
    } else {
        reply_write_headers(&reply, TEXT("application/json"), TEXT_NONE, request->received_at);
        model_encode(&reply.body, &introspection_type, &asking.answer);
    }
    reply_send(&reply, request, NULL, NULL);
    reply_free(&reply);
    arena_reset(&asking.arena);
}
