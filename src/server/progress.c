#include "server/progress.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"

enum { BAR_WIDTH = 30, DRAWN_EVERY_MICROSECONDS = 100000, PERCENT = 100 };

static void draw(struct progress *progress)
{
    char bar[BAR_WIDTH + 1];
    int64_t total = progress->total > 0 ? progress->total : 1;
    int64_t done = progress->done < total ? progress->done : total;
    size_t filled = (size_t)(done * BAR_WIDTH / total);
    memset(bar, '.', BAR_WIDTH);
    memset(bar, '#', filled);
    bar[BAR_WIDTH] = '\0';
    (void)fprintf(stderr, "\r%-9s [%s] %3lld%%  %lld of %lld rows", progress->what, bar,
                  (long long)(done * PERCENT / total), (long long)progress->done,
                  (long long)progress->total);
    (void)fflush(stderr);
    progress->has_bar = true;
    progress->drawn_at = clock_monotonic_microseconds();
}

void progress_begin(struct progress *progress, const char *what, int64_t total)
{
    progress_end(progress);
    *progress = (struct progress){
        .has_terminal = isatty(STDERR_FILENO) == 1,
        .what = what,
        .total = total,
    };
    if (progress->has_terminal) {
        draw(progress);
    }
}

void progress_add(struct progress *progress, int64_t count)
{
    progress->done += count;
    if (progress->has_terminal &&
        clock_monotonic_microseconds() - progress->drawn_at > DRAWN_EVERY_MICROSECONDS) {
        draw(progress);
    }
}

void progress_part(struct progress *progress, const char *name, int64_t count)
{
    if (!progress->has_terminal) {
        (void)fprintf(stderr, "%s %s: %lld row%s\n", progress->what, name, (long long)count,
                      count == 1 ? "" : "s");
    }
}

void progress_end(struct progress *progress)
{
    if (progress->has_bar) {
        draw(progress);
        (void)fputc('\n', stderr);
        progress->has_bar = false;
    }
}
