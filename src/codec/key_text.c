#include "codec/key_text.h"

#include <string.h>
#include <zlib.h>

#include "base/result.h"
#include "codec/base62.h"

static const struct text key_text_prefixes[KEY_TEXT_KIND_COUNT] = {
    [KEY_TEXT_ADMIN] = { "sk-admin-", 9 },
    [KEY_TEXT_USER] = { "sk-proj-", 8 },
    [KEY_TEXT_SERVICE_ACCOUNT] = { "sk-svcacct-", 11 },
    [KEY_TEXT_INVITE] = { "invite-", 7 },
    [KEY_TEXT_SESSION] = { "session-", 8 },
    [KEY_TEXT_PASSWORD] = { "password-link-", 14 },
};

static void write_checksum(struct text text, char *ret_digits)
{
    uLong checksum = crc32(0, (const Bytef *)text.data, (uInt)text.length);
    base62_from_integer(checksum, ret_digits, KEY_TEXT_CHECKSUM_LENGTH);
}

struct text key_text_make(struct arena *arena, enum key_text_kind kind, unsigned char *random)
{
    ASSERT(kind < KEY_TEXT_KIND_COUNT);
    struct text prefix = key_text_prefixes[kind];
    size_t unchecked = prefix.length + KEY_TEXT_BODY_LENGTH;
    char *key = arena_allocate(arena, unchecked + KEY_TEXT_CHECKSUM_LENGTH + 1);
    if (key == NULL) {
        return TEXT_NONE;
    }
    memcpy(key, prefix.data, prefix.length);
    base62_from_bytes(random, KEY_TEXT_RANDOM_BYTES, key + prefix.length, KEY_TEXT_BODY_LENGTH);
    write_checksum((struct text){ key, unchecked }, key + unchecked);
    return (struct text){ key, unchecked + KEY_TEXT_CHECKSUM_LENGTH };
}

/* Whether it has the prefix and the length of a kind, whatever it holds. */
static bool has_shape(enum key_text_kind kind, struct text text)
{
    struct text prefix = key_text_prefixes[kind];
    return text.length == prefix.length + KEY_TEXT_BODY_LENGTH + KEY_TEXT_CHECKSUM_LENGTH &&
           text_starts_with(text, prefix);
}

static bool has_right_checksum(struct text text)
{
    char expected[KEY_TEXT_CHECKSUM_LENGTH];
    struct text unchecked = text_until(text, text.length - sizeof expected);
    write_checksum(unchecked, expected);
    return memcmp(expected, text.data + unchecked.length, sizeof expected) == 0;
}

bool key_text_is_kind(enum key_text_kind kind, struct text text)
{
    ASSERT(kind < KEY_TEXT_KIND_COUNT);
    return has_shape(kind, text) &&
           base62_is_valid(text_from(text, key_text_prefixes[kind].length)) &&
           has_right_checksum(text);
}

bool key_text_is_possible(struct text text)
{
    return text.length >= KEY_TEXT_LENGTH_MINIMUM && text.length <= KEY_TEXT_LENGTH_MAXIMUM &&
           text_is_visible(text);
}

bool key_text_is_plausible(struct text text)
{
    if (!key_text_is_possible(text)) {
        return false;
    }
    for (enum key_text_kind kind = 0; kind < KEY_TEXT_KIND_COUNT; kind++) {
        if (has_shape(kind, text)) {
            return key_text_is_kind(kind, text);
        }
    }
    return true;
}

struct text key_text_redact(struct arena *arena, struct text text)
{
    struct text shown = text_starts_with(text, TEXT("sk-")) ? TEXT("sk-") : TEXT("");
    for (enum key_text_kind kind = 0; kind < KEY_TEXT_KIND_COUNT; kind++) {
        if (has_shape(kind, text)) {
            shown = text_until(key_text_prefixes[kind], key_text_prefixes[kind].length - 1);
        }
    }
    return arena_format(arena, "%.*s...%.*s", TEXT_ARGUMENTS(shown), 3,
                        text.data + text.length - 3);
}
