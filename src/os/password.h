#ifndef ORGKEYS_OS_PASSWORD_H
#define ORGKEYS_OS_PASSWORD_H

#include <stdbool.h>

#include "base/arena.h"
#include "base/result.h"
#include "base/text.h"

/*
 * Passwords of people: argon2id (RFC 9106) with 64 MiB and two passes, by libsodium. Each call
 * takes that memory and about a tenth of a second of a processor.
 */

/* Once, before the first thread that hashes. */
struct result password_initialize(void);

/* What is kept of a password: a text with its salt and costs. OVERLOADED without memory. */
struct result password_hash(struct arena *arena, struct text password, struct text *ret_hash);

/* Whether that is kept of it; TEXT_NONE takes as long, and is false. OVERLOADED without memory. */
struct result password_compare(struct text password, struct text kept, bool *ret_equal);

#endif
