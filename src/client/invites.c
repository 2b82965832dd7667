#include "client/call.h"
#include "client/resources.h"
#include "model/limits.h"

static const struct field own_fields[] = {
    { .name = "projects",
      .kind = FIELD_OBJECT_LIST,
      .offset = offsetof(struct orgkeys_invite, projects),
      .type = &invite_project_type },
};
static const struct object_type own_type = { "the invite", "", sizeof(struct orgkeys_invite),
                                             FIELDS(own_fields) };

const struct resource invite_resource = { &invite_created_type, &own_type };

_Static_assert(CALL_TEXTS_MAXIMUM == (int)INVITE_PROJECTS_MAXIMUM, "lists have room for them");

/* False when they were refused. */
static bool copy_projects(struct orgkeys_client *client,
                          const orgkeys_invite_create_options *options,
                          struct invite_project projects[INVITE_PROJECTS_MAXIMUM],
                          struct object_list *ret_list)
{
    struct text id_storage[CALL_TEXTS_MAXIMUM];
    struct text role_storage[CALL_TEXTS_MAXIMUM];
    struct text_list ids = { NULL, 0 };
    struct text_list roles = { NULL, 0 };
    size_t count = options->project_count;
    if (!call_texts(client, options->project_ids, count, id_storage, &ids) ||
        !call_texts(client, options->project_roles, count, role_storage, &roles)) {
        return false;
    }
    if (count > 0 && (ids.items == NULL || roles.items == NULL)) {
        (void)call_refuse(client, "each project needs an id and a role");
        return false;
    }
    for (size_t i = 0; i < count; i++) {
        projects[i] = (struct invite_project){ ids.items[i], roles.items[i] };
    }
    *ret_list = (struct object_list){ ids.items != NULL ? projects : NULL, count };
    return true;
}

orgkeys_status orgkeys_invites_list(orgkeys_client *client,
                                    const orgkeys_invite_list_options *options,
                                    orgkeys_invite_iterator **ret_iterator)
{
    struct call call = { LIST_INVITES, { NULL }, NULL };
    struct list_query query = call_query(0, NULL);
    *ret_iterator = NULL;
    if (options != NULL) {
        if (!call_knows(client, options->version, ORGKEYS_INVITE_LIST_OPTIONS_VERSION)) {
            return ORGKEYS_ERROR_ARGUMENT;
        }
        query = call_query(options->limit, options->after);
        query.order = text_of(options->order);
        query.status = text_of(options->status);
    }
    *ret_iterator = iterator_new(client, &call, &query);
    return client->error.status;
}

orgkeys_status orgkeys_invite_iterator_next(orgkeys_invite_iterator *iterator,
                                            const orgkeys_invite **ret_invite)
{
    orgkeys_status status;
    *ret_invite = iterator_next(iterator, &status);
    return status;
}

void orgkeys_invite_iterator_free(orgkeys_invite_iterator *iterator)
{
    iterator_free(iterator);
}

orgkeys_status orgkeys_invites_retrieve(orgkeys_client *client, const char *invite_id,
                                        orgkeys_invite **ret_invite)
{
    struct call call = { RETRIEVE_INVITE, { invite_id }, NULL };
    *ret_invite = call_object(client, &call);
    return client->error.status;
}

orgkeys_status orgkeys_invites_create(orgkeys_client *client, const char *email, const char *role,
                                      const orgkeys_invite_create_options *options,
                                      orgkeys_invite **ret_invite)
{
    struct invite_create input = { .email = text_of(email), .role = text_of(role) };
    struct call call = { CREATE_INVITE, { NULL }, &input };
    struct invite_project projects[INVITE_PROJECTS_MAXIMUM];
    *ret_invite = NULL;
    if (options != NULL) {
        if (!call_knows(client, options->version, ORGKEYS_INVITE_CREATE_OPTIONS_VERSION)) {
            return ORGKEYS_ERROR_ARGUMENT;
        }
        if (!copy_projects(client, options, projects, &input.projects)) {
            return ORGKEYS_ERROR_ARGUMENT;
        }
    }
    *ret_invite = call_object(client, &call);
    return client->error.status;
}

orgkeys_status orgkeys_invites_delete(orgkeys_client *client, const char *invite_id)
{
    struct call call = { DELETE_INVITE, { invite_id }, NULL };
    return call_delete(client, &call);
}

orgkeys_status orgkeys_invites_renew_link(orgkeys_client *client, const char *invite_id,
                                          orgkeys_invite **ret_invite)
{
    struct call call = { RENEW_INVITE_LINK, { invite_id }, NULL };
    *ret_invite = call_object(client, &call);
    return client->error.status;
}

orgkeys_status orgkeys_invites_accept(orgkeys_client *client, const char *token, const char *name,
                                      orgkeys_user **ret_user)
{
    struct invite_accept input = { .token = text_of(token), .name = text_of(name) };
    struct call call = { ACCEPT_INVITE, { NULL }, &input };
    *ret_user = call_object(client, &call);
    return client->error.status;
}

void orgkeys_invite_free(orgkeys_invite *invite)
{
    object_free(invite);
}

const char *orgkeys_invite_id(const orgkeys_invite *invite)
{
    return invite->model.id.data;
}

const char *orgkeys_invite_email(const orgkeys_invite *invite)
{
    return invite->model.email.data;
}

const char *orgkeys_invite_role(const orgkeys_invite *invite)
{
    return invite->model.role.data;
}

const char *orgkeys_invite_status(const orgkeys_invite *invite)
{
    return invite->model.status.data;
}

int64_t orgkeys_invite_created_at(const orgkeys_invite *invite)
{
    return invite->model.created_at;
}

int64_t orgkeys_invite_expires_at(const orgkeys_invite *invite)
{
    return invite->model.expires_at;
}

int64_t orgkeys_invite_accepted_at(const orgkeys_invite *invite)
{
    return invite->model.accepted_at;
}

const char *orgkeys_invite_invite_url(const orgkeys_invite *invite)
{
    return invite->model.invite_url.data;
}

size_t orgkeys_invite_projects_count(const orgkeys_invite *invite)
{
    return invite->projects.count;
}

static const struct invite_project *project_at(const orgkeys_invite *invite, size_t index)
{
    static const struct invite_project none = { TEXT_NONE, TEXT_NONE };
    const struct invite_project *projects = invite->projects.items;
    return index < invite->projects.count ? &projects[index] : &none;
}

const char *orgkeys_invite_projects_id(const orgkeys_invite *invite, size_t index)
{
    return project_at(invite, index)->id.data;
}

const char *orgkeys_invite_projects_role(const orgkeys_invite *invite, size_t index)
{
    return project_at(invite, index)->role.data;
}
