#ifndef ORGKEYS_MODEL_FIELD_H
#define ORGKEYS_MODEL_FIELD_H

#include <stddef.h>
#include <stdint.h>

#include "base/text.h"

/*
 * The objects of the API as data. An object's table of fields drives JSON in (model/decode.h), JSON
 * out (model/encode.h), rows of the database (domain/rows.h), the OpenAPI document (api/openapi.c).
 *
 * In a struct, a text that is absent has data NULL, an integer that is absent is FIELD_ABSENT, a
 * list that is absent has items NULL. JSON null in a request is the same as leaving the field out.
 */
#define FIELD_ABSENT INT64_MIN

enum field_kind {
    FIELD_CONSTANT,    /* always choices[0]; takes no room */
    FIELD_TEXT,        /* struct text */
    FIELD_INTEGER,     /* int64_t */
    FIELD_TIME,        /* int64_t, seconds since 1970 */
    FIELD_BOOLEAN,     /* int64_t, 0 or 1, so that it can be absent */
    FIELD_OBJECT,      /* a struct within the struct; absent when all its texts are */
    FIELD_TEXT_LIST,   /* struct text_list */
    FIELD_OBJECT_LIST, /* struct object_list */
    FIELD_JSON,        /* struct text: JSON that was written before; `type` describes it */
    FIELD_DETAIL,      /* the same, and its name is the text of the struct's `name_offset` */
};

enum field_flag {
    FIELD_REQUIRED = 1,    /* a request must have it; a reply always does */
    FIELD_NULLABLE = 2,    /* may be null; a reply has null when it is absent */
    FIELD_SECRET = 4,      /* a credential: shown in the reply that creates it, and never again */
    FIELD_UNSUPPORTED = 8, /* a request may have it as null only */
    FIELD_OURS = 16,       /* our addition to the contract */
    FIELD_DEPRECATED = 32,
    FIELD_HIDDEN = 64, /* of rows only: not part of the JSON */
};

enum text_format {
    FORMAT_ANY, /* UTF-8 without control characters */
    FORMAT_EMAIL,
    FORMAT_SCOPE, /* scope-token of RFC 6749, 3.3 */
    FORMAT_KEY,   /* visible ASCII */
    FORMAT_ID,    /* no limit of its own: what has not the form of an id is not found */
};

struct text_list {
    const struct text *items;
    size_t count;
};

struct object_list {
    const void *items;
    size_t count;
};

struct object_type;

struct field {
    const char *name;
    enum field_kind kind;
    unsigned flags;
    size_t offset;
    const char *const *choices;     /* the allowed texts, ended by NULL; NULL: any */
    const struct object_type *type; /* of FIELD_OBJECT, FIELD_OBJECT_LIST, FIELD_JSON */
    int64_t minimum;                /* characters of a text, or an integer */
    int64_t maximum;                /* the same, or items of a list; 0: see model/decode.h */
    int64_t item_maximum;           /* characters of a FIELD_TEXT_LIST's items; the same */
    const char *preset; /* of a query: what it is when it is left out, as it would be written */
    enum text_format format; /* of a text, or of a list's items */
    size_t name_offset;      /* FIELD_DETAIL: of the struct text that names it */
    const char *description;
};

struct object_type {
    const char *name; /* in the OpenAPI document */
    const char *description;
    size_t size; /* of the struct */
    const struct field *fields;
    size_t field_count;
};

/* The last two members of an object_type's initialiser, from an array of fields. */
#define FIELDS(array) (array), sizeof(array) / sizeof((array)[0])

/* Sets all that can be absent to absent. The struct must be zeroed. */
void object_clear(const struct object_type *type, void *object);

const struct text *field_text(const struct field *field, const void *object);
const int64_t *field_integer(const struct field *field, const void *object);

/* Whether a FIELD_OBJECT's struct has any of its texts; true when it can have none. */
bool object_is_present(const struct object_type *type, const void *object);

#endif
