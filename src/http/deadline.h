#ifndef ORGKEYS_HTTP_DEADLINE_H
#define ORGKEYS_HTTP_DEADLINE_H

#include <stdint.h>

/*
 * Deadlines without a timer each: all members of a list have the same duration, so appending keeps
 * a list in order, and a look at its first member now and then finds who is late.
 */
struct deadline {
    struct deadline *previous;
    struct deadline *next;
    int64_t at; /* clock_monotonic_microseconds */
};

struct deadline_list {
    struct deadline ends; /* before the first and after the last member */
    int64_t duration;     /* microseconds */
};

#define DEADLINE_NEVER INT64_MAX

void deadline_list_init(struct deadline_list *list, int64_t duration);
/* Appends a deadline that is in no list. */
void deadline_append(struct deadline_list *list, struct deadline *deadline, int64_t now);
void deadline_remove(struct deadline *deadline);
/* NULL when the list is empty. */
struct deadline *deadline_first(struct deadline_list *list);

#endif
