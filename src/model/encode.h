#ifndef ORGKEYS_MODEL_ENCODE_H
#define ORGKEYS_MODEL_ENCODE_H

#include <stdbool.h>

#include "base/buffer.h"
#include "model/field.h"

/* A page of a list by the rules that are safe for all SDKs. */
struct page {
    const struct object_type *type; /* of the items; its struct begins with `struct text id` */
    const void *items;              /* an array of that struct */
    size_t count;
    bool has_more;
};

/* Appends the object as JSON. Look at buffer->failed afterwards. */
void model_encode(struct buffer *buffer, const struct object_type *type, const void *object);
void model_encode_page(struct buffer *buffer, const struct page *page);

/* A JSON array of texts, or of objects. */
void model_encode_texts(struct buffer *buffer, const struct text_list *list);
void model_encode_objects(struct buffer *buffer, const struct object_type *type,
                          const struct object_list *list);

#endif
