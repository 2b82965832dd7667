/*
 * bench-keys FIRST STEP COUNT: prints the texts of that many keys, a line each. FIRST, counted from
 * 1, is what bench-fill puts in first; STEP keys lie between one and the next.
 */
#include <stdio.h>
#include <stdlib.h>

#include "rows.h"

int main(int argc, char **argv)
{
    if (argc != 4) {
        (void)fprintf(stderr, "usage: bench-keys FIRST STEP COUNT\n");
        return EXIT_FAILURE;
    }
    int64_t number = rows_number(argv[1]) - 1;
    int64_t step = rows_number(argv[2]);
    for (int64_t left = rows_number(argv[3]); left > 0; left--, number += step) {
        struct row_key key = rows_key((uint64_t)number);
        (void)printf("%.*s\n", (int)key.length, key.text);
    }
    return EXIT_SUCCESS;
}
