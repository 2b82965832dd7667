#ifndef ORGKEYS_BASE_ARENA_H
#define ORGKEYS_BASE_ARENA_H

#include <stddef.h>

#include "base/text.h"

/*
 * The memory of one request or one job: allocated piece by piece, given back all at once and
 * wiped. It never holds more than its maximum. Not safe for two threads at once; it may be handed
 * from one to the next.
 */
struct arena_chunk;

struct arena {
    struct arena_chunk *chunks; /* the newest first */
    size_t used;                /* of the newest chunk */
    size_t total;               /* bytes of all chunks */
    size_t maximum;
};

void arena_init(struct arena *arena, size_t maximum);
/* Wipes and frees all; the arena can be used again. */
void arena_reset(struct arena *arena);

/* Zeroed, aligned for any object. NULL when the maximum is reached or the system has no memory. */
void *arena_allocate(struct arena *arena, size_t size);
/* `count` objects of `size` bytes; NULL also when the product overflows. */
void *arena_allocate_array(struct arena *arena, size_t count, size_t size);
/* A copy, followed by a NUL that is not part of the length. data is NULL when there is no memory.
 */
struct text arena_copy(struct arena *arena, struct text text);
/* printf into the arena; the same limits. */
struct text arena_format(struct arena *arena, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

#endif
