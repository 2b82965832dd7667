#include "api/authentication.h"

#include "api/credential.h"

static struct result find_key(struct work *work, const struct http_request *request,
                              struct text *ret_key)
{
    size_t count = 0;
    struct text value = http_request_header(request, TEXT("Authorization"), &count);
    struct text scheme = text_cut(&value, ' ');
    if (count > 1) {
        return work_refuse(work, ERROR_MULTIPLE_CREDENTIALS, TEXT_NONE);
    }
    if (!text_equal_ignoring_case(scheme, TEXT("Bearer")) || text_is_empty(text_trim(value))) {
        return work_refuse(work, ERROR_MISSING_CREDENTIALS, TEXT_NONE);
    }
    *ret_key = text_trim(value);
    return RESULT_OK;
}

static struct result judge(struct work *work, enum keyring_verdict verdict, bool changes)
{
    switch (verdict) {
    case KEYRING_ADMIN:
        return RESULT_OK;
    case KEYRING_UNCERTAIN:
        return work_refuse(work, ERROR_VERIFICATION_UNAVAILABLE, TEXT_NONE);
    case KEYRING_UNKNOWN:
        break;
    case KEYRING_EXPIRED:
        return work_refuse(work, ERROR_EXPIRED_API_KEY, TEXT_NONE);
    case KEYRING_PROJECT_ARCHIVED:
    case KEYRING_OWNER_WITHOUT_ACCESS:
    case KEYRING_ACTIVE:
        return problem_refuse(&work->problem, ERROR_INSUFFICIENT_PERMISSIONS, TEXT_NONE,
                              changes ? TEXT("write") : TEXT("read"), NULL);
    }
    return work_refuse(work, ERROR_INVALID_API_KEY, TEXT_NONE);
}

static struct result whole_id(struct work *work, enum id_kind kind, const struct keyring_id *id,
                              struct text *ret_id)
{
    struct text whole = arena_format(work->arena, "%.*s%.*s", TEXT_ARGUMENTS(id_prefix(kind)),
                                     ID_BODY_LENGTH, id->body);
    if (whole.data == NULL) {
        return fault(ERROR_INTERNAL, "the memory of a request is used up");
    }
    *ret_id = whole;
    return RESULT_OK;
}

struct result authenticate(struct work *work, struct keyring *keyring,
                           const struct http_request *request, bool changes,
                           struct digest *ret_digest)
{
    struct caller *caller = &work->caller;
    struct text key = TEXT_NONE;
    struct keyring_holder holder;
    TRY(find_key(work, request, &key));
    enum keyring_verdict verdict =
        credential_check(keyring, key, work_time(work), ret_digest, &holder);
    TRY(judge(work, verdict, changes));
    keyring_note_use(keyring, ret_digest, &holder, USE_OF_ADMIN_KEY, work_time(work));
    TRY(whole_id(work, ID_ORGANIZATION, &holder.organization, &caller->organization_id));
    TRY(whole_id(work, ID_KEY, &holder.key, &caller->key_id));
    caller->is_owner = true;
    return whole_id(work, ID_USER, &holder.owner, &caller->user_id);
}

struct result authenticate_again(struct work *work, struct keyring *keyring,
                                 const struct digest *digest, bool changes)
{
    struct keyring_holder holder;
    return judge(work, keyring_check(keyring, digest, work_time(work), &holder), changes);
}
