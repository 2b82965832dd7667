#include "domain/work.h"

#include <string.h>

#include "base/clock.h"
#include "domain/rows.h"
#include "model/deleted.h"
#include "os/random.h"

int64_t work_time(const struct work *work)
{
    int64_t now = work->batch != NULL ? work->batch->now : clock_now_microseconds();
    return now / MICROSECONDS_PER_SECOND;
}

struct result work_allocate(struct work *work, size_t size, void **ret_memory)
{
    void *memory = arena_allocate(work->arena, size);
    if (memory == NULL) {
        return fault(ERROR_INTERNAL, "the memory of a request is used up");
    }
    *ret_memory = memory;
    return RESULT_OK;
}

struct result work_new_id(struct work *work, enum id_kind kind, struct text *ret_id,
                          int64_t *ret_created_at)
{
    unsigned char random[ID_RANDOM_BYTES];
    ASSERT(work->batch != NULL);
    int64_t issued_at = store_batch_issue(work->batch);
    TRY(random_fill(random, sizeof random));
    struct text id = id_make(work->arena, kind, issued_at, random);
    if (id.data == NULL) {
        return fault(ERROR_INTERNAL, "the memory of a request is used up");
    }
    *ret_id = id;
    *ret_created_at = issued_at / MICROSECONDS_PER_SECOND;
    return RESULT_OK;
}

/* ---- Statements ---- */

static struct result read_rows(struct work *work, const struct object_type *type, size_t maximum,
                               char *items, size_t *items_count)
{
    struct row_binding binding = { .type = NULL };
    const struct store_row *row;
    for (size_t read = 0; read < maximum; read++) {
        TRY(store_next(work->session, &row));
        if (row == NULL) {
            break;
        }
        if (binding.type == NULL) {
            TRY(row_bind(type, row, &binding));
        }
        TRY(row_read(&binding, row, work->arena, items + *items_count * type->size));
        *items_count += 1;
    }
    return RESULT_OK;
}

struct result work_rows(struct work *work, enum statement statement,
                        const struct store_value *values, size_t count,
                        const struct object_type *type, size_t maximum, char *items,
                        size_t *items_count)
{
    TRY(store_query(work->session, statement, values, count));
    struct result result = read_rows(work, type, maximum, items, items_count);
    store_finish(work->session);
    return result;
}

struct result work_find(struct work *work, enum statement statement,
                        const struct store_value *values, size_t count,
                        const struct object_type *type, void **ret_object)
{
    void *object = NULL;
    size_t found = 0;
    TRY(work_allocate(work, type->size, &object));
    TRY(work_rows(work, statement, values, count, type, 1, object, &found));
    *ret_object = found > 0 ? object : NULL;
    return RESULT_OK;
}

struct result work_get(struct work *work, enum statement statement,
                       const struct store_value *values, size_t count,
                       const struct object_type *type, enum error missing, void **ret_object)
{
    void *object = NULL;
    TRY(work_find(work, statement, values, count, type, &object));
    if (object == NULL) {
        return work_refuse(work, missing, TEXT_NONE);
    }
    *ret_object = object;
    return RESULT_OK;
}

struct result work_exists(struct work *work, enum statement statement,
                          const struct store_value *values, size_t count, bool *ret_exists)
{
    const struct store_row *row;
    TRY(store_query(work->session, statement, values, count));
    struct result result = store_next(work->session, &row);
    store_finish(work->session);
    TRY(result);
    *ret_exists = row != NULL;
    return RESULT_OK;
}

struct result work_change(struct work *work, enum statement statement,
                          const struct store_value *values, size_t count)
{
    return store_change(work->session, statement, values, count);
}

