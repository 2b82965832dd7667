#include "domain/sweep.h"

#include "base/clock.h"

struct departure {
    struct text id;
};

static const struct field departure_fields[] = {
    { .name = "id", .kind = FIELD_TEXT, .offset = offsetof(struct departure, id) },
};
static const struct object_type departure_type = { "Departure", "", sizeof(struct departure),
                                                   FIELDS(departure_fields) };

static struct result sweep_departure(struct work *work, bool *ret_more)
{
    static const enum statement steps[] = { SWEEP_PROJECT_API_KEYS, SWEEP_ADMIN_API_KEYS,
                                            SWEEP_PROJECT_USERS };
    static const enum statement swept[] = { SWEPT_PROJECT_API_KEYS, SWEPT_ADMIN_API_KEYS };
    void *found = NULL;
    TRY(work_find(work, DEPARTURE_FIRST, NULL, 0, &departure_type, &found));
    const struct departure *departure = found;
    if (departure == NULL) {
        return RESULT_OK;
    }
    int64_t most = 0;
    for (size_t i = 0; i < sizeof swept / sizeof swept[0]; i++) {
        TRY(work_follow_ends(work, swept[i],
                             VALUES(store_text(departure->id), store_integer(SWEEP_ROWS_MAXIMUM))));
    }
    for (size_t i = 0; i < sizeof steps / sizeof steps[0]; i++) {
        int64_t changes = 0;
        TRY(store_execute(work->session, steps[i],
                          VALUES(store_text(departure->id), store_integer(SWEEP_ROWS_MAXIMUM)),
                          &changes));
        most = changes > most ? changes : most;
    }
    *ret_more = true;
    return most == SWEEP_ROWS_MAXIMUM
               ? RESULT_OK
               : work_change(work, DEPARTURE_DELETE, VALUES(store_text(departure->id)));
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

struct result sweep(struct work *work, bool *ret_more)
{
    bool more = false;
    TRY(sweep_departure(work, &more));
    TRY(sweep_audit_logs(work, &more));
    *ret_more = more;
    return RESULT_OK;
}
