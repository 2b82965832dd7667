#ifndef ORGKEYS_TESTS_FUZZ_H
#define ORGKEYS_TESTS_FUZZ_H

#include <stddef.h>
#include <stdint.h>

#include "base/result.h"
#include "base/text.h"

/*
 * What every target has, by libFuzzer's names. A broken promise fails an ASSERT; what the
 * sanitizers find, they tell by themselves.
 */
int LLVMFuzzerInitialize(int *argc, char ***argv); /* before the first input */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#endif
