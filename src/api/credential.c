#include "api/credential.h"

#include "codec/key_text.h"

struct carrier {
    struct text name;
    bool has_scheme;
};

static const struct carrier carriers[] = {
    { { "Authorization", 13 }, true },
    { { "x-api-key", 9 }, false },
    { { "api-key", 7 }, false },
};

/* What a header holds; empty for another scheme than Bearer. */
static struct text credential_of(const struct carrier *carrier, struct text value)
{
    if (!carrier->has_scheme) {
        return value;
    }
    struct text scheme = text_cut(&value, ' ');
    return text_equal_ignoring_case(scheme, TEXT("Bearer")) ? text_trim(value) : TEXT("");
}

enum error credential_find(const struct http_request *request, struct text *ret_key)
{
    struct text key = TEXT_NONE;
    for (size_t i = 0; i < sizeof carriers / sizeof carriers[0]; i++) {
        size_t count = 0;
        struct text value = http_request_header(request, carriers[i].name, &count);
        if (count == 0) {
            continue;
        }
        struct text credential = credential_of(&carriers[i], value);
        if (count > 1 || (key.data != NULL && !text_equal(key, credential))) {
            return ERROR_MULTIPLE_CREDENTIALS;
        }
        key = credential;
    }
    *ret_key = key;
    return text_is_empty(key) ? ERROR_MISSING_CREDENTIALS : ERROR_NONE;
}

enum keyring_verdict credential_check(struct keyring *keyring, struct text key, int64_t now,
                                      struct digest *ret_digest, struct keyring_holder *ret_holder)
{
    if (!key_text_is_possible(key)) {
        return KEYRING_UNKNOWN;
    }
    if (result_failed(digest_of(key, ret_digest))) {
        return KEYRING_UNCERTAIN;
    }
    enum keyring_verdict verdict = keyring_check(keyring, ret_digest, now, ret_holder);
    /* Garbage is no key, whatever else cannot be said. */
    return verdict == KEYRING_UNCERTAIN && !key_text_is_plausible(key) ? KEYRING_UNKNOWN : verdict;
}

enum error credential_refusal(enum keyring_verdict verdict)
{
    static const enum error errors[] = {
        [KEYRING_UNCERTAIN] = ERROR_VERIFICATION_UNAVAILABLE,
        [KEYRING_UNKNOWN] = ERROR_INVALID_API_KEY,
        [KEYRING_EXPIRED] = ERROR_EXPIRED_API_KEY,
        [KEYRING_PROJECT_ARCHIVED] = ERROR_KEY_OF_ARCHIVED_PROJECT,
        [KEYRING_OWNER_WITHOUT_ACCESS] = ERROR_OWNER_WITHOUT_ACCESS,
        [KEYRING_ADMIN] = ERROR_ADMIN_KEY,
        [KEYRING_ACTIVE] = ERROR_NONE,
    };
    return errors[verdict];
}

bool credential_names_scope(const struct keyring_holder *holder, struct text wanted)
{
    struct text rest = { holder->scopes, holder->scopes_length };
    while (!text_is_empty(rest)) {
        if (text_equal(text_cut(&rest, ' '), wanted)) {
            return true;
        }
    }
    return false;
}
