#include "keyring/uses.h"

#include <sys/mman.h>

enum { USES_SIZE = USES_MAXIMUM * sizeof(struct key_use) };

struct result uses_open(struct uses *uses)
{
    void *memory =
        mmap(NULL, USES_SIZE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED) {
        return fault(ERROR_INTERNAL, "no memory for the uses of keys");
    }
    *uses = (struct uses){ .items = memory };
    (void)pthread_mutex_init(&uses->lock, NULL);
    return RESULT_OK;
}

void uses_close(struct uses *uses)
{
    if (uses->items != NULL) {
        (void)pthread_mutex_destroy(&uses->lock);
        (void)munmap(uses->items, USES_SIZE);
    }
}

bool uses_add(struct uses *uses, const struct key_use *use)
{
    (void)pthread_mutex_lock(&uses->lock);
    bool has_room = uses->count < USES_MAXIMUM;
    if (has_room) {
        uses->items[(uses->first + uses->count++) % USES_MAXIMUM] = *use;
    }
    (void)pthread_mutex_unlock(&uses->lock);
    return has_room;
}

size_t uses_take(struct uses *uses, struct key_use *ret_uses, size_t maximum)
{
    (void)pthread_mutex_lock(&uses->lock);
    size_t count = uses->count < maximum ? uses->count : maximum;
    for (size_t i = 0; i < count; i++) {
        ret_uses[i] = uses->items[(uses->first + i) % USES_MAXIMUM];
    }
    uses->count -= count;
    uses->first = uses->count > 0 ? (uses->first + count) % USES_MAXIMUM : 0;
    (void)pthread_mutex_unlock(&uses->lock);
    return count;
}
