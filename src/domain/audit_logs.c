#include "domain/audit_logs.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "domain/emails.h"
#include "model/audit_log.h"

enum { FILTER_MAXIMUM = 65536 };

/* So many events can be read in a fraction of the time that a call has, whatever they are. */
enum { FEW_EVENTS = 1000, BOUNDED_EVENTS = 30000 };

/* ---- Filters ---- */

enum filter {
    FILTER_TYPE,
    FILTER_PROJECT,
    FILTER_ACTOR,
    FILTER_ACTOR_EMAIL,
    FILTER_RESOURCE,
    FILTER_COUNT,
};

struct search {
    const struct text_list *filters[FILTER_COUNT];
    struct text joined[FILTER_COUNT]; /* the values of each, every one between newlines; or "" */
    struct text below;                /* both bounds of the ids are exclusive */
    struct text above;
    bool backwards; /* oldest first: the query has `before` */
};

struct event_count {
    int64_t count;
};
static const struct field event_count_fields[] = {
    { .name = "count", .kind = FIELD_INTEGER, .offset = offsetof(struct event_count, count) },
};
static const struct object_type event_count_type = { "EventCount", "", sizeof(struct event_count),
                                                     FIELDS(event_count_fields) };

/* Addresses are compared without regard to case, by what is stored for that. */
static struct result fold_emails(struct work *work, const struct text_list *emails,
                                 struct text_list **ret_list)
{
    void *memory = NULL;
    TRY(work_allocate(work, sizeof(struct text_list) + emails->count * sizeof(struct text),
                      &memory));
    struct text_list *list = memory;
    struct text *items = (struct text *)(list + 1);
    for (size_t i = 0; i < emails->count; i++) {
        TRY(email_fold(work, emails->items[i], &items[i]));
    }
    *list = (struct text_list){ items, emails->count };
    *ret_list = list;
    return RESULT_OK;
}

static bool contains(const struct text_list *list, size_t count, struct text value)
{
    for (size_t i = 0; i < count; i++) {
        if (text_equal(list->items[i], value)) {
            return true;
        }
    }
    return false;
}

/* Each value is searched by itself: one that is given twice must not cost twice. */
static struct result without_duplicates(struct work *work, const struct text_list *list,
                                        const struct text_list **ret_list)
{
    void *memory = NULL;
    TRY(work_allocate(work, sizeof(struct text_list) + list->count * sizeof(struct text), &memory));
    struct text_list *kept = memory;
    struct text *items = (struct text *)(kept + 1);
    *kept = (struct text_list){ items, 0 };
    for (size_t i = 0; i < list->count; i++) {
        if (!contains(kept, kept->count, list->items[i])) {
            items[kept->count++] = list->items[i];
        }
    }
    *ret_list = kept;
    return RESULT_OK;
}

static struct result join(struct work *work, const struct text_list *list, struct text *ret_joined)
{
    struct buffer buffer;
    buffer_init(&buffer, FILTER_MAXIMUM);
    for (size_t i = 0; i < list->count; i++) {
        buffer_append_byte(&buffer, '\n');
        buffer_append(&buffer, list->items[i]);
        buffer_append_byte(&buffer, '\n');
    }
    struct text joined = buffer.failed ? TEXT_NONE : arena_copy(work->arena, buffer_text(&buffer));
    bool too_long = buffer.failed;
    buffer_free(&buffer);
    *ret_joined = joined;
    if (too_long) {
        return work_refuse_value(work, "resource_ids[]", "the filters are too long together");
    }
    return joined.data != NULL ? RESULT_OK : fault(ERROR_INTERNAL, "no memory for a filter");
}

/* ---- Bounds: ids carry the time of their event ---- */

static int64_t later(int64_t a, int64_t b)
{
    return a > b ? a : b;
}

/* The time in seconds that events must not be before, or 0. */
static int64_t earliest(const struct list_query *query)
{
    int64_t after = query->effective_after;
    return later(query->effective_from,
                 after < INT64_MAX ? after + (after != FIELD_ABSENT) : after);
}

/* The time in seconds that events must be before, or FIELD_ABSENT. */
static int64_t end(const struct list_query *query)
{
    int64_t to = query->effective_to;
    int64_t before = query->effective_before;
    int64_t behind = to == FIELD_ABSENT || to == INT64_MAX ? FIELD_ABSENT : to + 1;
    if (before == FIELD_ABSENT || behind == FIELD_ABSENT) {
        return before == FIELD_ABSENT ? behind : before;
    }
    return before < behind ? before : behind;
}

static struct text id_at(struct work *work, int64_t seconds)
{
    int64_t furthest = INT64_C(253402300799); /* the end of the year 9999; fits an id's time */
    int64_t bounded = seconds < 0 ? 0 : seconds > furthest ? furthest : seconds;
    return id_lower_bound(work->arena, ID_AUDIT_LOG, bounded * MICROSECONDS_PER_SECOND);
}

