#ifndef ORGKEYS_CLIENT_CALL_H
#define ORGKEYS_CLIENT_CALL_H

#include "client/client.h"
#include "client/operations.h"
#include "model/list_query.h"

/* Calls as the public functions make them. */
enum { CALL_IDS_MAXIMUM = 2, CALL_TEXTS_MAXIMUM = 100 };

struct call {
    enum operation operation;
    const char *ids[CALL_IDS_MAXIMUM]; /* of the path, in its order */
    const void *input;                 /* of the operation's type */
};

/* The reply's object, for object_free; NULL after a failure, which client->error describes. */
void *call_object(struct orgkeys_client *client, const struct call *call);
void object_free(void *object); /* NULL is allowed */
/* A zeroed one; NULL, and client->error, when there is not enough memory. */
void *object_new(struct orgkeys_client *client, size_t size);
/* Into the object's own memory; false when there is not enough. */
bool object_copy_text(void *object, struct text text, struct text *ret_text);

/* Sends a request; a reply with an error's status is read into client->error. */
struct request;
orgkeys_status call_send(struct orgkeys_client *client, const struct request *request);

/* Whether there is an admin key; refuses otherwise. */
bool call_has_key(struct orgkeys_client *client);
/* What the reply to call_send holds, as call_object gives it. */
void *call_reply(struct orgkeys_client *client, const struct resource *resource);

/* For operations that delete: whether they did. */
orgkeys_status call_delete(struct orgkeys_client *client, const struct call *call);

/* The objects of a list: what each public type of iterator points to. */

/* `client->error` says why it is NULL. `query` is copied. */
void *iterator_new(struct orgkeys_client *client, const struct call *call,
                   const struct list_query *query);
void iterator_free(void *iterator); /* NULL is allowed */
/* NULL at the end, and after a failure; *ret_status says which. */
const void *iterator_next(void *iterator, orgkeys_status *ret_status);
/* Goes to the next page; ORGKEYS_END: there is none. The cursor is of the page behind it; empty:
 * it is the last. It lives until the iterator's next call. */
orgkeys_status iterator_next_page(void *iterator, struct text *ret_cursor);

/* A query that asks for nothing. */
struct list_query call_query(int limit, const char *after);

/* Options as the model has them: zero, and false, are "not given". */
int64_t call_integer(int64_t option);
int64_t call_boolean(bool option);
/* The same for a list, which then lies in `storage`; false when it was refused. */
bool call_texts(struct orgkeys_client *client, const char *const *given, size_t count,
                struct text storage[CALL_TEXTS_MAXIMUM], struct text_list *ret_list);

/* Refuses what a public function was given. */
orgkeys_status call_refuse(struct orgkeys_client *client, const char *why);
/* Whether options have the version that is known; refuses them otherwise. */
bool call_knows(struct orgkeys_client *client, unsigned version, unsigned known);

#endif
