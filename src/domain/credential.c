#include "domain/credential.h"

#include "os/random.h"

static struct result complete(struct work *work, struct text value,
                              struct credential *ret_credential)
{
    struct credential credential = { .value = value };
    TRY(digest_of(value, &credential.digest));
    credential.redacted_value = key_text_redact(work->arena, value);
    if (credential.redacted_value.data == NULL) {
        return fault(ERROR_INTERNAL, "the memory of a request is used up");
    }
    *ret_credential = credential;
    return RESULT_OK;
}

struct result credential_issue(struct work *work, enum key_text_kind kind,
                               struct credential *ret_credential)
{
    unsigned char random[KEY_TEXT_RANDOM_BYTES];
    TRY(random_fill(random, sizeof random));
    struct text value = key_text_make(work->arena, kind, random);
    if (value.data == NULL) {
        return fault(ERROR_INTERNAL, "the memory of a request is used up");
    }
    return complete(work, value, ret_credential);
}

/*
 * Whether the digest is a live key's. A row whose owner is gone, or was demoted, may still wait for
 * the sweeper; it gives its digest up.
 */
static struct result require_unknown(struct work *work, const struct store_value *digest)
{
    static const struct {
        enum statement find;
        enum statement forget;
    } places[] = {
        { PROJECT_API_KEY_RECOGNIZE, PROJECT_API_KEY_FORGET },
        { ADMIN_API_KEY_AUTHENTICATE, ADMIN_API_KEY_FORGET },
    };
    for (size_t i = 0; i < sizeof places / sizeof places[0]; i++) {
        bool known = false;
        int64_t forgotten = 0;
        TRY(work_exists(work, places[i].find, digest, 1, &known));
        if (known) {
            return work_refuse(work, ERROR_API_KEY_EXISTS, TEXT("value"));
        }
        TRY(store_execute(work->session, places[i].forget, digest, 1, &forgotten));
    }
    return RESULT_OK;
}

/* One secret has one meaning. */
static bool is_of_a_person(struct text value)
{
    return key_text_is_kind(KEY_TEXT_INVITE, value) || key_text_is_kind(KEY_TEXT_SESSION, value) ||
           key_text_is_kind(KEY_TEXT_PASSWORD, value);
}

struct result credential_import(struct work *work, struct text value,
                                struct credential *ret_credential)
{
    struct credential credential;
    if (!key_text_is_plausible(value) || is_of_a_person(value)) {
        return work_refuse_value(
            work, "value",
            "expected 16 to 256 visible ASCII characters, and, of a key that "
            "orgkeys has issued, all of them; not the token of an invite, of a "
            "session or of a password link");
    }
    TRY(complete(work, value, &credential));
    struct store_value digest = credential_digest(&credential);
    struct key_change forgotten = { .kind = KEY_ENDED, .digest = credential.digest };
    TRY(require_unknown(work, &digest));
    /* The keyring may still hold what the store has just forgotten, and finds one key a digest. */
    TRY(work_follow(work, &forgotten));
    *ret_credential = credential;
    return RESULT_OK;
}

struct store_value credential_digest(const struct credential *credential)
{
    return store_blob(credential->digest.bytes, sizeof credential->digest.bytes);
}
