#include "domain/key_uses.h"

#include <stdlib.h>
#include <string.h>

static int compare(const void *left, const void *right)
{
    const struct key_use *a = left;
    const struct key_use *b = right;
    return memcmp(a->digest.bytes, b->digest.bytes, DIGEST_SIZE);
}

/* Nobody waits for either of them: a transaction of many uses holds up few others. */
static struct result record(struct work *work, const struct key_use *use)
{
    const struct store_value values[] = { store_blob(use->digest.bytes, DIGEST_SIZE),
                                          store_integer(use->used_at) };
    TRY(store_execute(work->session,
                      use->is_admin_key ? USER_ADMIN_API_KEY_USE : USER_PROJECT_API_KEY_USE, values,
                      2, NULL));
    return store_execute(work->session, use->is_admin_key ? ADMIN_API_KEY_USE : PROJECT_API_KEY_USE,
                         values, 2, NULL);
}

struct result key_uses_record(struct work *work, struct key_use *uses, size_t count)
{
    ASSERT(count <= KEY_USES_MAXIMUM);
    qsort(uses, count, sizeof *uses, compare);
    for (size_t i = 0; i < count; i++) {
        TRY(record(work, &uses[i]));
    }
    return RESULT_OK;
}
