#include "domain/callers.h"

struct key_holder {
    int64_t expires_at;
    struct text user_email;
};

static const struct field key_holder_fields[] = {
    { .name = "expires_at", .kind = FIELD_TIME, .offset = offsetof(struct key_holder, expires_at) },
    { .name = "user_email", .kind = FIELD_TEXT, .offset = offsetof(struct key_holder, user_email) },
};
static const struct object_type key_holder_type = { "KeyHolder", "", sizeof(struct key_holder),
                                                    FIELDS(key_holder_fields) };

struct result caller_recheck(struct work *work)
{
    void *found = NULL;
    TRY(work_get(work, ADMIN_API_KEY_HOLDER,
                 VALUES(store_text(work->caller.organization_id), store_text(work->caller.key_id)),
                 &key_holder_type, ERROR_INVALID_API_KEY, &found));
    const struct key_holder *holder = found;
    if (work_has_passed(work, holder->expires_at)) {
        return work_refuse(work, ERROR_EXPIRED_API_KEY, TEXT_NONE);
    }
    work->caller.user_email = holder->user_email;
    return RESULT_OK;
}
