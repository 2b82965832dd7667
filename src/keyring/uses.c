#include "keyring/uses.h"

#include <string.h>
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
        uses->items[uses->count++] = *use;
    }
    (void)pthread_mutex_unlock(&uses->lock);
    return has_room;
}

size_t uses_take(struct uses *uses, struct key_use *ret_uses, size_t maximum)
{
    (void)pthread_mutex_lock(&uses->lock);
    size_t count = uses->count < maximum ? uses->count : maximum;
    uses->count -= count;
    memcpy(ret_uses, uses->items + uses->count, count * sizeof *ret_uses);
    (void)pthread_mutex_unlock(&uses->lock);
    return count;
}
