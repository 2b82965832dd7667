#include "client/call.h"
#include "client/resources.h"

static const struct field own_fields[] = {
    { .name = "scopes",
      .kind = FIELD_TEXT_LIST,
      .offset = offsetof(struct orgkeys_project_api_key, scopes) },
};
static const struct object_type own_type = { "the key", "", sizeof(struct orgkeys_project_api_key),
                                             FIELDS(own_fields) };

const struct resource project_api_key_resource = { &project_api_key_created_type, &own_type };

orgkeys_status orgkeys_project_api_keys_list(orgkeys_client *client, const char *project_id,
                                             const orgkeys_project_api_key_list_options *options,
                                             orgkeys_project_api_key_iterator **ret_iterator)
{
    struct call call = { LIST_PROJECT_API_KEYS, { project_id }, NULL };
    struct list_query query = call_query(0, NULL);
    *ret_iterator = NULL;
    if (options != NULL) {
        if (!call_knows(client, options->version, ORGKEYS_PROJECT_API_KEY_LIST_OPTIONS_VERSION)) {
            return ORGKEYS_ERROR_ARGUMENT;
        }
        query = call_query(options->limit, options->after);
        query.owner_project_access = text_of(options->owner_project_access);
    }
    *ret_iterator = iterator_new(client, &call, &query);
    return client->error.status;
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
