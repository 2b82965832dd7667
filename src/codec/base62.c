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

/* As many digits at once as a remainder of their divisor leaves room for one more byte. */
enum { DIGITS_AT_ONCE = 9 };
static const uint64_t divisor = 13537086546263552; /* 62 to the 9th: below 2^56 */

/* Divides the number in place; gives the remainder. */
static uint64_t divide(unsigned char *number, size_t size)
{
    uint64_t remainder = 0;
    for (size_t i = 0; i < size; i++) {
        uint64_t dividend = remainder << 8 | number[i];
        number[i] = (unsigned char)(dividend / divisor);
        remainder = dividend % divisor;
    }
    return remainder;
}

void base62_from_bytes(unsigned char *number, size_t size, char *ret_digits, size_t digits)
{
    while (digits > 0) {
        size_t count = digits < DIGITS_AT_ONCE ? digits : DIGITS_AT_ONCE;
        digits -= count;
        base62_from_integer(divide(number, size), ret_digits + digits, count);
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

static unsigned value_of(char digit)
{
    if (digit <= '9') {
        return (unsigned)(digit - '0');
    }
    return digit <= 'Z' ? (unsigned)(digit - 'A') + 10 : (unsigned)(digit - 'a') + 36;
}

uint64_t base62_to_integer(struct text digits)
{
    uint64_t number = 0;
    for (size_t i = 0; i < digits.length; i++) {
        number = number * 62 + value_of(digits.data[i]);
    }
    return number;
}
