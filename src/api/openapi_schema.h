#ifndef ORGKEYS_API_OPENAPI_SCHEMA_H
#define ORGKEYS_API_OPENAPI_SCHEMA_H

#include <stdbool.h>

#include "base/buffer.h"
#include "model/field.h"

enum { SCHEMAS_MAXIMUM = 96 };

/* The named types met so far, each of which becomes a component of the document. */
struct schema_set {
    const struct object_type *types[SCHEMAS_MAXIMUM];
    bool are_input[SCHEMAS_MAXIMUM]; /* limits are those of requests */
    size_t count;
};

/* {"$ref": ...} of a named type, which is added to the set; the schema itself of another. */
void schema_write_type(struct buffer *buffer, struct schema_set *set,
                       const struct object_type *type, bool is_input);

/* The schema of a field's value. */
void schema_write_field(struct buffer *buffer, struct schema_set *set, const struct field *field,
                        bool is_input);

/* The schema of the set's type `index`, in full; may add types to the set. */
void schema_write_component(struct buffer *buffer, struct schema_set *set, size_t index);

/* {"name": "text"} and the like, for the writers of this folder. */
void schema_write_member(struct buffer *buffer, const char *name, const char *text);

#endif
