#ifndef ORGKEYS_BASE_SECRET_H
#define ORGKEYS_BASE_SECRET_H

#include <stdbool.h>
#include <stddef.h>

/* Overwrites memory that held a secret; the compiler may not remove it. NULL with size 0 is
 * allowed. */
void secret_wipe(void *memory, size_t size);

/* Compares in a time that depends on `size` only. */
bool secret_equal(const void *a, const void *b, size_t size);

#endif