struct result work_list(struct work *work, enum statement statement,
                        const struct store_value *values, size_t count,
                        const struct object_type *type)
{
    struct store_value all[STORE_VALUES_MAXIMUM];
    size_t limit = (size_t)work->query->limit;
    size_t found = 0;
    void *items = NULL;
    ASSERT(count < STORE_VALUES_MAXIMUM);
    for (size_t i = 0; i < count; i++) {
        all[i] = values[i];
    }
    all[count] = store_integer((int64_t)limit + 1);
    TRY(work_allocate(work, (limit + 1) * type->size, &items));
    struct result result =
        work_rows(work, statement, all, count + 1, type, limit + 1, items, &found);
    /* What was found in time is a page: the next one goes on behind it. */
    bool ended_early = result.error == ERROR_QUERY_TIMEOUT && found > 0;
    if (!ended_early) {
        TRY(result);
    }
    work->page = (struct page){
        .type = type,
        .items = items,
        .count = found > limit ? limit : found,
        .has_more = found > limit || ended_early,
    };
    return RESULT_OK;
}

struct result work_after(struct work *work, enum id_kind kind, struct text first,
                         struct text *ret_after)
{
    struct text after = work->query->after;
    if (after.data != NULL && !id_is_valid(kind, after)) {
        return work_refuse(work, ERROR_INVALID_CURSOR, TEXT("after"));
    }
    *ret_after = after.data != NULL ? after : first;
    return RESULT_OK;
}

/* ---- The keyring ---- */

struct result work_follow(struct work *work, const struct key_change *change)
{
    void *memory = NULL;
    TRY(work_allocate(work, sizeof *change, &memory));
    struct key_change *copy = memory;
    *copy = *change;
    if (work->changes == NULL) {
        work->changes = copy;
    } else {
        work->last_change->next = copy;
    }
    work->last_change = copy;
    return RESULT_OK;
}

static struct result read_digest(const struct store_row *row, struct digest *ret_digest)
{
    const struct store_value *value = &row->values[0];
    if (value->type != STORE_BLOB || value->text.length != DIGEST_SIZE) {
        return fault(ERROR_INTERNAL, "a stored digest is no digest");
    }
    memcpy(ret_digest->bytes, value->text.data, DIGEST_SIZE);
    return RESULT_OK;
}

struct result work_digest(struct work *work, enum statement statement,
                          const struct store_value *values, size_t count, struct digest *ret_digest)
{
    const struct store_row *row;
    TRY(store_query(work->session, statement, values, count));
    struct result result = store_next(work->session, &row);
    if (!result_failed(result)) {
        result = row != NULL ? read_digest(row, ret_digest)
                             : fault(ERROR_INTERNAL, "%s found no row", statements[statement].name);
    }
    store_finish(work->session);
    return result;
}

static struct result follow_ends(struct work *work)
{
    const struct store_row *row;
    for (;;) {
        struct key_change change = { .kind = KEY_ENDED };
        TRY(store_next(work->session, &row));
        if (row == NULL) {
            return RESULT_OK;
        }
        TRY(read_digest(row, &change.digest));
        TRY(work_follow(work, &change));
    }
}

struct result work_follow_ends(struct work *work, enum statement statement,
                               const struct store_value *values, size_t count)
{
    TRY(store_query(work->session, statement, values, count));
    struct result result = follow_ends(work);
    store_finish(work->session);
    return result;
}

/* ---- Small things ---- */

struct result work_refuse(struct work *work, enum error error, struct text param)
{
    return problem_refuse(&work->problem, error, param, TEXT_NONE, NULL);
}

struct result work_refuse_value(struct work *work, const char *param, const char *expected)
{
    return problem_refuse(&work->problem, ERROR_INVALID_VALUE, text_of(param), TEXT_NONE, "%s",
                          expected);
}

struct result work_deleted(struct work *work, struct text id)
{
    void *memory = NULL;
    TRY(work_allocate(work, sizeof(struct deleted), &memory));
    struct deleted *deleted = memory;
    *deleted = (struct deleted){ .id = id, .deleted = 1 };
    work->output = deleted;
    return RESULT_OK;
}

bool work_has_passed(const struct work *work, int64_t time)
{
    return time != FIELD_ABSENT && time <= work_time(work);
}

int64_t work_expiry(const struct work *work, int64_t seconds)
{
    return seconds == FIELD_ABSENT ? FIELD_ABSENT : work_time(work) + seconds;
}

struct store_value work_integer(int64_t integer)
{
    return integer == FIELD_ABSENT ? STORE_NULL_VALUE : store_integer(integer);
}
