#ifndef ORGKEYS_OS_RANDOM_H
#define ORGKEYS_OS_RANDOM_H

#include <stddef.h>

#include "base/result.h"

/*
 * Fills memory from the kernel's generator, whole or not at all: no secret is ever made of fewer
 * random bytes than asked for. Waits while the kernel gathers its first entropy, early in a boot.
 */
struct result random_fill(void *memory, size_t size);

#endif
