#include "client/call.h"
#include "client/resources.h"

static const struct field own_owner_fields[] = {
    { .name = "type",
      .kind = FIELD_TEXT,
      .offset = offsetof(struct admin_api_key_own_owner, type) },
    { .name = "role",
      .kind = FIELD_TEXT,
      .offset = offsetof(struct admin_api_key_own_owner, role) },
};
static const struct object_type own_owner_type = { "the owner", "",
                                                   sizeof(struct admin_api_key_own_owner),
                                                   FIELDS(own_owner_fields) };
static const struct field own_fields[] = {
    { .name = "owner",
      .kind = FIELD_OBJECT,
      .offset = offsetof(struct orgkeys_admin_api_key, own_owner),
      .type = &own_owner_type },
};
static const struct object_type own_type = { "the key", "", sizeof(struct orgkeys_admin_api_key),
                                             FIELDS(own_fields) };

const struct resource admin_api_key_resource = { &admin_api_key_created_type, &own_type };

orgkeys_status orgkeys_admin_api_keys_list(orgkeys_client *client,
                                           const orgkeys_admin_api_key_list_options *options,
                                           orgkeys_admin_api_key_iterator **ret_iterator)
{
    struct call call = { LIST_ADMIN_API_KEYS, { NULL }, NULL };
    struct list_query query = call_query(0, NULL);
    *ret_iterator = NULL;
    if (options != NULL) {
        if (!call_knows(client, options->version, ORGKEYS_ADMIN_API_KEY_LIST_OPTIONS_VERSION)) {
            return ORGKEYS_ERROR_ARGUMENT;
        }
        query = call_query(options->limit, options->after);
        query.order = text_of(options->order);
    }
    *ret_iterator = iterator_new(client, &call, &query);
    return client->error.status;
}

orgkeys_status orgkeys_admin_api_key_iterator_next(orgkeys_admin_api_key_iterator *iterator,
                                                   const orgkeys_admin_api_key **ret_key)
{
    orgkeys_status status;
    *ret_key = iterator_next(iterator, &status);
    return status;
}

void orgkeys_admin_api_key_iterator_free(orgkeys_admin_api_key_iterator *iterator)
{
    iterator_free(iterator);
}

orgkeys_status orgkeys_admin_api_keys_retrieve(orgkeys_client *client, const char *key_id,
                                               orgkeys_admin_api_key **ret_key)
{
    struct call call = { RETRIEVE_ADMIN_API_KEY, { key_id }, NULL };
    *ret_key = call_object(client, &call);
    return client->error.status;
}

orgkeys_status orgkeys_admin_api_keys_create(orgkeys_client *client, const char *name,
                                             const orgkeys_admin_api_key_create_options *options,
                                             orgkeys_admin_api_key **ret_key)
{
    struct admin_api_key_create input = { .name = text_of(name),
                                          .expires_in_seconds = FIELD_ABSENT };
    struct call call = { CREATE_ADMIN_API_KEY, { NULL }, &input };
    *ret_key = NULL;
    if (options != NULL) {
        if (!call_knows(client, options->version, ORGKEYS_ADMIN_API_KEY_CREATE_OPTIONS_VERSION)) {
            return ORGKEYS_ERROR_ARGUMENT;
        }
        input.expires_in_seconds = call_integer(options->expires_in_seconds);
    }
    *ret_key = call_object(client, &call);
    return client->error.status;
}

orgkeys_status orgkeys_admin_api_keys_delete(orgkeys_client *client, const char *key_id)
{
    struct call call = { DELETE_ADMIN_API_KEY, { key_id }, NULL };
    return call_delete(client, &call);
}

void orgkeys_admin_api_key_free(orgkeys_admin_api_key *key)
{
    object_free(key);
}

const char *orgkeys_admin_api_key_id(const orgkeys_admin_api_key *key)
{
    return key->model.id.data;
}

const char *orgkeys_admin_api_key_name(const orgkeys_admin_api_key *key)
{
    return key->model.name.data;
}

const char *orgkeys_admin_api_key_redacted_value(const orgkeys_admin_api_key *key)
{
    return key->model.redacted_value.data;
}

const char *orgkeys_admin_api_key_value(const orgkeys_admin_api_key *key)
{
    return key->model.value.data;
}

int64_t orgkeys_admin_api_key_created_at(const orgkeys_admin_api_key *key)
{
    return key->model.created_at;
}

int64_t orgkeys_admin_api_key_expires_at(const orgkeys_admin_api_key *key)
{
    return key->model.expires_at;
}

int64_t orgkeys_admin_api_key_last_used_at(const orgkeys_admin_api_key *key)
{
    return key->model.last_used_at;
}

const char *orgkeys_admin_api_key_owner_type(const orgkeys_admin_api_key *key)
{
    return key->own_owner.type.data;
}

const char *orgkeys_admin_api_key_owner_id(const orgkeys_admin_api_key *key)
{
    return key->model.owner.id.data;
}

const char *orgkeys_admin_api_key_owner_name(const orgkeys_admin_api_key *key)
{
    return key->model.owner.name.data;
}

int64_t orgkeys_admin_api_key_owner_created_at(const orgkeys_admin_api_key *key)
{
    return key->model.owner.created_at;
}

const char *orgkeys_admin_api_key_owner_role(const orgkeys_admin_api_key *key)
{
    return key->own_owner.role.data;
}
