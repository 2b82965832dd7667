#include "domain/key_uses.h"

#include <stdlib.h>
#include <string.h>

static int compare(const void *left, const void *right)
{
    const struct key_use *a = left;
    const struct key_use *b = right;
    return memcmp(a->digest.bytes, b->digest.bytes, DIGEST_SIZE);
}

/* What is written of each kind; of the person too, where that is told. */
static const struct {
    enum statement used;
    enum statement person; /* STATEMENT_COUNT: none */
} places[] = {
    [USE_OF_PROJECT_KEY] = { PROJECT_API_KEY_USE, USER_PROJECT_API_KEY_USE },
    [USE_OF_ADMIN_KEY] = { ADMIN_API_KEY_USE, USER_ADMIN_API_KEY_USE },
    [USE_OF_SESSION] = { SESSION_USE, STATEMENT_COUNT },
};

/* Nobody waits for either of them: a transaction of many uses holds up few others. */
static struct result record(struct work *work, const struct key_use *use)
{
    const struct store_value values[] = { store_blob(use->digest.bytes, DIGEST_SIZE),
                                          store_integer(use->used_at) };
    if (places[use->kind].person != STATEMENT_COUNT) {
        TRY(store_execute(work->session, places[use->kind].person, values, 2, NULL));
    }
    return store_execute(work->session, places[use->kind].used, values, 2, NULL);
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
