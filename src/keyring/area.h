#ifndef ORGKEYS_KEYRING_AREA_H
#define ORGKEYS_KEYRING_AREA_H

#include <stddef.h>

#include "base/result.h"

/*
 * An array that grows without moving, so that readers need no lock and no pointer changes: the
 * addresses of its maximum are set aside at birth, memory comes as it is needed.
 */
struct area {
    char *memory;
    size_t item_size;
    size_t maximum; /* items */
    size_t ready;   /* items that have memory; new ones are zero */
};

struct result area_open(size_t item_size, size_t maximum, struct area *ret_area);
void area_close(struct area *area);

/* Memory for at least `count` items: KEYRING_FULL when there is none, or past the maximum. */
struct result area_require(struct area *area, size_t count);

void *area_at(const struct area *area, size_t index);

/* Bytes that have memory. */
size_t area_size(const struct area *area);

#endif
