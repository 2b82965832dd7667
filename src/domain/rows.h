#ifndef ORGKEYS_DOMAIN_ROWS_H
#define ORGKEYS_DOMAIN_ROWS_H

#include "base/arena.h"
#include "base/result.h"
#include "model/field.h"
#include "store/store.h"

/*
 * Rows of the database into structs of the model. A column goes to the field whose path is its
 * name: `name`, or "owner.user.id" for a field within objects.
 */

struct row_binding {
    const struct object_type *type;
    const struct field *fields[STORE_VALUES_MAXIMUM]; /* one a column */
    size_t offsets[STORE_VALUES_MAXIMUM]; /* of each from the start of the outermost struct */
    size_t count;
};

/* A column without a field is a fault of the program. */
struct result row_bind(const struct object_type *type, const struct store_row *row,
                       struct row_binding *ret_binding);

/* Fills a zeroed struct; texts are copied into the arena. */
struct result row_read(const struct row_binding *binding, const struct store_row *row,
                       struct arena *arena, void *object);

#endif
