#ifndef ORGKEYS_SERVER_PROGRESS_H
#define ORGKEYS_SERVER_PROGRESS_H

#include <stdbool.h>
#include <stdint.h>

/*
 * How far a long command is, on standard error: a bar that is drawn again and again on a terminal,
 * and a line for each part elsewhere.
 */
struct progress {
    bool has_terminal;
    bool has_bar;     /* on the last line of the terminal */
    const char *what; /* "copying" */
    int64_t total;
    int64_t done;
    int64_t drawn_at; /* by the monotonic clock */
};

void progress_begin(struct progress *progress, const char *what, int64_t total);
void progress_add(struct progress *progress, int64_t count);
/* A part with a name and a count is done. */
void progress_part(struct progress *progress, const char *name, int64_t count);
/* Before anything else is printed. Harmless when nothing was begun. */
void progress_end(struct progress *progress);

#endif
