#include "domain/key_uses.h"

#include <stdlib.h>
#include <string.h>

/* Whose key it was; a service account has no such time. */
struct user_of_key {
    struct text organization_id;
    struct text user_id;
};

static const struct field user_fields[] = {
    { .name = "organization_id",
      .kind = FIELD_TEXT,
      .offset = offsetof(struct user_of_key, organization_id) },
    { .name = "user_id",
      .kind = FIELD_TEXT,
      .flags = FIELD_NULLABLE,
      .offset = offsetof(struct user_of_key, user_id) },
};
static const struct object_type user_of_key_type = { "UserOfKey", "", sizeof(struct user_of_key),
                                                     FIELDS(user_fields) };

static int compare(const void *left, const void *right)
{
    const struct key_use *a = left;
    const struct key_use *b = right;
    return memcmp(a->digest.bytes, b->digest.bytes, DIGEST_SIZE);
}

static struct result record(struct work *work, const struct key_use *use)
{
    void *found = NULL;
    TRY(work_find(work, use->is_admin_key ? ADMIN_API_KEY_USE : PROJECT_API_KEY_USE,
                  VALUES(store_blob(use->digest.bytes, DIGEST_SIZE), store_integer(use->used_at)),
                  &user_of_key_type, &found));
    const struct user_of_key *user = found;
    if (user == NULL || user->user_id.data == NULL) {
        return RESULT_OK;
    }
    return store_execute(work->session, USER_KEY_USE,
                         VALUES(store_text(user->organization_id), store_text(user->user_id),
                                store_integer(use->used_at)),
                         NULL);
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
