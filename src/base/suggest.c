#include "base/suggest.h"

#include <string.h>

enum { WORD_MAXIMUM = 64, DISTANCE_MAXIMUM = 3 };

static size_t smallest(size_t a, size_t b, size_t c)
{
    size_t least = a < b ? a : b;
    return least < c ? least : c;
}

/* How many letters to add, remove or change (Levenshtein). */
static size_t distance(struct text a, struct text b)
{
    size_t row[WORD_MAXIMUM + 1];
    for (size_t j = 0; j <= b.length; j++) {
        row[j] = j;
    }
    for (size_t i = 1; i <= a.length; i++) {
        size_t diagonal = row[0];
        row[0] = i;
        for (size_t j = 1; j <= b.length; j++) {
            size_t above = row[j];
            size_t change = diagonal + (a.data[i - 1] != b.data[j - 1]);
            row[j] = smallest(above + 1, row[j - 1] + 1, change);
            diagonal = above;
        }
    }
    return row[b.length];
}

/* The first half, or more, of a name is as good as one letter. */
static size_t distance_of(struct text word, struct text name)
{
    bool is_begun = text_starts_with(name, word) && 2 * word.length >= name.length;
    return is_begun ? 1 : distance(word, name);
}

const char *suggest(struct text word, const char *const *names, size_t count)
{
    const char *nearest = NULL;
    size_t least = DISTANCE_MAXIMUM + 1;
    for (size_t i = 0; i < count && word.length <= WORD_MAXIMUM; i++) {
        struct text name = text_of(names[i]);
        size_t far = name.length <= WORD_MAXIMUM ? distance_of(word, name) : least;
        if (far < least && far < name.length) {
            least = far;
            nearest = names[i];
        }
    }
    return nearest;
}
