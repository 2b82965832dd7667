#ifndef ORGKEYS_TESTS_FUZZ_OBJECTS_H
#define ORGKEYS_TESTS_FUZZ_OBJECTS_H

#include <stdbool.h>
#include <stddef.h>

#include "model/field.h"

/* Whether the type is one of these: a target knows those of every operation. */
bool objects_include(const struct object_type *const *types, size_t count,
                     const struct object_type *type);
/* What a request was read into: every field within the limits of its table. */
void objects_require_limits(const struct object_type *type, const void *object);
/* Whether two hold the same. */
bool objects_equal(const struct object_type *type, const void *left, const void *right);

#endif
