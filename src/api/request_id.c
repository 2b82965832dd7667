#include "api/request_id.h"

#include <string.h>

#include "base/clock.h"
#include "os/random.h"

enum { RANDOM_STORE_SIZE = 32 * ID_RANDOM_BYTES };

static _Thread_local unsigned char random_store[RANDOM_STORE_SIZE];
static _Thread_local size_t random_left;

/* Without random bytes an id is still unique in practice, by its microsecond. */
static void take_random(unsigned char *ret_random)
{
    if (random_left == 0) {
        struct result result = random_fill(random_store, sizeof random_store);
        if (result_failed(result)) {
            (void)fault_take();
            memset(random_store, 0, sizeof random_store);
        }
        random_left = sizeof random_store;
    }
    random_left -= ID_RANDOM_BYTES;
    memcpy(ret_random, random_store + random_left, ID_RANDOM_BYTES);
}

struct request_id request_id_make(void)
{
    unsigned char random[ID_RANDOM_BYTES];
    struct request_id id;
    take_random(random);
    id.length = id_write(ID_REQUEST, clock_now_microseconds(), random, id.characters).length;
    return id;
}

struct text request_id_text(const struct request_id *id)
{
    return (struct text){ id->characters, id->length };
}
