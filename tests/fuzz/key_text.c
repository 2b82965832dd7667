/*
 * Texts of keys, ids and digests: the input is read as each of them, and keys and ids are made of
 * its bytes. What is made is recognized, and what is recognized is what would be made; a key with
 * one wrong character is none.
 */
#include <string.h>

#include "base/arena.h"
#include "codec/base62.h"
#include "codec/digest.h"
#include "codec/id.h"
#include "codec/key_text.h"
#include "fuzz.h"

enum { MEMORY_MAXIMUM = 64 * 1024, REDACTED_MAXIMUM = sizeof "password-link...abc" - 1 };

/* ---- Keys ---- */

static unsigned digit_value(char digit)
{
    if (digit <= '9') {
        return (unsigned)(digit - '0');
    }
    return digit <= 'Z' ? (unsigned)(digit - 'A') + 10 : (unsigned)(digit - 'a') + 36;
}

/* False for what is more than 256 bits: it was never made. */
static bool number_of(struct text digits, unsigned char ret_number[KEY_TEXT_RANDOM_BYTES])
{
    unsigned carry = 0;
    memset(ret_number, 0, KEY_TEXT_RANDOM_BYTES);
    for (size_t i = 0; i < digits.length && carry == 0; i++) {
        carry = digit_value(digits.data[i]);
        for (size_t at = KEY_TEXT_RANDOM_BYTES; at > 0; at--) {
            carry += ret_number[at - 1] * 62U;
            ret_number[at - 1] = (unsigned char)carry;
            carry >>= 8;
        }
    }
    return carry == 0;
}

static void require_remade(struct arena *arena, enum key_text_kind kind, struct text text)
{
    enum { END = KEY_TEXT_BODY_LENGTH + KEY_TEXT_CHECKSUM_LENGTH };
    unsigned char number[KEY_TEXT_RANDOM_BYTES];
    struct text body = text_until(text_from(text, text.length - END), KEY_TEXT_BODY_LENGTH);
    if (number_of(body, number)) {
        struct text again = key_text_make(arena, kind, number);
        ASSERT(text_equal(text, again));
    }
}

/* CRC-32 sees every change within 32 bits in a row. */
static void require_every_change_seen(enum key_text_kind kind, struct text text)
{
    char copy[KEY_TEXT_LENGTH_MAXIMUM];
    struct text changed = { copy, text.length };
    ASSERT(text.length <= sizeof copy);
    memcpy(copy, text.data, text.length);
    for (size_t i = 0; i < text.length; i++) {
        copy[i] = text.data[i] == 'z' ? '0' : (char)(text.data[i] + 1);
        ASSERT(!key_text_is_kind(kind, changed));
        copy[i] = text.data[i];
    }
}

static void require_redacted(struct arena *arena, struct text text)
{
    struct text redacted = key_text_redact(arena, text);
    ASSERT(redacted.data != NULL && redacted.length <= REDACTED_MAXIMUM);
    ASSERT(text_ends_with(redacted, text_from(text, text.length - 3)));
}

static void read_key(struct arena *arena, struct text text)
{
    unsigned kinds = 0;
    for (enum key_text_kind kind = 0; kind < KEY_TEXT_KIND_COUNT; kind++) {
        if (key_text_is_kind(kind, text)) {
            kinds++;
            ASSERT(key_text_is_plausible(text));
            require_remade(arena, kind, text);
            require_every_change_seen(kind, text);
        }
    }
    ASSERT(kinds <= 1);
    if (key_text_is_possible(text)) {
        require_redacted(arena, text);
    } else {
        ASSERT(!key_text_is_plausible(text));
    }
}

static void copy_start(struct text bytes, void *ret_start, size_t size)
{
    memcpy(ret_start, bytes.data, bytes.length < size ? bytes.length : size);
}

static void make_key(struct arena *arena, struct text bytes)
{
    enum key_text_kind kind = (unsigned char)bytes.data[0] % KEY_TEXT_KIND_COUNT;
    unsigned char random[KEY_TEXT_RANDOM_BYTES] = { 0 };
    copy_start(bytes, random, sizeof random);
    struct text key = key_text_make(arena, kind, random);
    ASSERT(key_text_is_kind(kind, key));
    read_key(arena, key);
}

/* ---- Ids and digests ---- */

static void read_id(struct arena *arena, struct text text)
{
    for (enum id_kind kind = 0; kind < ID_KIND_COUNT; kind++) {
        int64_t time = id_time(kind, text);
        char digits[ID_TIME_DIGITS];
        if (!id_is_valid(kind, text)) {
            continue;
        }
        base62_from_integer((uint64_t)time, digits, sizeof digits);
        ASSERT(text_starts_with(text_from(text, id_prefix(kind).length),
                                (struct text){ digits, sizeof digits }));
        ASSERT(text_compare(id_lower_bound(arena, kind, time), text) <= 0);
        ASSERT(text_compare(id_lower_bound(arena, kind, time + 1), text) > 0 ||
               time + 1 == INT64_C(839299365868340224)); /* 62 to the 10th has no digits left */
    }
}

static void make_id(struct arena *arena, struct text bytes)
{
    enum { TIME_BITS = 59 };
    enum id_kind kind = (unsigned char)bytes.data[0] % ID_KIND_COUNT;
    unsigned char random[ID_RANDOM_BYTES] = { 0 };
    uint64_t time = 0;
    copy_start(bytes, random, sizeof random);
    copy_start(bytes, &time, sizeof time);
    time &= (UINT64_C(1) << TIME_BITS) - 1;
    struct text id = id_make(arena, kind, (int64_t)time, random);
    ASSERT(id_is_valid(kind, id) && id_time(kind, id) == (int64_t)time);
    read_id(arena, id);
}

static void read_digest(struct text text)
{
    struct digest digest;
    char written[DIGEST_HEXADECIMAL_LENGTH];
    if (digest_from_hexadecimal(text, &digest)) {
        digest_to_hexadecimal(&digest, written);
        ASSERT(text_equal(text, (struct text){ written, sizeof written }));
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena arena;
    struct text text = { (const char *)data, size };
    arena_init(&arena, MEMORY_MAXIMUM);
    read_key(&arena, text);
    read_id(&arena, text);
    read_digest(text);
    if (size > 0) {
        make_key(&arena, text);
        make_id(&arena, text);
    }
    arena_reset(&arena);
    return 0;
}
