#ifndef ORGKEYS_CLIENT_REQUEST_H
#define ORGKEYS_CLIENT_REQUEST_H

#include <stdbool.h>

#include "base/buffer.h"
#include "model/field.h"

/* Appends a text as a part of a URL (RFC 3986, 2.3: all but unreserved characters as %XX). */
void request_write_escaped(struct buffer *url, struct text text);

/*
 * Appends a path whose {names} are replaced by `ids`, in their order. False when an id is NULL,
 * empty, "." or "..": none of those would reach what is meant.
 */
bool request_write_path(struct buffer *url, const char *path, const char *const *ids);

/* Appends `name=value&` for each field that is there; lists repeat their name. */
void request_write_query(struct buffer *url, const struct object_type *type, const void *query);
void request_write_parameter(struct buffer *url, struct text name, struct text value);

/*
 * Appends a request's body: what is absent is left out, since null means something to some servers.
 * False when a text is not UTF-8.
 */
bool request_write_input(struct buffer *json, const struct object_type *type, const void *input);

/* The secret of a body, of which none has two; TEXT_NONE: it has none. */
struct text request_find_secret(const struct object_type *type, const void *input);

#endif
