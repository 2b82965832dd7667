#include "client/call.h"
#include "client/resources.h"

static const struct field own_fields[] = {
    { .name = "scopes",
      .kind = FIELD_TEXT_LIST,
      .flags = FIELD_REQUIRED, /* what cannot be read is not "no restriction" */
      .offset = offsetof(struct orgkeys_project_api_key, scopes) },
};
static const struct object_type own_type = { "the key", "", sizeof(struct orgkeys_project_api_key),
                                             FIELDS(own_fields) };

const struct resource project_api_key_resource = { &project_api_key_created_type, &own_type };

static orgkeys_status list(orgkeys_client *client, const struct call *call,
                           const orgkeys_project_api_key_list_options *options,
                           orgkeys_project_api_key_iterator **ret_iterator)
{
    struct list_query query = call_query(0, NULL);
    *ret_iterator = NULL;
    if (options != NULL) {
        if (!call_knows(client, options->version, ORGKEYS_PROJECT_API_KEY_LIST_OPTIONS_VERSION)) {
            return ORGKEYS_ERROR_ARGUMENT;
        }
        query = call_query(options->limit, options->after);
        query.owner_project_access = text_of(options->owner_project_access);
        query.order = text_of(options->order);
        query.search = text_of(options->search);
        query.never_used = call_boolean(options->never_used);
        query.expires_from = options->expires_from;
        query.expires_before = options->expires_before;
        query.last_used_before = options->last_used_before;
        query.created_before = options->created_before;
        query.include_archived = call_boolean(options->include_archived);
    }
    *ret_iterator = iterator_new(client, call, &query);
    return client->error.status;
}

orgkeys_status orgkeys_project_api_keys_list(orgkeys_client *client, const char *project_id,
                                             const orgkeys_project_api_key_list_options *options,
                                             orgkeys_project_api_key_iterator **ret_iterator)
{
    struct call call = { LIST_PROJECT_API_KEYS, { project_id }, NULL };
    return list(client, &call, options, ret_iterator);
}

orgkeys_status orgkeys_project_api_keys_list_all(
    orgkeys_client *client, const orgkeys_project_api_key_list_options *options,
    orgkeys_project_api_key_iterator **ret_iterator)
{
    struct call call = { LIST_ORGANIZATION_PROJECT_API_KEYS, { NULL }, NULL };
    return list(client, &call, options, ret_iterator);
}

orgkeys_status orgkeys_project_api_key_iterator_next(orgkeys_project_api_key_iterator *iterator,
                                                     const orgkeys_project_api_key **ret_key)
{
    orgkeys_status status;
    *ret_key = iterator_next(iterator, &status);
    return status;
}

void orgkeys_project_api_key_iterator_free(orgkeys_project_api_key_iterator *iterator)
{
    iterator_free(iterator);
}

orgkeys_status orgkeys_project_api_keys_retrieve(orgkeys_client *client, const char *project_id,
                                                 const char *api_key_id,
                                                 orgkeys_project_api_key **ret_key)
{
    struct call call = { RETRIEVE_PROJECT_API_KEY, { project_id, api_key_id }, NULL };
    *ret_key = call_object(client, &call);
    return client->error.status;
}

orgkeys_status orgkeys_project_api_keys_create(
    orgkeys_client *client, const char *project_id, const char *name,
    const orgkeys_project_api_key_create_options *options, orgkeys_project_api_key **ret_key)
{
    struct project_api_key_create input = { .name = text_of(name),
                                            .expires_in_seconds = FIELD_ABSENT };
    struct call call = { CREATE_PROJECT_API_KEY, { project_id }, &input };
    struct text scopes[CALL_TEXTS_MAXIMUM];
    *ret_key = NULL;
    if (options != NULL) {
        if (!call_knows(client, options->version, ORGKEYS_PROJECT_API_KEY_CREATE_OPTIONS_VERSION)) {
            return ORGKEYS_ERROR_ARGUMENT;
        }
        if (!call_texts(client, options->scopes, options->scope_count, scopes, &input.scopes)) {
            return ORGKEYS_ERROR_ARGUMENT;
        }
        input.user_id = text_of(options->user_id);
        input.expires_in_seconds = call_integer(options->expires_in_seconds);
    }
    *ret_key = call_object(client, &call);
    return client->error.status;
}

