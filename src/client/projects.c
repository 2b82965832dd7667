#include "client/call.h"
#include "client/resources.h"

const struct resource project_resource = { &project_type, NULL };

orgkeys_status orgkeys_projects_list(orgkeys_client *client,
                                     const orgkeys_project_list_options *options,
                                     orgkeys_project_iterator **ret_iterator)
{
    struct call call = { LIST_PROJECTS, { NULL }, NULL };
    struct list_query query = call_query(0, NULL);
    *ret_iterator = NULL;
    if (options != NULL) {
        if (!call_knows(client, options->version, ORGKEYS_PROJECT_LIST_OPTIONS_VERSION)) {
            return ORGKEYS_ERROR_ARGUMENT;
        }
        query = call_query(options->limit, options->after);
        query.include_archived = call_boolean(options->include_archived);
    }
    *ret_iterator = iterator_new(client, &call, &query);
    return client->error.status;
}

orgkeys_status orgkeys_project_iterator_next(orgkeys_project_iterator *iterator,
                                             const orgkeys_project **ret_project)
{
    orgkeys_status status;
    *ret_project = iterator_next(iterator, &status);
    return status;
}

void orgkeys_project_iterator_free(orgkeys_project_iterator *iterator)
{
    iterator_free(iterator);
}

orgkeys_status orgkeys_projects_retrieve(orgkeys_client *client, const char *project_id,
                                         orgkeys_project **ret_project)
{
    struct call call = { RETRIEVE_PROJECT, { project_id }, NULL };
    *ret_project = call_object(client, &call);
    return client->error.status;
}

orgkeys_status orgkeys_projects_create(orgkeys_client *client, const char *name,
                                       const orgkeys_project_create_options *options,
                                       orgkeys_project **ret_project)
{
    struct project_create input = { .name = text_of(name) };
    struct call call = { CREATE_PROJECT, { NULL }, &input };
    *ret_project = NULL;
    if (options != NULL) {
        if (!call_knows(client, options->version, ORGKEYS_PROJECT_CREATE_OPTIONS_VERSION)) {
            return ORGKEYS_ERROR_ARGUMENT;
        }
        input.residency = text_of(options->residency);
        input.external_key_id = text_of(options->external_key_id);
    }
    *ret_project = call_object(client, &call);
    return client->error.status;
}

orgkeys_status orgkeys_projects_update(orgkeys_client *client, const char *project_id,
                                       const orgkeys_project_update_options *options,
                                       orgkeys_project **ret_project)
{
    struct project_update input = { .name = TEXT_NONE };
    struct call call = { UPDATE_PROJECT, { project_id }, &input };
    *ret_project = NULL;
    if (options != NULL) {
        if (!call_knows(client, options->version, ORGKEYS_PROJECT_UPDATE_OPTIONS_VERSION)) {
            return ORGKEYS_ERROR_ARGUMENT;
        }
        input.name = text_of(options->name);
        input.external_key_id = text_of(options->external_key_id);
    }
    *ret_project = call_object(client, &call);
    return client->error.status;
}

orgkeys_status orgkeys_projects_archive(orgkeys_client *client, const char *project_id,
                                        orgkeys_project **ret_project)
{
    struct call call = { ARCHIVE_PROJECT, { project_id }, NULL };
    *ret_project = call_object(client, &call);
    return client->error.status;
}

void orgkeys_project_free(orgkeys_project *project)
{
    object_free(project);
}

const char *orgkeys_project_id(const orgkeys_project *project)
{
    return project->model.id.data;
}

const char *orgkeys_project_name(const orgkeys_project *project)
{
    return project->model.name.data;
}

int64_t orgkeys_project_created_at(const orgkeys_project *project)
{
    return project->model.created_at;
}

int64_t orgkeys_project_archived_at(const orgkeys_project *project)
{
    return project->model.archived_at;
}

const char *orgkeys_project_status(const orgkeys_project *project)
{
    return project->model.status.data;
}

const char *orgkeys_project_external_key_id(const orgkeys_project *project)
{
    return project->model.external_key_id.data;
}

const char *orgkeys_project_residency(const orgkeys_project *project)
{
    return project->model.residency.data;
}
