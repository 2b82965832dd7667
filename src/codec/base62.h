#ifndef ORGKEYS_CODEC_BASE62_H
#define ORGKEYS_CODEC_BASE62_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/text.h"

/* Digits 0-9, A-Z, a-z, in the order of their bytes: texts of one length sort as their numbers. */

/* Writes the lowest `digits` digits of a number, the most significant first; no NUL. */
void base62_from_integer(uint64_t number, char *ret_digits, size_t digits);

/* The same for a big-endian number of `size` bytes, which is overwritten with zeros. */
void base62_from_bytes(unsigned char *number, size_t size, char *ret_digits, size_t digits);

bool base62_is_valid(struct text text);

/* The number of valid digits, at most 10 of them: 62^10 is below 2^60. */
uint64_t base62_to_integer(struct text digits);

#endif
