#ifndef ORGKEYS_PROJECT_API_KEYS_H
#define ORGKEYS_PROJECT_API_KEYS_H

#include <orgkeys/client.h>

#ifdef __cplusplus
extern "C" {
#endif

/* A key of a project: of a person, or of a service account. */
typedef struct orgkeys_project_api_key orgkeys_project_api_key;
typedef struct orgkeys_project_api_key_iterator orgkeys_project_api_key_iterator;

/* ---- Calls ---- */

typedef struct orgkeys_project_api_key_list_options {
    unsigned version;  /* ORGKEYS_PROJECT_API_KEY_LIST_OPTIONS_VERSION */
    int limit;         /* objects a page, 1 to 100; 0: the server's default */
    const char *after; /* begin behind the key of this id; NULL: at the beginning */
    /* "active", "inactive" or "any": the owner's access to the project. NULL: the default. */
    const char *owner_project_access;
} orgkeys_project_api_key_list_options;

#define ORGKEYS_PROJECT_API_KEY_LIST_OPTIONS_VERSION 1
#define ORGKEYS_PROJECT_API_KEY_LIST_OPTIONS_INIT                   \
    {                                                               \
        ORGKEYS_PROJECT_API_KEY_LIST_OPTIONS_VERSION, 0, NULL, NULL \
    }

/*
 * The keys of a project; `options` NULL: all that the server lists by default.
 * ORGKEYS_ERROR_ARGUMENT, ORGKEYS_ERROR_MEMORY.
 */
orgkeys_status orgkeys_project_api_keys_list(orgkeys_client *client, const char *project_id,
                                             const orgkeys_project_api_key_list_options *options,
                                             orgkeys_project_api_key_iterator **ret_iterator);
/* The next key, or ORGKEYS_END, or any error. The key lives until the iterator's next call. */
orgkeys_status orgkeys_project_api_key_iterator_next(orgkeys_project_api_key_iterator *iterator,
                                                     const orgkeys_project_api_key **ret_key);
void orgkeys_project_api_key_iterator_free(orgkeys_project_api_key_iterator *iterator);

/* One key. Any error; HTTP status 404 when there is no such key. */
orgkeys_status orgkeys_project_api_keys_retrieve(orgkeys_client *client, const char *project_id,
                                                 const char *api_key_id,
                                                 orgkeys_project_api_key **ret_key);

/* ---- The object ---- */

void orgkeys_project_api_key_free(orgkeys_project_api_key *key);

const char *orgkeys_project_api_key_id(const orgkeys_project_api_key *key);
const char *orgkeys_project_api_key_name(const orgkeys_project_api_key *key);

#ifdef __cplusplus
}
#endif

#endif
