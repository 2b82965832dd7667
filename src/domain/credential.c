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

struct result credential_import(struct work *work, struct text value,
                                struct credential *ret_credential)
{
    struct credential credential;
    bool known = false;
    if (!key_text_is_plausible(value)) {
        return work_refuse_value(work, "value",
                                 "expected 16 to 256 visible ASCII characters, and, of a key that "
                                 "orgkeys has issued, all of them");
    }
    TRY(complete(work, value, &credential));
    TRY(work_exists(work, DIGEST_IS_KNOWN, VALUES(credential_digest(&credential)), &known));
    if (known) {
        return work_refuse(work, ERROR_API_KEY_EXISTS, TEXT("value"));
    }
    *ret_credential = credential;
    return RESULT_OK;
}

struct store_value credential_digest(const struct credential *credential)
{
    return store_blob(credential->digest.bytes, sizeof credential->digest.bytes);
}