static struct result set_bounds(struct work *work, struct search *search)
{
    const struct list_query *query = work->query;
    if (query->before.data != NULL && !id_is_valid(ID_AUDIT_LOG, query->before)) {
        return work_refuse(work, ERROR_INVALID_CURSOR, TEXT("before"));
    }
    TRY(work_after(work, ID_AUDIT_LOG, TEXT("~"), &search->below));
    search->above = query->before.data != NULL ? query->before : TEXT("");
    if (end(query) != FIELD_ABSENT) {
        struct text bound = id_at(work, end(query));
        if (text_compare(bound, search->below) < 0) {
            search->below = bound;
        }
    }
    if (earliest(query) > 0) {
        /* A lower bound is itself no whole id, so an exclusive comparison loses nothing. */
        struct text bound = id_at(work, earliest(query));
        if (text_compare(bound, search->above) > 0) {
            search->above = bound;
        }
    }
    search->backwards = query->before.data != NULL && query->after.data == NULL;
    return search->below.data != NULL && search->above.data != NULL
               ? RESULT_OK
               : fault(ERROR_INTERNAL, "the memory of a request is used up");
}

static struct result prepare(struct work *work, struct search *search)
{
    const struct list_query *query = work->query;
    struct text_list *emails = NULL;
    TRY(fold_emails(work, &query->actor_emails, &emails));
    search->filters[FILTER_TYPE] = &query->event_types;
    search->filters[FILTER_PROJECT] = &query->project_ids;
    search->filters[FILTER_ACTOR] = &query->actor_ids;
    search->filters[FILTER_ACTOR_EMAIL] = emails;
    search->filters[FILTER_RESOURCE] = &query->resource_ids;
    for (enum filter filter = 0; filter < FILTER_COUNT; filter++) {
        TRY(without_duplicates(work, search->filters[filter], &search->filters[filter]));
        TRY(join(work, search->filters[filter], &search->joined[filter]));
    }
    return set_bounds(work, search);
}

/* ---- Statements ---- */

static enum statement statement_of(enum filter filter, struct text value)
{
    static const enum statement statements_of[FILTER_COUNT] = {
        [FILTER_TYPE] = AUDIT_LOG_LIST_BY_TYPE,
        [FILTER_PROJECT] = AUDIT_LOG_LIST_BY_PROJECT,
        [FILTER_ACTOR] = AUDIT_LOG_LIST_BY_ACTOR,
        [FILTER_ACTOR_EMAIL] = AUDIT_LOG_LIST_BY_ACTOR_EMAIL,
        [FILTER_RESOURCE] = AUDIT_LOG_LIST_BY_RESOURCE,
    };
    return filter == FILTER_ACTOR && text_starts_with(value, id_prefix(ID_KEY))
               ? AUDIT_LOG_LIST_BY_ACTOR_KEY
               : statements_of[filter];
}

/* ---- Which index drives the search ---- */

/* How many events a filter leaves; counts no further than `most`. */
static struct result count_events(struct work *work, const struct search *search,
                                  enum filter filter, int64_t most, int64_t *ret_count)
{
    const struct text_list *list = search->filters[filter];
    int64_t total = 0;
    for (size_t i = 0; i < list->count && total < most; i++) {
        void *found = NULL;
        enum statement by = statement_of(filter, list->items[i]);
        TRY(work_find(work, AUDIT_LOG_COUNT_BY_RESOURCE + (by - AUDIT_LOG_LIST_BY_RESOURCE),
                      VALUES(store_text(work->caller.organization_id), store_text(search->below),
                             store_text(search->above), store_text(list->items[i]),
                             store_integer(most - total)),
                      &event_count_type, &found));
        ASSERT(found != NULL);
        total += ((const struct event_count *)found)->count;
    }
    *ret_count = total;
    return RESULT_OK;
}

/* The filter that leaves fewest events; FILTER_COUNT when each leaves `most` or more. */
static struct result rarest_filter(struct work *work, const struct search *search, int64_t most,
                                   enum filter *ret_filter)
{
    enum filter rarest = FILTER_COUNT;
    for (enum filter filter = 0; filter < FILTER_COUNT; filter++) {
        int64_t count = 0;
        if (search->filters[filter]->count > 0) {
            TRY(count_events(work, search, filter, most, &count));
            if (count < most) {
                rarest = filter;
                most = count;
            }
        }
    }
    *ret_filter = rarest;
    return RESULT_OK;
}

/*
 * The filter whose index drives the search; the others are conditions on what is read. A filter
 * alone reads no more than a page of each of its values. Of several, one that leaves a bounded
 * number of events does. Where none does, matches are read one after the other in the order of the
 * page, so that a page can end where the time does: from the index of a filter with one value, or,
 * for FILTER_COUNT, from all events.
 */
