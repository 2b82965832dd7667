#include "codec/base62.h"

static const char base62_digits[] =
    "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

void base62_from_integer(uint64_t number, char *ret_digits, size_t digits)
{
    while (digits > 0) {
        ret_digits[--digits] = base62_digits[number % 62];
        number /= 62;
    }
}

/* Divides the number by 62 in place; gives the remainder. */
static unsigned divide(unsigned char *number, size_t size)
{
    unsigned remainder = 0;
    for (size_t i = 0; i < size; i++) {
        unsigned dividend = remainder << 8 | number[i];
        number[i] = (unsigned char)(dividend / 62);
        remainder = dividend % 62;
    }
    return remainder;
}

void base62_from_bytes(unsigned char *number, size_t size, char *ret_digits, size_t digits)
{
    while (digits > 0) {
        ret_digits[--digits] = base62_digits[divide(number, size)];
    }
}

bool base62_is_valid(struct text text)
{
    for (size_t i = 0; i < text.length; i++) {
        char byte = text.data[i];
        if (!((byte >= '0' && byte <= '9') || (byte >= 'A' && byte <= 'Z') ||
              (byte >= 'a' && byte <= 'z'))) {
            return false;
        }
    }
    return true;
}
