#ifndef ORGKEYS_TESTS_FUZZ_H
#define ORGKEYS_TESTS_FUZZ_H

#include <stddef.h>
#include <stdint.h>

#include "base/result.h"
#include "base/text.h"

/*
 * What targets have, by libFuzzer's names. A broken promise fails an ASSERT; what the
 * sanitizers find, they tell by themselves.
 */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
/* Before the first input, where the target has one. */
__attribute__((weak)) int LLVMFuzzerInitialize(int *argc, char ***argv);

#endif