static struct result driving_filter(struct work *work, const struct search *search,
                                    enum filter *ret_filter)
{
    enum filter given = FILTER_COUNT;
    enum filter single = FILTER_COUNT;
    size_t count = 0;
    for (enum filter filter = 0; filter < FILTER_COUNT; filter++) {
        if (search->filters[filter]->count > 0) {
            given = filter;
            single = search->filters[filter]->count == 1 ? filter : single;
            count++;
        }
    }
    enum filter rarest = given;
    if (count > 1) {
        TRY(rarest_filter(work, search, FEW_EVENTS, &rarest));
        if (rarest == FILTER_COUNT) {
            TRY(rarest_filter(work, search, BOUNDED_EVENTS, &rarest));
        }
        rarest = rarest == FILTER_COUNT ? single : rarest;
    }
    *ret_filter = rarest;
    return RESULT_OK;
}

/* ---- The search ---- */

static struct result run(struct work *work, const struct search *search, enum filter filter,
                         struct text driver, char *items, size_t *count)
{
    size_t limit = (size_t)work->query->limit + 1;
    enum statement statement =
        filter == FILTER_COUNT ? AUDIT_LOG_LIST : statement_of(filter, driver);
    const struct store_value values[] = {
        store_text(work->caller.organization_id),
        store_text(search->below),
        store_text(search->above),
        store_text(search->joined[FILTER_TYPE]),
        store_text(search->joined[FILTER_PROJECT]),
        store_text(search->joined[FILTER_ACTOR]),
        store_text(search->joined[FILTER_ACTOR_EMAIL]),
        store_text(search->joined[FILTER_RESOURCE]),
        store_integer((int64_t)limit),
        store_text(driver),
    };
    if (search->backwards) {
        statement += AUDIT_LOG_LIST_BACKWARDS - AUDIT_LOG_LIST;
    }
    return work_rows(work, statement, values, filter == FILTER_COUNT ? 9 : 10, &audit_log_type,
                     limit, items, count);
}

static int newest_first(const void *left, const void *right)
{
    return text_compare(((const struct audit_log *)right)->id,
                        ((const struct audit_log *)left)->id);
}

static int oldest_first(const void *left, const void *right)
{
    return newest_first(right, left);
}

/* Leaves one of each event: the actor may be given as a person and as their key. */
static size_t without_repetitions(struct audit_log *events, size_t count)
{
    size_t kept = 0;
    for (size_t i = 0; i < count; i++) {
        if (kept == 0 || !text_equal(events[kept - 1].id, events[i].id)) {
            events[kept++] = events[i];
        }
    }
    return kept;
}

/* One search, or one for each value of the filter that drives. */
static struct result search_events(struct work *work, const struct search *search,
                                   struct audit_log **ret_events, size_t *ret_count,
                                   bool *ret_ended_early)
{
    static const struct text nothing = { NULL, 0 };
    static const struct text_list none = { &nothing, 1 };
    enum filter filter;
    size_t count = 0;
    void *memory = NULL;
    struct result result = RESULT_OK;
    TRY(driving_filter(work, search, &filter));
    const struct text_list *values = filter == FILTER_COUNT ? &none : search->filters[filter];
    TRY(work_allocate(work,
                      values->count * ((size_t)work->query->limit + 1) * sizeof(struct audit_log),
                      &memory));
    for (size_t i = 0; i < values->count && !result_failed(result); i++) {
        result = run(work, search, filter, values->items[i], memory, &count);
    }
    /* What one search has found in time is a page; of several, there may be gaps between them. */
    bool ended_early = result.error == ERROR_QUERY_TIMEOUT && values->count == 1 && count > 0;
    if (!ended_early) {
        TRY(result);
    }
    qsort(memory, count, sizeof(struct audit_log), search->backwards ? oldest_first : newest_first);
    *ret_events = memory;
    *ret_count = without_repetitions(memory, count);
    *ret_ended_early = ended_early;
    return RESULT_OK;
}

static bool has_only_tenant_types(const struct text_list *types)
{
    for (size_t i = 0; i < types->count; i++) {
        if (!text_starts_with(types->items[i], TEXT("tenant."))) {
            return false;
        }
    }
    return true;
}

struct result audit_log_list(struct work *work)
{
    struct search search = { .backwards = false };
    struct audit_log *events = NULL;
    size_t count;
    bool ended_early;
    size_t limit = (size_t)work->query->limit;
    work->page = (struct page){ .type = &audit_log_type };
    TRY(prepare(work, &search));
    if (work->query->tenant_only == 1) {
        return has_only_tenant_types(&work->query->event_types)
                   ? RESULT_OK
                   : work_refuse_value(work, "event_types[]",
                                       "with 'tenant_only' all must be tenant-scoped");
    }
    TRY(search_events(work, &search, &events, &count, &ended_early));
    size_t kept = count > limit ? limit : count;
    if (search.backwards) {
        qsort(events, kept, sizeof *events, newest_first);
    }
    work->page.items = events;
    work->page.count = kept;
    work->page.has_more = count > limit || ended_early;
    return RESULT_OK;
}
