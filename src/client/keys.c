#include <orgkeys/keys.h>

#include "client/call.h"
#include "client/request.h"
#include "client/resources.h"
#include "client/transfer.h"

enum { URL_MAXIMUM = 16 * 1024, FORM_MAXIMUM = INTROSPECTION_BODY_MAXIMUM };

struct orgkeys_verification {
    struct text organization_id;
    struct text project_id;
    struct text key_id;
    struct text owner_type;
    struct text owner_id;
    struct text scopes;
    int64_t expires_at;
};

/* The headers of docs/auth.md that hold texts. */
static const struct {
    const char *header;
    size_t offset;
} texts[] = {
    { "X-Orgkeys-Organization-Id", offsetof(struct orgkeys_verification, organization_id) },
    { "X-Orgkeys-Project-Id", offsetof(struct orgkeys_verification, project_id) },
    { "X-Orgkeys-Key-Id", offsetof(struct orgkeys_verification, key_id) },
    { "X-Orgkeys-Owner-Type", offsetof(struct orgkeys_verification, owner_type) },
    { "X-Orgkeys-Owner-Id", offsetof(struct orgkeys_verification, owner_id) },
    { "X-Orgkeys-Scopes", offsetof(struct orgkeys_verification, scopes) },
};

static orgkeys_status write_question(struct orgkeys_client *client,
                                     const orgkeys_verify_options *options, struct buffer *url)
{
    struct text storage[CALL_TEXTS_MAXIMUM];
    struct text_list scopes = { NULL, 0 };
    buffer_append(url, client->auth_url);
    buffer_append_byte(url, '?');
    if (options != NULL) {
        if (!call_knows(client, options->version, ORGKEYS_VERIFY_OPTIONS_VERSION)) {
            return ORGKEYS_ERROR_ARGUMENT;
        }
        if (options->organization != NULL) {
            request_write_parameter(url, TEXT("organization"), text_of(options->organization));
        }
        if (options->project != NULL) {
            request_write_parameter(url, TEXT("project"), text_of(options->project));
        }
        if (!call_texts(client, options->scopes, options->scope_count, storage, &scopes)) {
            return ORGKEYS_ERROR_ARGUMENT;
        }
        for (size_t i = 0; i < scopes.count; i++) {
            request_write_parameter(url, TEXT("scope"), scopes.items[i]);
        }
    }
    if (url->failed) {
        return call_refuse(client, "the arguments are too long for a URL");
    }
    url->data[url->length - 1] = '\0'; /* instead of the last '&', or of a '?' without parameters */
    return ORGKEYS_OK;
}

/* A 200 of anything else than an orgkeys server names no key: it must not let one in. */
static orgkeys_status read_identity(struct orgkeys_client *client,
                                    orgkeys_verification *verification)
{
    struct text expires_at = transfer_header(client, "X-Orgkeys-Expires-At");
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        struct text value = transfer_header(client, texts[i].header);
        struct text *member = (void *)((char *)verification + texts[i].offset);
        if (!text_is_empty(value) && !object_copy_text(verification, value, member)) {
            return error_set(&client->error, ORGKEYS_ERROR_MEMORY, "there is not enough memory");
        }
    }
    verification->expires_at = ORGKEYS_NONE;
    bool is_time = text_is_empty(expires_at) ||
                   text_to_integer(expires_at, 0, INT64_MAX, &verification->expires_at);
    if (!is_time || verification->key_id.data == NULL || verification->owner_id.data == NULL) {
        return error_set(&client->error, ORGKEYS_ERROR_REPLY,
                         "the reply names no key: is this the /auth of an orgkeys server?");
    }
    return ORGKEYS_OK;
}

orgkeys_status orgkeys_keys_verify(orgkeys_client *client, const char *key,
                                   const orgkeys_verify_options *options,
                                   orgkeys_verification **ret_verification)
{
    struct buffer url;
    *ret_verification = NULL;
    if (key == NULL) {
        return call_refuse(client, "there is no key to ask about");
    }
    buffer_init(&url, URL_MAXIMUM);
    orgkeys_status status = write_question(client, options, &url);
    if (status == ORGKEYS_OK) {
        status = call_send(client, &(struct request){ .method = "GET",
                                                      .url = url.data,
                                                      .secrets = { .key = text_of(key) } });
    }
    buffer_free(&url);
    if (status != ORGKEYS_OK) {
        return status;
    }
    orgkeys_verification *verification = object_new(client, sizeof *verification);
    if (verification != NULL && read_identity(client, verification) != ORGKEYS_OK) {
        object_free(verification);
        verification = NULL;
    }
    *ret_verification = verification;
    return client->error.status;
}

