#ifndef ORGKEYS_CODEC_ID_H
#define ORGKEYS_CODEC_ID_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/text.h"

/*
 * An id is a prefix and a body of ID_BODY_LENGTH base62 digits: 10 of the time of its making in
 * microseconds, 14 random ones (83 bits). Ids of one kind therefore sort, bytewise, by the order in
 * which their times were issued.
 */
enum {
    ID_TIME_DIGITS = 10,
    ID_RANDOM_DIGITS = 14,
    ID_BODY_LENGTH = ID_TIME_DIGITS + ID_RANDOM_DIGITS,
    ID_RANDOM_BYTES = 11,
    ID_LENGTH_MAXIMUM = 40,
};

enum id_kind {
    ID_ORGANIZATION,
    ID_PROJECT,
    ID_USER,
    ID_SERVICE_ACCOUNT,
    ID_KEY,
    ID_INVITE,
    ID_SESSION,
    ID_AUDIT_LOG,
    ID_REQUEST,
    ID_KIND_COUNT,
};

/* "proj_" and the like. */
struct text id_prefix(enum id_kind kind);

/* Writes an id, without a NUL. `random` is ID_RANDOM_BYTES fresh random bytes; they are used up. */
struct text id_write(enum id_kind kind, int64_t microseconds, unsigned char *random,
                     char ret_id[ID_LENGTH_MAXIMUM]);

/* The same into the arena; TEXT_NONE without memory. */
struct text id_make(struct arena *arena, enum id_kind kind, int64_t microseconds,
                    unsigned char *random);

/* Whether `text` has the form of an id of that kind. */
bool id_is_valid(enum id_kind kind, struct text text);

/* The time of an id of that kind, or of a lower bound; 0 for anything else. */
int64_t id_time(enum id_kind kind, struct text text);

/* The smallest text that is not before any id of that kind made before `microseconds`. */
struct text id_lower_bound(struct arena *arena, enum id_kind kind, int64_t microseconds);

#endif
