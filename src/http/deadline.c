#include "http/deadline.h"

#include <stddef.h>

void deadline_list_init(struct deadline_list *list, int64_t duration)
{
    list->ends = (struct deadline){ &list->ends, &list->ends, DEADLINE_NEVER };
    list->duration = duration;
}

void deadline_append(struct deadline_list *list, struct deadline *deadline, int64_t now)
{
    if (__builtin_add_overflow(now, list->duration, &deadline->at)) {
        deadline->at = DEADLINE_NEVER;
    }
    deadline->previous = list->ends.previous;
    deadline->next = &list->ends;
    deadline->previous->next = deadline;
    list->ends.previous = deadline;
}

void deadline_remove(struct deadline *deadline)
{
    deadline->previous->next = deadline->next;
    deadline->next->previous = deadline->previous;
    deadline->previous = NULL;
    deadline->next = NULL;
}

struct deadline *deadline_first(struct deadline_list *list)
{
    return list->ends.next != &list->ends ? list->ends.next : NULL;
}
