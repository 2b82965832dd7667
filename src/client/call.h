#ifndef ORGKEYS_CLIENT_CALL_H
#define ORGKEYS_CLIENT_CALL_H

#include "client/client.h"
#include "client/operations.h"
#include "model/list_query.h"

/* Calls as the public functions make them. */
enum { CALL_IDS_MAXIMUM = 2 };

struct call {
    enum operation operation;
    const char *ids[CALL_IDS_MAXIMUM]; /* of the path, in its order */
    const void *input;                 /* of the operation's type */
};

/* The reply's object, for object_free; NULL after a failure, which client->error describes. */
void *call_object(struct orgkeys_client *client, const struct call *call);
void object_free(void *object); /* NULL is allowed */

/* For operations that delete: whether they did. */
orgkeys_status call_delete(struct orgkeys_client *client, const struct call *call);

/* The objects of a list: what each public type of iterator points to. */

/* `client->error` says why it is NULL. `query` is copied. */
void *iterator_new(struct orgkeys_client *client, const struct call *call,
                   const struct list_query *query);
void iterator_free(void *iterator); /* NULL is allowed */
/* NULL at the end, and after a failure; *ret_status says which. */
const void *iterator_next(void *iterator, orgkeys_status *ret_status);

/* A query that asks for nothing. */
struct list_query call_query(int limit, const char *after);

/* Refuses what a public function was given. */
orgkeys_status call_refuse(struct orgkeys_client *client, const char *why);
/* Whether options have the version that is known; refuses them otherwise. */
bool call_knows(struct orgkeys_client *client, unsigned version, unsigned known);

#endif
