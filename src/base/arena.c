#include "base/arena.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/secret.h"

enum { ARENA_CHUNK_SIZE = 4096 };

struct arena_chunk {
    struct arena_chunk *next;
    size_t size; /* of `bytes` */
    max_align_t bytes[];
};

void arena_init(struct arena *arena, size_t maximum)
{
    *arena = (struct arena){ .maximum = maximum };
}

void arena_reset(struct arena *arena)
{
    while (arena->chunks != NULL) {
        struct arena_chunk *chunk = arena->chunks;
        arena->chunks = chunk->next;
        secret_wipe(chunk->bytes, chunk->size);
        free(chunk);
    }
    arena->used = 0;
    arena->total = 0;
}

static bool add_chunk(struct arena *arena, size_t needed)
{
    size_t size = needed > ARENA_CHUNK_SIZE ? needed : ARENA_CHUNK_SIZE;
    if (size > arena->maximum - arena->total) {
        size = needed;
    }
    if (size > arena->maximum - arena->total) {
        return false;
    }
    struct arena_chunk *chunk = calloc(1, sizeof *chunk + size);
    if (chunk == NULL) {
        return false;
    }
    chunk->next = arena->chunks;
    chunk->size = size;
    arena->chunks = chunk;
    arena->used = 0;
    arena->total += size;
    return true;
}

void *arena_allocate(struct arena *arena, size_t size)
{
    size_t alignment = _Alignof(max_align_t);
    if (size > arena->maximum) {
        return NULL;
    }
    size = (size + alignment - 1) / alignment * alignment;
    if (arena->chunks == NULL || arena->chunks->size - arena->used < size) {
        if (!add_chunk(arena, size)) {
            return NULL;
        }
    }
    void *memory = (char *)arena->chunks->bytes + arena->used;
    arena->used += size;
    return memory;
}

void *arena_allocate_array(struct arena *arena, size_t count, size_t size)
{
    size_t bytes;
    if (__builtin_mul_overflow(count, size, &bytes)) {
        return NULL;
    }
    return arena_allocate(arena, bytes);
}

struct text arena_copy(struct arena *arena, struct text text)
{
    if (text.data == NULL || text.length >= arena->maximum) {
        return TEXT_NONE;
    }
    char *copy = arena_allocate(arena, text.length + 1);
    if (copy == NULL) {
        return TEXT_NONE;
    }
    memcpy(copy, text.data, text.length);
    return (struct text){ copy, text.length };
}

struct text arena_format(struct arena *arena, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    int length = vsnprintf(NULL, 0, format, arguments);
    va_end(arguments);
    char *formatted = length >= 0 ? arena_allocate(arena, (size_t)length + 1) : NULL;
    if (formatted == NULL) {
        return TEXT_NONE;
    }
    va_start(arguments, format);
    (void)vsnprintf(formatted, (size_t)length + 1, format, arguments);
    va_end(arguments);
    return (struct text){ formatted, (size_t)length };
}
