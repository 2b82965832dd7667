#include "client/call.h"
#include "client/resources.h"

const struct resource user_resource = { &user_type, NULL };
const struct resource password_link_resource = { &password_link_type, NULL };

orgkeys_status orgkeys_users_list(orgkeys_client *client, const orgkeys_user_list_options *options,
                                  orgkeys_user_iterator **ret_iterator)
{
    struct call call = { LIST_USERS, { NULL }, NULL };
    struct list_query query = call_query(0, NULL);
    struct text emails[CALL_TEXTS_MAXIMUM];
    *ret_iterator = NULL;
    if (options != NULL) {
        if (!call_knows(client, options->version, ORGKEYS_USER_LIST_OPTIONS_VERSION)) {
            return ORGKEYS_ERROR_ARGUMENT;
        }
        query = call_query(options->limit, options->after);
        if (!call_texts(client, options->emails, options->email_count, emails, &query.emails)) {
            return ORGKEYS_ERROR_ARGUMENT;
        }
    }
    *ret_iterator = iterator_new(client, &call, &query);
    return client->error.status;
}

orgkeys_status orgkeys_user_iterator_next(orgkeys_user_iterator *iterator,
                                          const orgkeys_user **ret_user)
{
    orgkeys_status status;
    *ret_user = iterator_next(iterator, &status);
    return status;
}

void orgkeys_user_iterator_free(orgkeys_user_iterator *iterator)
{
    iterator_free(iterator);
}

orgkeys_status orgkeys_users_retrieve(orgkeys_client *client, const char *user_id,
                                      orgkeys_user **ret_user)
{
    struct call call = { RETRIEVE_USER, { user_id }, NULL };
    *ret_user = call_object(client, &call);
    return client->error.status;
}

orgkeys_status orgkeys_users_update(orgkeys_client *client, const char *user_id,
                                    const orgkeys_user_update_options *options,
                                    orgkeys_user **ret_user)
{
    struct user_update input = { .role = TEXT_NONE };
    struct call call = { UPDATE_USER, { user_id }, &input };
    *ret_user = NULL;
    if (options != NULL) {
        if (!call_knows(client, options->version, ORGKEYS_USER_UPDATE_OPTIONS_VERSION)) {
            return ORGKEYS_ERROR_ARGUMENT;
        }
        input.role = text_of(options->role);
        input.role_id = text_of(options->role_id);
        input.technical_level = text_of(options->technical_level);
        input.developer_persona = text_of(options->developer_persona);
    }
    *ret_user = call_object(client, &call);
    return client->error.status;
}

orgkeys_status orgkeys_users_delete(orgkeys_client *client, const char *user_id)
{
    struct call call = { DELETE_USER, { user_id }, NULL };
    return call_delete(client, &call);
}

orgkeys_status orgkeys_users_create_password_link(orgkeys_client *client, const char *user_id,
                                                  orgkeys_password_link **ret_link)
{
    struct call call = { CREATE_PASSWORD_LINK, { user_id }, NULL };
    *ret_link = call_object(client, &call);
    return client->error.status;
}

void orgkeys_user_free(orgkeys_user *user)
{
    object_free(user);
}

const char *orgkeys_user_id(const orgkeys_user *user)
{
    return user->model.id.data;
}

const char *orgkeys_user_name(const orgkeys_user *user)
{
    return user->model.name.data;
}

const char *orgkeys_user_email(const orgkeys_user *user)
{
    return user->model.email.data;
}

const char *orgkeys_user_role(const orgkeys_user *user)
{
    return user->model.role.data;
}

int64_t orgkeys_user_added_at(const orgkeys_user *user)
{
    return user->model.added_at;
}

bool orgkeys_user_is_default(const orgkeys_user *user)
{
    return user->model.is_default == 1;
}

bool orgkeys_user_is_service_account(const orgkeys_user *user)
{
    return user->model.is_service_account == 1;
}

bool orgkeys_user_is_scim_managed(const orgkeys_user *user)
{
    return user->model.is_scim_managed == 1;
}

int64_t orgkeys_user_api_key_last_used_at(const orgkeys_user *user)
{
    return user->model.api_key_last_used_at;
}

const char *orgkeys_user_technical_level(const orgkeys_user *user)
{
    return user->model.technical_level.data;
}

const char *orgkeys_user_developer_persona(const orgkeys_user *user)
{
    return user->model.developer_persona.data;
}

const char *orgkeys_user_user_id(const orgkeys_user *user)
{
    return user->model.user.id.data;
}

const char *orgkeys_user_user_email(const orgkeys_user *user)
{
    return user->model.user.email.data;
}

const char *orgkeys_user_user_name(const orgkeys_user *user)
{
    return user->model.user.name.data;
}

const char *orgkeys_user_user_picture(const orgkeys_user *user)
{
    return user->model.user.picture.data;
}

bool orgkeys_user_user_enabled(const orgkeys_user *user)
{
    return user->model.user.enabled == 1;
}

bool orgkeys_user_user_banned(const orgkeys_user *user)
{
    return user->model.user.banned == 1;
}

int64_t orgkeys_user_user_banned_at(const orgkeys_user *user)
{
    return user->model.user.banned_at;
}

void orgkeys_password_link_free(orgkeys_password_link *link)
{
    object_free(link);
}

const char *orgkeys_password_link_user_id(const orgkeys_password_link *link)
{
    return link->model.user_id.data;
}

const char *orgkeys_password_link_url(const orgkeys_password_link *link)
{
    return link->model.url.data;
}

int64_t orgkeys_password_link_expires_at(const orgkeys_password_link *link)
{
    return link->model.expires_at;
}
