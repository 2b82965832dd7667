#include "client/call.h"
#include "client/resources.h"

const struct resource service_account_resource = { &service_account_created_type, NULL };
const struct resource service_account_api_key_resource = { &service_account_api_key_type, NULL };

orgkeys_status orgkeys_service_accounts_list(orgkeys_client *client, const char *project_id,
                                             const orgkeys_list_options *options,
                                             orgkeys_service_account_iterator **ret_iterator)
{
    struct call call = { LIST_SERVICE_ACCOUNTS, { project_id }, NULL };
    struct list_query query = call_query(0, NULL);
    *ret_iterator = NULL;
    if (options != NULL) {
        if (!call_knows(client, options->version, ORGKEYS_LIST_OPTIONS_VERSION)) {
            return ORGKEYS_ERROR_ARGUMENT;
        }
        query = call_query(options->limit, options->after);
    }
    *ret_iterator = iterator_new(client, &call, &query);
    return client->error.status;
}

orgkeys_status orgkeys_service_account_iterator_next(orgkeys_service_account_iterator *iterator,
                                                     const orgkeys_service_account **ret_account)
{
    orgkeys_status status;
    *ret_account = iterator_next(iterator, &status);
    return status;
}

void orgkeys_service_account_iterator_free(orgkeys_service_account_iterator *iterator)
{
    iterator_free(iterator);
}

orgkeys_status orgkeys_service_accounts_retrieve(orgkeys_client *client, const char *project_id,
                                                 const char *service_account_id,
                                                 orgkeys_service_account **ret_account)
{
    struct call call = { RETRIEVE_SERVICE_ACCOUNT, { project_id, service_account_id }, NULL };
    *ret_account = call_object(client, &call);
    return client->error.status;
}

orgkeys_status orgkeys_service_accounts_create(
    orgkeys_client *client, const char *project_id, const char *name,
    const orgkeys_service_account_create_options *options, orgkeys_service_account **ret_account)
{
    struct service_account_create input = { .name = text_of(name),
                                            .create_service_account_only = FIELD_ABSENT,
                                            .expires_in_seconds = FIELD_ABSENT };
    struct call call = { CREATE_SERVICE_ACCOUNT, { project_id }, &input };
    *ret_account = NULL;
    if (options != NULL) {
        if (!call_knows(client, options->version, ORGKEYS_SERVICE_ACCOUNT_CREATE_OPTIONS_VERSION)) {
            return ORGKEYS_ERROR_ARGUMENT;
        }
        input.create_service_account_only = call_boolean(options->create_service_account_only);
        input.expires_in_seconds = call_integer(options->expires_in_seconds);
    }
    *ret_account = call_object(client, &call);
    return client->error.status;
}

orgkeys_status orgkeys_service_accounts_update(
    orgkeys_client *client, const char *project_id, const char *service_account_id,
    const orgkeys_service_account_update_options *options, orgkeys_service_account **ret_account)
{
    struct service_account_update input = { .name = TEXT_NONE };
    struct call call = { UPDATE_SERVICE_ACCOUNT, { project_id, service_account_id }, &input };
    *ret_account = NULL;
    if (options != NULL) {
        if (!call_knows(client, options->version, ORGKEYS_SERVICE_ACCOUNT_UPDATE_OPTIONS_VERSION)) {
            return ORGKEYS_ERROR_ARGUMENT;
        }
        input.name = text_of(options->name);
        input.role = text_of(options->role);
    }
    *ret_account = call_object(client, &call);
    return client->error.status;
}

orgkeys_status orgkeys_service_accounts_delete(orgkeys_client *client, const char *project_id,
                                               const char *service_account_id)
{
    struct call call = { DELETE_SERVICE_ACCOUNT, { project_id, service_account_id }, NULL };
    return call_delete(client, &call);
}

orgkeys_status orgkeys_service_account_api_keys_create(
    orgkeys_client *client, const char *project_id, const char *service_account_id,
    const orgkeys_service_account_api_key_create_options *options,
    orgkeys_service_account_api_key **ret_key)
{
    struct service_account_api_key_create input = { .expires_in_seconds = FIELD_ABSENT };
    struct call call = { CREATE_SERVICE_ACCOUNT_API_KEY,
                         { project_id, service_account_id },
                         &input };
    struct text scopes[CALL_TEXTS_MAXIMUM];
    *ret_key = NULL;
    if (options != NULL) {
        if (!call_knows(client, options->version,
                        ORGKEYS_SERVICE_ACCOUNT_API_KEY_CREATE_OPTIONS_VERSION)) {
            return ORGKEYS_ERROR_ARGUMENT;
        }
        if (!call_texts(client, options->scopes, options->scope_count, scopes, &input.scopes)) {
            return ORGKEYS_ERROR_ARGUMENT;
        }
        input.name = text_of(options->name);
        input.expires_in_seconds = call_integer(options->expires_in_seconds);
        input.value = text_of(options->value);
    }
    *ret_key = call_object(client, &call);
    return client->error.status;
}

void orgkeys_service_account_free(orgkeys_service_account *account)
{
    object_free(account);
}

const char *orgkeys_service_account_id(const orgkeys_service_account *account)
{
    return account->model.id.data;
}

const char *orgkeys_service_account_name(const orgkeys_service_account *account)
{
    return account->model.name.data;
}

const char *orgkeys_service_account_role(const orgkeys_service_account *account)
{
    return account->model.role.data;
}

int64_t orgkeys_service_account_created_at(const orgkeys_service_account *account)
{
    return account->model.created_at;
}

const orgkeys_service_account_api_key *orgkeys_service_account_issued_key(
    const orgkeys_service_account *account)
{
    return account->model.api_key.id.data != NULL
               ? (const orgkeys_service_account_api_key *)(const void *)&account->model.api_key
               : NULL;
}

void orgkeys_service_account_api_key_free(orgkeys_service_account_api_key *key)
{
    object_free(key);
}

const char *orgkeys_service_account_api_key_id(const orgkeys_service_account_api_key *key)
{
    return key->model.id.data;
}

const char *orgkeys_service_account_api_key_name(const orgkeys_service_account_api_key *key)
{
    return key->model.name.data;
}

const char *orgkeys_service_account_api_key_value(const orgkeys_service_account_api_key *key)
{
    return key->model.value.data;
}

int64_t orgkeys_service_account_api_key_created_at(const orgkeys_service_account_api_key *key)
{
    return key->model.created_at;
}

int64_t orgkeys_service_account_api_key_expires_at(const orgkeys_service_account_api_key *key)
{
    return key->model.expires_at;
}
