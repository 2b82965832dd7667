#ifndef ORGKEYS_API_ROUTE_H
#define ORGKEYS_API_ROUTE_H

#include "domain/access.h"
#include "domain/work.h"
#include "model/audit_log.h"
#include "model/field.h"

struct api;
struct http_request;

enum route_effect {
    EFFECT_READ,   /* runs on a reader */
    EFFECT_CHANGE, /* runs on the writer, and writes `event` into the audit log */
};

/* What the first parameter of the path must be. */
enum route_project {
    PROJECT_NONE, /* it is no project */
    PROJECT_ANY,
    PROJECT_ACTIVE, /* an archived one is a 400 */
};

/*
 * One endpoint. Before `run`, the call was matched, authenticated, parsed, validated, and its
 * project loaded; after it, the output is encoded, and the audit event is known to be written.
 */
struct route {
    const char *method;
    const char *path;      /* with {parameters}, of which there are WORK_PATH_MAXIMUM at most */
    const char *operation; /* the name in the OpenAPI document, in metrics and in the log */
    const char *summary;
    enum access access;
    enum route_effect effect;
    enum route_project project;
    const struct object_type *query;
    const struct object_type *input;  /* of the body; NULL: none, or an empty object */
    const struct object_type *output; /* of the reply, or of a list's items */
    bool is_list;
    enum audit_event event; /* of a change */
    struct result (*run)(struct work *work);
    /*
     * Instead of `run`: answers at once, and sees to all above from `access` on by itself. Its
     * input is a form.
     */
    void (*answer)(struct api *api, struct http_request *request);
    bool is_internal; /* only on --internal-listen, when there is one */
    /* Of a change, or NULL: what can be refused before it takes a place in the writer's queue. */
    struct result (*check)(struct work *work);
};

const struct route *routes(size_t *ret_count);

enum route_match { ROUTE_FOUND, ROUTE_UNKNOWN_PATH, ROUTE_OTHER_METHOD };

/*
 * Finds the route of a method and a path (still percent-encoded). HEAD goes where GET goes.
 * ret_parameters gets the path's parameters, still encoded. With ROUTE_OTHER_METHOD, *ret_route is
 * some route of the path.
 */
enum route_match route_find(struct text method, struct text path, const struct route **ret_route,
                            struct text ret_parameters[WORK_PATH_MAXIMUM]);

/* "GET, HEAD, POST": the methods that a path takes. */
void route_write_methods(struct text path, struct buffer *buffer);

#endif
