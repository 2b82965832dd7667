#ifndef ORGKEYS_CLIENT_REPLY_H
#define ORGKEYS_CLIENT_REPLY_H

#include "base/arena.h"
#include "client/error.h"
#include "codec/json.h"
#include "model/field.h"

/*
 * Replies into structs, by the server's own tables of fields. Members that no table names are
 * ignored; members that are missing are absent, and so are those of a wrong type, unless the table
 * has them as required: these make the reply malformed, which `error` then says. So does an object
 * of a resource, or of a list, without its id.
 */

/* What a reply holds, and the client's struct for it. */
struct resource {
    const struct object_type *type; /* over the client's struct, which begins with the server's */
    const struct object_type *own;  /* the same, of the members behind; NULL: there are none */
};

size_t resource_size(const struct resource *resource);

struct reader {
    struct arena *arena; /* where what is read lies */
    struct orgkeys_error *error;
};

/* Parses a reply within the limits of orgkeys/client.h. */
orgkeys_status reply_parse(struct orgkeys_error *error, struct text body,
                           struct json_value **ret_document);

/* The object must be zeroed. */
orgkeys_status reply_read_object(const struct reader *reader, const struct resource *resource,
                                 const struct json_value *value, void *ret_object);

/* What a list's reply holds, and how it goes on. */
struct reply_page {
    char *items; /* of the resource's struct */
    size_t count;
    /* Of the next page; TEXT_NONE: there is none. Where a reply does not say, there may be one. */
    struct text cursor;
};

orgkeys_status reply_read_page(const struct reader *reader, const struct resource *resource,
                               const struct json_value *value, struct reply_page *ret_page);

/* Fills in what a reply with an error status says; the secrets are not repeated. */
void reply_read_error(struct orgkeys_error *error, struct text body, const struct secrets *secrets);

#endif
