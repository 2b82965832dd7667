#ifndef ORGKEYS_PROJECTS_H
#define ORGKEYS_PROJECTS_H

#include <orgkeys/client.h>

#ifdef __cplusplus
extern "C" {
#endif

/* A project: what keys belong to. */
typedef struct orgkeys_project orgkeys_project;
typedef struct orgkeys_project_iterator orgkeys_project_iterator;

/* ---- Calls ---- */

typedef struct orgkeys_project_list_options {
    unsigned version; /* ORGKEYS_PROJECT_LIST_OPTIONS_VERSION */
    /* Objects a page, 1 to 100; 0: the server's default. */
    int limit;
    /* Begin behind the project of this id; NULL: at the beginning. */
    const char *after;
    /* Whether archived projects are listed too. */
    bool include_archived;
} orgkeys_project_list_options;

#define ORGKEYS_PROJECT_LIST_OPTIONS_VERSION 1
#define ORGKEYS_PROJECT_LIST_OPTIONS_INIT                    \
    {                                                        \
        ORGKEYS_PROJECT_LIST_OPTIONS_VERSION, 0, NULL, false \
    }

/* The projects of the organization; `options` may be NULL. */
orgkeys_status orgkeys_projects_list(orgkeys_client *client,
                                     const orgkeys_project_list_options *options,
                                     orgkeys_project_iterator **ret_iterator);

/* The next one, ORGKEYS_END, or any error. It lives until the iterator's next call. */
orgkeys_status orgkeys_project_iterator_next(orgkeys_project_iterator *iterator,
                                             const orgkeys_project **ret_project);

/* NULL is allowed. */
void orgkeys_project_iterator_free(orgkeys_project_iterator *iterator);

/* One project, also an archived one. HTTP status 404: there is none of this id. */
orgkeys_status orgkeys_projects_retrieve(orgkeys_client *client, const char *project_id,
                                         orgkeys_project **ret_project);

typedef struct orgkeys_project_create_options {
    unsigned version; /* ORGKEYS_PROJECT_CREATE_OPTIONS_VERSION */
    /* Where data lies, such as "EU_STORAGE_PROCESSING". NULL: not said. */
    const char *residency;
    /* A key of the customer's own. NULL: none. */
    const char *external_key_id;
} orgkeys_project_create_options;

#define ORGKEYS_PROJECT_CREATE_OPTIONS_VERSION 1
#define ORGKEYS_PROJECT_CREATE_OPTIONS_INIT                \
    {                                                      \
        ORGKEYS_PROJECT_CREATE_OPTIONS_VERSION, NULL, NULL \
    }

/* Makes a project; `options` may be NULL. */
orgkeys_status orgkeys_projects_create(orgkeys_client *client, const char *name,
                                       const orgkeys_project_create_options *options,
                                       orgkeys_project **ret_project);

typedef struct orgkeys_project_update_options {
    unsigned version; /* ORGKEYS_PROJECT_UPDATE_OPTIONS_VERSION */
    /* The new name. NULL: unchanged. */
    const char *name;
    /* A key of the customer's own. NULL: unchanged. */
    const char *external_key_id;
} orgkeys_project_update_options;

#define ORGKEYS_PROJECT_UPDATE_OPTIONS_VERSION 1
#define ORGKEYS_PROJECT_UPDATE_OPTIONS_INIT                \
    {                                                      \
        ORGKEYS_PROJECT_UPDATE_OPTIONS_VERSION, NULL, NULL \
    }

/*
 * Changes what the options name. HTTP status 404: there is no such project; 400 with code
 * project_archived: it is archived.
 */
orgkeys_status orgkeys_projects_update(orgkeys_client *client, const char *project_id,
                                       const orgkeys_project_update_options *options,
                                       orgkeys_project **ret_project);

/*
 * Archives a project, for good: its keys end. HTTP status 404: there is no such project; 400: it
 * is archived, or it is the default project.
 */
orgkeys_status orgkeys_projects_archive(orgkeys_client *client, const char *project_id,
                                        orgkeys_project **ret_project);

/* ---- What an object says ---- */

/* NULL is allowed. */
void orgkeys_project_free(orgkeys_project *project);

/* Its id: proj_... */
const char *orgkeys_project_id(const orgkeys_project *project);

/* Its name. */
const char *orgkeys_project_name(const orgkeys_project *project);

/* When it was made. */
int64_t orgkeys_project_created_at(const orgkeys_project *project);

/* When it was archived; ORGKEYS_NONE: it is not. */
int64_t orgkeys_project_archived_at(const orgkeys_project *project);

/* "active" or "archived". */
const char *orgkeys_project_status(const orgkeys_project *project);

/* A key of the customer's own. */
const char *orgkeys_project_external_key_id(const orgkeys_project *project);

/* Where its data lies. */
const char *orgkeys_project_residency(const orgkeys_project *project);

#ifdef __cplusplus
}
#endif

#endif
