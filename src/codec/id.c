#include "codec/id.h"

#include <string.h>

#include "base/result.h"
#include "codec/base62.h"

static const struct text id_prefixes[ID_KIND_COUNT] = {
    [ID_ORGANIZATION] = { "org_", 4 }, [ID_PROJECT] = { "proj_", 5 },
    [ID_USER] = { "user_", 5 },        [ID_SERVICE_ACCOUNT] = { "svc_acct_", 9 },
    [ID_KEY] = { "key_", 4 },          [ID_INVITE] = { "invite_", 7 },
    [ID_SESSION] = { "sess_", 5 },     [ID_AUDIT_LOG] = { "audit_log_", 10 },
    [ID_REQUEST] = { "req_", 4 },
};

struct text id_prefix(enum id_kind kind)
{
    ASSERT(kind < ID_KIND_COUNT);
    return id_prefixes[kind];
}

struct text id_write(enum id_kind kind, int64_t microseconds, unsigned char *random,
                     char ret_id[ID_LENGTH_MAXIMUM])
{
    struct text prefix = id_prefix(kind);
    char *body = ret_id + prefix.length;
    memcpy(ret_id, prefix.data, prefix.length);
    base62_from_integer((uint64_t)microseconds, body, ID_TIME_DIGITS);
    base62_from_bytes(random, ID_RANDOM_BYTES, body + ID_TIME_DIGITS, ID_RANDOM_DIGITS);
    return (struct text){ ret_id, prefix.length + ID_BODY_LENGTH };
}

struct text id_make(struct arena *arena, enum id_kind kind, int64_t microseconds,
                    unsigned char *random)
{
    char id[ID_LENGTH_MAXIMUM];
    return arena_copy(arena, id_write(kind, microseconds, random, id));
}

bool id_is_valid(enum id_kind kind, struct text text)
{
    struct text prefix = id_prefix(kind);
    return text.length == prefix.length + ID_BODY_LENGTH && text_starts_with(text, prefix) &&
           base62_is_valid(text_from(text, prefix.length));
}

struct text id_lower_bound(struct arena *arena, enum id_kind kind, int64_t microseconds)
{
    char digits[ID_TIME_DIGITS];
    base62_from_integer((uint64_t)(microseconds > 0 ? microseconds : 0), digits, sizeof digits);
    return arena_format(arena, "%.*s%.*s", TEXT_ARGUMENTS(id_prefix(kind)), (int)sizeof digits,
                        digits);
}

int64_t id_time(enum id_kind kind, struct text text)
{
    struct text prefix = id_prefix(kind);
    struct text digits = text_until(text_from(text, prefix.length), ID_TIME_DIGITS);
    if (!text_starts_with(text, prefix) || digits.length != ID_TIME_DIGITS ||
        !base62_is_valid(digits)) {
        return 0;
    }
    return (int64_t)base62_to_integer(digits);
}
