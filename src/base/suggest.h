#ifndef ORGKEYS_BASE_SUGGEST_H
#define ORGKEYS_BASE_SUGGEST_H

#include <stddef.h>

#include "base/text.h"

/* The name that `word` is most likely a slip of; NULL when none is near. */
const char *suggest(struct text word, const char *const *names, size_t count);

#endif
