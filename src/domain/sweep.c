#include "domain/sweep.h"

#include "base/clock.h"

struct departure {
    struct text id;
    struct text kind;
};

static const struct field departure_fields[] = {
    { .name = "id", .kind = FIELD_TEXT, .offset = offsetof(struct departure, id) },
    { .name = "kind", .kind = FIELD_TEXT, .offset = offsetof(struct departure, kind) },
};
static const struct object_type departure_type = { "Departure", "", sizeof(struct departure),
                                                   FIELDS(departure_fields) };

/* What a departure leaves behind: rows to delete, and the statement that gives their digests. */
struct leftover {
    enum statement digests; /* STATEMENT_COUNT: they are no keys */
    enum statement sweep;
};

/* Of a user or a service account that is gone. */
static const struct leftover leftovers_of_owner[] = {
    { SWEPT_PROJECT_API_KEYS, SWEEP_PROJECT_API_KEYS },
    { SWEPT_ADMIN_API_KEYS, SWEEP_ADMIN_API_KEYS },
    { STATEMENT_COUNT, SWEEP_PROJECT_USERS },
    { STATEMENT_COUNT, SWEEP_SESSIONS_OF_USER },
    { STATEMENT_COUNT, SWEEP_PASSWORD },
    { STATEMENT_COUNT, SWEEP_PASSWORD_LINK },
};

/* Of a person who is still here, but whose admin keys have ended. */
static const struct leftover leftovers_of_ownership[] = {
    { SWEPT_ENDED_ADMIN_API_KEYS, SWEEP_ENDED_ADMIN_API_KEYS },
};

static struct result sweep_leftovers(struct work *work, struct text owner_id,
                                     const struct leftover *leftovers, size_t count, bool *ret_done)
{
    const struct store_value values[] = { store_text(owner_id), store_integer(SWEEP_ROWS_MAXIMUM) };
    bool done = true;
    for (size_t i = 0; i < count; i++) {
        int64_t changes = 0;
        if (leftovers[i].digests != STATEMENT_COUNT) {
            TRY(work_follow_ends(work, leftovers[i].digests, values, 2));
        }
        TRY(store_execute(work->session, leftovers[i].sweep, values, 2, &changes));
        done &= changes < SWEEP_ROWS_MAXIMUM;
    }
    *ret_done = done;
    return RESULT_OK;
}

static struct result sweep_departure(struct work *work, bool *ret_more)
{
    bool done = false;
    void *found = NULL;
    TRY(work_find(work, DEPARTURE_FIRST, NULL, 0, &departure_type, &found));
    const struct departure *departure = found;
    if (departure == NULL) {
        return RESULT_OK;
    }
    if (text_equal(departure->kind, TEXT("ownership"))) {
        TRY(sweep_leftovers(work, departure->id, leftovers_of_ownership,
                            sizeof leftovers_of_ownership / sizeof leftovers_of_ownership[0],
                            &done));
    } else {
        TRY(sweep_leftovers(work, departure->id, leftovers_of_owner,
                            sizeof leftovers_of_owner / sizeof leftovers_of_owner[0], &done));
    }
    *ret_more = true;
    return done ? work_change(work, DEPARTURE_DELETE, VALUES(store_text(departure->id)))
                : RESULT_OK;
}

static struct result sweep_audit_logs(struct work *work, bool *ret_more)
{
    int64_t retention = work->settings->audit_log_retention;
    int64_t changes = 0;
    if (retention == 0) {
        return RESULT_OK;
    }
    struct text bound = id_lower_bound(work->arena, ID_AUDIT_LOG,
                                       (work_time(work) - retention) * MICROSECONDS_PER_SECOND);
    TRY(store_execute(work->session, SWEEP_AUDIT_LOGS,
                      VALUES(store_text(bound), store_integer(SWEEP_ROWS_MAXIMUM)), &changes));
    *ret_more |= changes == SWEEP_ROWS_MAXIMUM;
    return RESULT_OK;
}

static struct result sweep_sessions(struct work *work, bool *ret_more)
{
    int64_t changes = 0;
    TRY(store_execute(work->session, SWEEP_SESSIONS,
                      VALUES(store_integer(work_time(work)), store_integer(SWEEP_ROWS_MAXIMUM)),
                      &changes));
    *ret_more |= changes == SWEEP_ROWS_MAXIMUM;
    return RESULT_OK;
}

struct result sweep(struct work *work, bool *ret_more)
{
    bool more = false;
    TRY(sweep_departure(work, &more));
    TRY(sweep_sessions(work, &more));
    TRY(sweep_audit_logs(work, &more));
    *ret_more = more;
    return RESULT_OK;
}