void orgkeys_verification_free(orgkeys_verification *verification)
{
    object_free(verification);
}

const char *orgkeys_verification_organization_id(const orgkeys_verification *verification)
{
    return verification->organization_id.data;
}

const char *orgkeys_verification_project_id(const orgkeys_verification *verification)
{
    return verification->project_id.data;
}

const char *orgkeys_verification_key_id(const orgkeys_verification *verification)
{
    return verification->key_id.data;
}

const char *orgkeys_verification_owner_type(const orgkeys_verification *verification)
{
    return verification->owner_type.data;
}

const char *orgkeys_verification_owner_id(const orgkeys_verification *verification)
{
    return verification->owner_id.data;
}

const char *orgkeys_verification_scopes(const orgkeys_verification *verification)
{
    return verification->scopes.data;
}

int64_t orgkeys_verification_expires_at(const orgkeys_verification *verification)
{
    return verification->expires_at;
}

/* ---- Introspection ---- */

const struct resource introspection_resource = { &introspection_type, NULL };

/* `client->auth_url` may lie on another address; this endpoint is on that of /v1. */
static orgkeys_status send_introspection(struct orgkeys_client *client, struct text key)
{
    struct buffer url;
    struct buffer form;
    buffer_init(&url, URL_MAXIMUM);
    buffer_init(&form, FORM_MAXIMUM);
    buffer_append_format(&url, "%.*soauth2/introspect", TEXT_ARGUMENTS(client->root_url));
    buffer_append_byte(&url, '\0');
    buffer_append(&form, TEXT("token="));
    request_write_escaped(&form, key);
    orgkeys_status status =
        url.failed || form.failed
            ? call_refuse(client, "the key is too long, or there is not enough memory")
            : call_send(client, &(struct request){ .method = "POST",
                                                   .url = url.data,
                                                   .secrets = { client->admin_key, key },
                                                   .body = buffer_text(&form),
                                                   .type = "application/x-www-form-urlencoded" });
    buffer_free(&form);
    buffer_free(&url);
    return status;
}

orgkeys_status orgkeys_keys_introspect(orgkeys_client *client, const char *key,
                                       orgkeys_introspection **ret_introspection)
{
    *ret_introspection = NULL;
    if (text_is_empty(text_of(key))) {
        return call_refuse(client, "there is no key to ask about");
    }
    if (!call_has_key(client)) {
        return ORGKEYS_ERROR_ARGUMENT;
    }
    if (send_introspection(client, text_of(key)) != ORGKEYS_OK) {
        return client->error.status;
    }
    orgkeys_introspection *introspection = call_reply(client, &introspection_resource);
    if (introspection != NULL && introspection->model.active == FIELD_ABSENT) {
        (void)error_set(&client->error, ORGKEYS_ERROR_REPLY,
                        "the reply does not say whether the key is active");
        object_free(introspection);
        introspection = NULL;
    }
    *ret_introspection = introspection;
    return client->error.status;
}

void orgkeys_introspection_free(orgkeys_introspection *introspection)
{
    object_free(introspection);
}

bool orgkeys_introspection_active(const orgkeys_introspection *introspection)
{
    return introspection->model.active == 1;
}

const char *orgkeys_introspection_scope(const orgkeys_introspection *introspection)
{
    return introspection->model.scope.data;
}

const char *orgkeys_introspection_token_type(const orgkeys_introspection *introspection)
{
    return introspection->model.token_type.data;
}

int64_t orgkeys_introspection_exp(const orgkeys_introspection *introspection)
{
    return introspection->model.expires_at;
}

const char *orgkeys_introspection_sub(const orgkeys_introspection *introspection)
{
    return introspection->model.subject.data;
}

const char *orgkeys_introspection_jti(const orgkeys_introspection *introspection)
{
    return introspection->model.token_id.data;
}

const char *orgkeys_introspection_organization_id(const orgkeys_introspection *introspection)
{
    return introspection->model.organization_id.data;
}

const char *orgkeys_introspection_project_id(const orgkeys_introspection *introspection)
{
    return introspection->model.project_id.data;
}

const char *orgkeys_introspection_owner_type(const orgkeys_introspection *introspection)
{
    return introspection->model.owner_type.data;
}
