#include "domain/callers.h"

#include "codec/digest.h"
#include "codec/key_text.h"

struct key_holder {
    struct text key_id;
    struct text organization_id;
    int64_t expires_at;
    struct text user_id;
    struct text user_email;
};

static const struct field key_holder_fields[] = {
    { .name = "key_id", .kind = FIELD_TEXT, .offset = offsetof(struct key_holder, key_id) },
    { .name = "organization_id",
      .kind = FIELD_TEXT,
      .offset = offsetof(struct key_holder, organization_id) },
    { .name = "expires_at", .kind = FIELD_TIME, .offset = offsetof(struct key_holder, expires_at) },
    { .name = "user_id", .kind = FIELD_TEXT, .offset = offsetof(struct key_holder, user_id) },
    { .name = "user_email", .kind = FIELD_TEXT, .offset = offsetof(struct key_holder, user_email) },
};
static const struct object_type key_holder_type = { "KeyHolder", "", sizeof(struct key_holder),
                                                    FIELDS(key_holder_fields) };

/* The key is no admin key: tells a project's key from one that nobody has. */
static struct result refuse_other_key(struct work *work, const struct store_value *digest,
                                      bool changes)
{
    void *found = NULL;
    TRY(work_find(work, PROJECT_API_KEY_RECOGNIZE, digest, 1, &key_holder_type, &found));
    const struct key_holder *holder = found;
    if (holder == NULL) {
        return work_refuse(work, ERROR_INVALID_API_KEY, TEXT_NONE);
    }
    if (work_has_passed(work, holder->expires_at)) {
        return work_refuse(work, ERROR_EXPIRED_API_KEY, TEXT_NONE);
    }
    return problem_refuse(&work->problem, ERROR_INSUFFICIENT_PERMISSIONS, TEXT_NONE,
                          changes ? TEXT("write") : TEXT("read"), NULL);
}

struct result caller_authenticate(struct work *work, struct text key, bool changes)
{
    struct digest digest;
    void *found = NULL;
    if (!key_text_is_plausible(key)) {
        return work_refuse(work, ERROR_INVALID_API_KEY, TEXT_NONE);
    }
    TRY(digest_of(key, &digest));
    struct store_value value = store_blob(digest.bytes, sizeof digest.bytes);
    TRY(work_find(work, ADMIN_API_KEY_AUTHENTICATE, &value, 1, &key_holder_type, &found));
    const struct key_holder *holder = found;
    if (holder == NULL) {
        return refuse_other_key(work, &value, changes);
    }
    if (work_has_passed(work, holder->expires_at)) {
        return work_refuse(work, ERROR_EXPIRED_API_KEY, TEXT_NONE);
    }
    work->caller.organization_id = holder->organization_id;
    work->caller.key_id = holder->key_id;
    work->caller.user_id = holder->user_id;
    work->caller.user_email = holder->user_email;
    return RESULT_OK;
}

struct result caller_recheck(struct work *work)
{
    bool valid = false;
    TRY(work_exists(work, ADMIN_API_KEY_STILL_VALID,
                    VALUES(store_text(work->caller.organization_id),
                           store_text(work->caller.key_id), store_integer(work_time(work))),
                    &valid));
    return valid ? RESULT_OK : work_refuse(work, ERROR_INVALID_API_KEY, TEXT_NONE);
}
