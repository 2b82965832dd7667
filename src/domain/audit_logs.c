#include "domain/audit_logs.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "domain/emails.h"
#include "model/audit_log.h"

enum { FILTER_MAXIMUM = 65536 };

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
        TRY(join(work, search->filters[filter], &search->joined[filter]));
    }
    return set_bounds(work, search);
}

/* ---- The search ---- */

static struct result run(struct work *work, const struct search *search, enum statement statement,
                         struct text driver, char *items, size_t *count)
{
    size_t limit = (size_t)work->query->limit + 1;
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
    return work_rows(work, statement, values, driver.data != NULL ? 10 : 9, &audit_log_type, limit,
                     items, count);
}

static enum statement statement_of(const struct search *search, enum filter filter,
                                   struct text value)
{
    static const enum statement forwards[FILTER_COUNT] = {
        [FILTER_TYPE] = AUDIT_LOG_LIST_BY_TYPE,
        [FILTER_PROJECT] = AUDIT_LOG_LIST_BY_PROJECT,
        [FILTER_ACTOR] = AUDIT_LOG_LIST_BY_ACTOR,
        [FILTER_ACTOR_EMAIL] = AUDIT_LOG_LIST_BY_ACTOR_EMAIL,
        [FILTER_RESOURCE] = AUDIT_LOG_LIST_BY_RESOURCE,
    };
    enum statement statement = forwards[filter];
    if (filter == FILTER_ACTOR && text_starts_with(value, id_prefix(ID_KEY))) {
        statement = AUDIT_LOG_LIST_BY_ACTOR_KEY;
    }
    return search->backwards ? statement + (AUDIT_LOG_LIST_BACKWARDS - AUDIT_LOG_LIST) : statement;
}

/*
 * The filter whose index drives the search: the one that tends to leave least. Each of its values
 * is searched by itself, in order, so that no search reads past what a page needs of it; the other
 * filters are conditions on what is read. FILTER_COUNT: none is given.
 */
static enum filter driving_filter(const struct search *search)
{
    static const enum filter preference[] = {
        FILTER_RESOURCE, FILTER_ACTOR, FILTER_ACTOR_EMAIL, FILTER_PROJECT, FILTER_TYPE,
    };
    for (size_t i = 0; i < sizeof preference / sizeof preference[0]; i++) {
        if (search->filters[preference[i]]->count > 0) {
            return preference[i];
        }
    }
    return FILTER_COUNT;
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

/* Leaves one of each event: a value may be given twice. */
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

static struct result search_events(struct work *work, const struct search *search,
                                   struct audit_log **ret_events, size_t *ret_count)
{
    enum filter filter = driving_filter(search);
    size_t searches = filter == FILTER_COUNT ? 1 : search->filters[filter]->count;
    size_t count = 0;
    void *memory = NULL;
    TRY(work_allocate(work, searches * ((size_t)work->query->limit + 1) * sizeof(struct audit_log),
                      &memory));
    if (filter == FILTER_COUNT) {
        TRY(run(work, search, search->backwards ? AUDIT_LOG_LIST_BACKWARDS : AUDIT_LOG_LIST,
                TEXT_NONE, memory, &count));
    } else {
        for (size_t i = 0; i < searches; i++) {
            struct text value = search->filters[filter]->items[i];
            TRY(run(work, search, statement_of(search, filter, value), value, memory, &count));
        }
        qsort(memory, count, sizeof(struct audit_log),
              search->backwards ? oldest_first : newest_first);
        count = without_repetitions(memory, count);
    }
    *ret_events = memory;
    *ret_count = count;
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
    size_t limit = (size_t)work->query->limit;
    work->page = (struct page){ .type = &audit_log_type };
    TRY(prepare(work, &search));
    if (work->query->tenant_only == 1) {
        return has_only_tenant_types(&work->query->event_types)
                   ? RESULT_OK
                   : work_refuse_value(work, "event_types[]",
                                       "with 'tenant_only' all must be tenant-scoped");
    }
    TRY(search_events(work, &search, &events, &count));
    size_t kept = count > limit ? limit : count;
    if (search.backwards) {
        qsort(events, kept, sizeof *events, newest_first);
    }
    work->page.items = events;
    work->page.count = kept;
    work->page.has_more = count > limit;
    return RESULT_OK;
}
