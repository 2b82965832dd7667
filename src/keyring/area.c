#include "keyring/area.h"

#include <sys/mman.h>

enum { AREA_STEP = 256 * 1024 };

static size_t whole_steps(size_t bytes)
{
    return (bytes + AREA_STEP - 1) / AREA_STEP * AREA_STEP;
}

struct result area_open(size_t item_size, size_t maximum, struct area *ret_area)
{
    void *memory = mmap(NULL, whole_steps(item_size * maximum), PROT_NONE,
                        MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (memory == MAP_FAILED) {
        return fault(ERROR_INTERNAL, "no addresses for the keyring");
    }
    *ret_area = (struct area){ .memory = memory, .item_size = item_size, .maximum = maximum };
    return RESULT_OK;
}

void area_close(struct area *area)
{
    if (area->memory != NULL) {
        (void)munmap(area->memory, whole_steps(area->item_size * area->maximum));
        area->memory = NULL;
    }
}

size_t area_size(const struct area *area)
{
    return whole_steps(area->ready * area->item_size);
}

struct result area_require(struct area *area, size_t count)
{
    if (count <= area->ready) {
        return RESULT_OK;
    }
    if (count > area->maximum) {
        return fault(ERROR_KEYRING_FULL, "a table of the keyring is full");
    }
    size_t size = whole_steps(count * area->item_size);
    if (mprotect(area->memory, size, PROT_READ | PROT_WRITE) != 0) {
        return fault(ERROR_KEYRING_FULL, "no memory for the keyring");
    }
    size_t ready = size / area->item_size;
    area->ready = ready < area->maximum ? ready : area->maximum;
    return RESULT_OK;
}

void *area_at(const struct area *area, size_t index)
{
    return area->memory + index * area->item_size;
}