orgkeys_status orgkeys_project_api_keys_update(
    orgkeys_client *client, const char *project_id, const char *api_key_id,
    const orgkeys_project_api_key_update_options *options, orgkeys_project_api_key **ret_key)
{
    struct project_api_key_update input = { .expires_in_seconds = FIELD_ABSENT };
    struct call call = { UPDATE_PROJECT_API_KEY, { project_id, api_key_id }, &input };
    struct text scopes[CALL_TEXTS_MAXIMUM];
    *ret_key = NULL;
    if (options != NULL) {
        if (!call_knows(client, options->version, ORGKEYS_PROJECT_API_KEY_UPDATE_OPTIONS_VERSION)) {
            return ORGKEYS_ERROR_ARGUMENT;
        }
        if (!call_texts(client, options->scopes, options->scope_count, scopes, &input.scopes)) {
            return ORGKEYS_ERROR_ARGUMENT;
        }
        input.expires_in_seconds = call_integer(options->expires_in_seconds);
    }
    *ret_key = call_object(client, &call);
    return client->error.status;
}

orgkeys_status orgkeys_project_api_keys_delete(orgkeys_client *client, const char *project_id,
                                               const char *api_key_id)
{
    struct call call = { DELETE_PROJECT_API_KEY, { project_id, api_key_id }, NULL };
    return call_delete(client, &call);
}

void orgkeys_project_api_key_free(orgkeys_project_api_key *key)
{
    object_free(key);
}

const char *orgkeys_project_api_key_id(const orgkeys_project_api_key *key)
{
    return key->model.id.data;
}

const char *orgkeys_project_api_key_name(const orgkeys_project_api_key *key)
{
    return key->model.name.data;
}

const char *orgkeys_project_api_key_redacted_value(const orgkeys_project_api_key *key)
{
    return key->model.redacted_value.data;
}

const char *orgkeys_project_api_key_value(const orgkeys_project_api_key *key)
{
    return key->model.value.data;
}

int64_t orgkeys_project_api_key_created_at(const orgkeys_project_api_key *key)
{
    return key->model.created_at;
}

int64_t orgkeys_project_api_key_last_used_at(const orgkeys_project_api_key *key)
{
    return key->model.last_used_at;
}

int64_t orgkeys_project_api_key_expires_at(const orgkeys_project_api_key *key)
{
    return key->model.expires_at;
}

const char *orgkeys_project_api_key_owner_project_access(const orgkeys_project_api_key *key)
{
    return key->model.owner_project_access.data;
}

size_t orgkeys_project_api_key_scopes_count(const orgkeys_project_api_key *key)
{
    return key->scopes.count;
}

const char *orgkeys_project_api_key_scopes_at(const orgkeys_project_api_key *key, size_t index)
{
    return index < key->scopes.count ? key->scopes.items[index].data : NULL;
}

const char *orgkeys_project_api_key_project_id(const orgkeys_project_api_key *key)
{
    return key->model.project.id.data;
}

const char *orgkeys_project_api_key_project_name(const orgkeys_project_api_key *key)
{
    return key->model.project.name.data;
}

const char *orgkeys_project_api_key_owner_type(const orgkeys_project_api_key *key)
{
    return key->model.owner.type.data;
}

const char *orgkeys_project_api_key_owner_user_id(const orgkeys_project_api_key *key)
{
    return key->model.owner.user.id.data;
}

const char *orgkeys_project_api_key_owner_user_email(const orgkeys_project_api_key *key)
{
    return key->model.owner.user.email.data;
}

const char *orgkeys_project_api_key_owner_user_name(const orgkeys_project_api_key *key)
{
    return key->model.owner.user.name.data;
}

int64_t orgkeys_project_api_key_owner_user_created_at(const orgkeys_project_api_key *key)
{
    return key->model.owner.user.created_at;
}

const char *orgkeys_project_api_key_owner_user_role(const orgkeys_project_api_key *key)
{
    return key->model.owner.user.role.data;
}

const char *orgkeys_project_api_key_owner_service_account_id(const orgkeys_project_api_key *key)
{
    return key->model.owner.service_account.id.data;
}

const char *orgkeys_project_api_key_owner_service_account_name(const orgkeys_project_api_key *key)
{
    return key->model.owner.service_account.name.data;
}

int64_t orgkeys_project_api_key_owner_service_account_created_at(const orgkeys_project_api_key *key)
{
    return key->model.owner.service_account.created_at;
}

const char *orgkeys_project_api_key_owner_service_account_role(const orgkeys_project_api_key *key)
{
    return key->model.owner.service_account.role.data;
}
