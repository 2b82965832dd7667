#include "client/call.h"
#include "client/resources.h"

const struct resource project_user_resource = { &project_user_type, NULL };

orgkeys_status orgkeys_project_users_list(orgkeys_client *client, const char *project_id,
                                          const orgkeys_list_options *options,
                                          orgkeys_project_user_iterator **ret_iterator)
{
    struct call call = { LIST_PROJECT_USERS, { project_id }, NULL };
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

orgkeys_status orgkeys_project_user_iterator_next(orgkeys_project_user_iterator *iterator,
                                                  const orgkeys_project_user **ret_user)
{
    orgkeys_status status;
    *ret_user = iterator_next(iterator, &status);
    return status;
}

void orgkeys_project_user_iterator_free(orgkeys_project_user_iterator *iterator)
{
    iterator_free(iterator);
}

orgkeys_status orgkeys_project_users_retrieve(orgkeys_client *client, const char *project_id,
                                              const char *user_id, orgkeys_project_user **ret_user)
{
    struct call call = { RETRIEVE_PROJECT_USER, { project_id, user_id }, NULL };
    *ret_user = call_object(client, &call);
    return client->error.status;
}

orgkeys_status orgkeys_project_users_create(orgkeys_client *client, const char *project_id,
                                            const char *role,
                                            const orgkeys_project_user_create_options *options,
                                            orgkeys_project_user **ret_user)
{
    struct project_user_create input = { .role = text_of(role) };
    struct call call = { CREATE_PROJECT_USER, { project_id }, &input };
    *ret_user = NULL;
    if (options != NULL) {
        if (!call_knows(client, options->version, ORGKEYS_PROJECT_USER_CREATE_OPTIONS_VERSION)) {
            return ORGKEYS_ERROR_ARGUMENT;
        }
        input.user_id = text_of(options->user_id);
        input.email = text_of(options->email);
    }
    *ret_user = call_object(client, &call);
    return client->error.status;
}

orgkeys_status orgkeys_project_users_update(orgkeys_client *client, const char *project_id,
                                            const char *user_id, const char *role,
                                            orgkeys_project_user **ret_user)
{
    struct project_user_update input = { .role = text_of(role) };
    struct call call = { UPDATE_PROJECT_USER, { project_id, user_id }, &input };
    *ret_user = call_object(client, &call);
    return client->error.status;
}

orgkeys_status orgkeys_project_users_delete(orgkeys_client *client, const char *project_id,
                                            const char *user_id)
{
    struct call call = { DELETE_PROJECT_USER, { project_id, user_id }, NULL };
    return call_delete(client, &call);
}

void orgkeys_project_user_free(orgkeys_project_user *user)
{
    object_free(user);
}

const char *orgkeys_project_user_id(const orgkeys_project_user *user)
{
    return user->model.id.data;
}

const char *orgkeys_project_user_name(const orgkeys_project_user *user)
{
    return user->model.name.data;
}

const char *orgkeys_project_user_email(const orgkeys_project_user *user)
{
    return user->model.email.data;
}

const char *orgkeys_project_user_role(const orgkeys_project_user *user)
{
    return user->model.role.data;
}

const char *orgkeys_project_user_organization_role(const orgkeys_project_user *user)
{
    return user->model.organization_role.data;
}

int64_t orgkeys_project_user_added_at(const orgkeys_project_user *user)
{
    return user->model.added_at;
}
