#ifndef ORGKEYS_KEYRING_USES_H
#define ORGKEYS_KEYRING_USES_H

#include <pthread.h>
#include <stddef.h>

#include "base/result.h"
#include "model/key_use.h"

/*
 * Uses of keys that wait to be written: any thread adds, one takes. The lock is held for a copy of
 * one use, or of those that are taken, never for a wait.
 */
enum { USES_MAXIMUM = 256 * 1024 };

struct uses {
    pthread_mutex_t lock;
    struct key_use *items; /* a mapping: pages that were never used take no memory */
    size_t first;          /* the oldest; behind the last item comes the first one again */
    size_t count;
};

struct result uses_open(struct uses *uses);
void uses_close(struct uses *uses);

/* False when there is no room. */
bool uses_add(struct uses *uses, const struct key_use *use);
/* The oldest; how many were taken. */
size_t uses_take(struct uses *uses, struct key_use *ret_uses, size_t maximum);

#endif
