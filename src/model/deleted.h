#ifndef ORGKEYS_MODEL_DELETED_H
#define ORGKEYS_MODEL_DELETED_H

#include "model/field.h"

/* The reply to every DELETE: `object` differs, `deleted` is always true. */
struct deleted {
    struct text id;
    int64_t deleted;
};

/* The rows of a type whose `object` is choices[0] of the given array. */
#define DELETED_FIELDS(object_choices)                       \
    {                                                        \
        { .name = "object",                                  \
          .kind = FIELD_CONSTANT,                            \
          .flags = FIELD_REQUIRED,                           \
          .choices = (object_choices) },                     \
            { .name = "id",                                  \
              .kind = FIELD_TEXT,                            \
              .flags = FIELD_REQUIRED,                       \
              .offset = offsetof(struct deleted, id) },      \
            { .name = "deleted",                             \
              .kind = FIELD_BOOLEAN,                         \
              .flags = FIELD_REQUIRED,                       \
              .offset = offsetof(struct deleted, deleted) }, \
    }

#endif
