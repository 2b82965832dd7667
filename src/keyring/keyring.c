#include "keyring/keyring.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "keyring/tables.h"
#include "keyring/uses.h"
#include "model/session.h"
#include "os/metrics.h"

enum { SESSION_PLACES = 1024 };

/* A reader's announcement, on a cache line of its own: the epoch in which it is checking, or 0. */
struct reader {
    _Alignas(64) _Atomic uint64_t epoch;
};

/* What was replaced; readers of that epoch, and of those before, may still be in it. */
struct retired {
    struct retired *next;
    struct tables *tables; /* one of the two is NULL */
    struct slots *slots;
    uint64_t epoch;
};

struct keyring {
    _Atomic(struct tables *) tables;
    _Atomic uint64_t epoch; /* from 1 on; grows when something is replaced */
    struct retired *retired;
    _Atomic size_t keys;
    _Atomic size_t bytes;
    _Atomic int64_t revision;
    _Atomic int64_t confirmed_at; /* by the monotonic clock; 0: not shared */
    int64_t max_staleness;
    struct uses uses;
    /* Whose use was noted last, and in which minute: one of those that share the place. */
    _Atomic uint64_t session_uses[SESSION_PLACES];
    struct reader readers[KEYRING_READERS_MAXIMUM];
};

static struct tables *current_tables(const struct keyring *keyring)
{
    return atomic_load(&((struct keyring *)(uintptr_t)keyring)->tables);
}

static void count(struct keyring *keyring)
{
    const struct tables *tables = current_tables(keyring);
    atomic_store(&keyring->keys, tables_count(tables));
    atomic_store(&keyring->bytes, sizeof *keyring + tables_size(tables));
}

/* ---- Birth ---- */

struct result keyring_create(struct keyring **ret_keyring)
{
    struct keyring *keyring = aligned_alloc(_Alignof(struct keyring), sizeof *keyring);
    struct tables *tables = NULL;
    if (keyring == NULL) {
        return fault(ERROR_INTERNAL, "no memory for the keyring");
    }
    memset(keyring, 0, sizeof *keyring);
    struct result result = uses_open(&keyring->uses);
    if (!result_failed(result)) {
        result = tables_create(0, &tables);
    }
    if (result_failed(result)) {
        uses_close(&keyring->uses);
        free(keyring);
        return result;
    }
    atomic_store(&keyring->epoch, 1);
    atomic_store(&keyring->tables, tables);
    count(keyring);
    *ret_keyring = keyring;
    return RESULT_OK;
}

static void free_one(struct retired *retired)
{
    tables_free(retired->tables);
    slots_close(retired->slots);
    free(retired);
}

void keyring_free(struct keyring *keyring)
{
    if (keyring == NULL) {
        return;
    }
    while (keyring->retired != NULL) {
        struct retired *retired = keyring->retired;
        keyring->retired = retired->next;
        free_one(retired);
    }
    tables_free(current_tables(keyring));
    uses_close(&keyring->uses);
    free(keyring);
}

/* ---- Replacing ---- */

/* Whether some reader may still be in what was replaced in `epoch`. */
static bool is_in_use(struct keyring *keyring, uint64_t epoch)
{
    for (size_t i = 0; i < KEYRING_READERS_MAXIMUM; i++) {
        uint64_t reading = atomic_load(&keyring->readers[i].epoch);
        if (reading != 0 && reading <= epoch) {
            return true;
        }
    }
    return false;
}

static void free_retired(struct keyring *keyring)
{
    struct retired **link = &keyring->retired;
    while (*link != NULL) {
        struct retired *retired = *link;
        if (is_in_use(keyring, retired->epoch)) {
            link = &retired->next;
        } else {
            *link = retired->next;
            free_one(retired);
        }
    }
}

/* `retired` is memory that was got before, so that this cannot fail after a replacement. */
static void retire(struct keyring *keyring, struct retired *retired, struct tables *tables,
                   struct slots *slots)
{
    *retired = (struct retired){
        .next = keyring->retired,
        .tables = tables,
        .slots = slots,
        .epoch = atomic_fetch_add(&keyring->epoch, 1),
    };
    keyring->retired = retired;
    free_retired(keyring);
}

static struct result get_retired(struct retired **ret_retired)
{
    struct retired *retired = calloc(1, sizeof *retired);
    if (retired == NULL) {
        return fault(ERROR_KEYRING_FULL, "no memory for the keyring");
    }
    *ret_retired = retired;
    return RESULT_OK;
}

struct result keyring_reserve(struct keyring *keyring, size_t issues)
{
    struct retired *retired = NULL;
    struct slots *replaced = NULL;
    TRY(get_retired(&retired));
    struct result result = tables_reserve(current_tables(keyring), issues, &replaced);
    if (replaced != NULL) {
        retire(keyring, retired, NULL, replaced);
    } else {
        free(retired);
        free_retired(keyring);
    }
    count(keyring);
    return result;
}

struct result keyring_replace(struct keyring *keyring, struct tables *tables)
{
    struct retired *retired = NULL;
    TRY(get_retired(&retired));
    struct tables *old = atomic_exchange(&keyring->tables, tables);
    retire(keyring, retired, old, NULL);
    count(keyring);
    return RESULT_OK;
}

void keyring_follow(struct keyring *keyring, const struct key_change *changes)
{
    struct tables *tables = current_tables(keyring);
    for (const struct key_change *change = changes; change != NULL; change = change->next) {
        tables_apply(tables, change);
    }
    atomic_store(&keyring->keys, tables_count(tables));
}

/* ---- Checking ---- */

/* The place of a thread's announcements; a thread keeps it for all keyrings. */
static struct reader *this_reader(struct keyring *keyring)
{
    static _Atomic unsigned next_number;
    static _Thread_local unsigned number; /* from 1 on */
    if (number == 0) {
        number = atomic_fetch_add(&next_number, 1) + 1;
        ASSERT(number <= KEYRING_READERS_MAXIMUM);
    }
    return &keyring->readers[number - 1];
}

/* The tables stay until this thread leaves, also when others take their place meanwhile. */
static struct tables *enter(struct keyring *keyring)
{
    struct reader *reader = this_reader(keyring);
    /* In one order with the changing thread's replacement and its look at the readers. */
    atomic_store(&reader->epoch, atomic_load(&keyring->epoch));
    return current_tables(keyring);
}

static void leave(struct keyring *keyring)
{
    atomic_store_explicit(&this_reader(keyring)->epoch, 0, memory_order_release);
}

/*
 * Whether a verdict cannot be given by tables that were confirmed at that moment: a key that is not
 * there, or has expired, may have been issued or prolonged by another node.
 */
static bool is_out_of_touch(const struct keyring *keyring, int64_t confirmed_at,
                            enum keyring_verdict verdict)
{
    bool is_no = verdict == KEYRING_UNKNOWN || verdict == KEYRING_EXPIRED;
    if (confirmed_at == 0 || (!is_no && keyring->max_staleness == 0)) {
        return false;
    }
    int64_t age = clock_monotonic_microseconds() - confirmed_at;
    return (is_no && age > KEYRING_UNCONFIRMED_MAXIMUM) ||
           (keyring->max_staleness != 0 && age > keyring->max_staleness);
}

enum keyring_verdict keyring_check(struct keyring *keyring, const struct digest *digest,
                                   int64_t now, struct keyring_holder *ret_holder)
{
    /* First: what is confirmed behind the look says nothing about what was seen. */
    int64_t confirmed_at = atomic_load(&keyring->confirmed_at);
    enum keyring_verdict verdict = tables_check(enter(keyring), digest, now, ret_holder);
    leave(keyring);
    return is_out_of_touch(keyring, confirmed_at, verdict) ? KEYRING_UNCERTAIN : verdict;
}

/* ---- Uses ---- */

void keyring_note_use(struct keyring *keyring, const struct digest *digest,
                      const struct keyring_holder *holder, enum key_use_kind kind, int64_t now)
{
    const struct key_use use = { *digest, now, kind };
    struct tables *tables = holder->use_is_noted ? NULL : enter(keyring);
    if (tables == NULL) {
        return;
    }
    if (tables_mark(tables, digest) && !uses_add(&keyring->uses, &use)) {
        tables_unmark(tables, digest);
        metric_add(METRIC_KEY_USES_LEFT_OUT, 0, 1);
    }
    leave(keyring);
}

void keyring_note_session_use(struct keyring *keyring, const struct digest *digest, int64_t now)
{
    const struct key_use use = { *digest, now, USE_OF_SESSION };
    uint64_t name;
    memcpy(&name, digest->bytes, sizeof name);
    _Atomic uint64_t *place = &keyring->session_uses[name % SESSION_PLACES];
    uint64_t mark = name ^ (uint64_t)(now / SESSION_USE_SECONDS);
    if (atomic_exchange(place, mark) == mark) {
        return;
    }
    if (!uses_add(&keyring->uses, &use)) {
        atomic_store(place, 0);
        metric_add(METRIC_KEY_USES_LEFT_OUT, 0, 1);
    }
}

size_t keyring_take_uses(struct keyring *keyring, struct key_use *ret_uses, size_t maximum)
{
    size_t count = uses_take(&keyring->uses, ret_uses, maximum);
    struct tables *tables = enter(keyring);
    for (size_t i = 0; i < count; i++) {
        tables_unmark(tables, &ret_uses[i].digest);
    }
    leave(keyring);
    return count;
}

/* ---- What there is ---- */

void keyring_set_revision(struct keyring *keyring, int64_t revision)
{
    atomic_store(&keyring->revision, revision);
}

void keyring_share(struct keyring *keyring, int64_t max_staleness)
{
    keyring->max_staleness = max_staleness;
    keyring_confirm(keyring, clock_monotonic_microseconds());
}

bool keyring_can_answer(struct keyring *keyring)
{
    return !is_out_of_touch(keyring, atomic_load(&keyring->confirmed_at), KEYRING_ACTIVE);
}

bool keyring_is_in_touch(struct keyring *keyring)
{
    return !is_out_of_touch(keyring, atomic_load(&keyring->confirmed_at), KEYRING_UNKNOWN);
}

void keyring_confirm(struct keyring *keyring, int64_t moment)
{
    atomic_store(&keyring->confirmed_at, moment);
}

struct keyring_statistics keyring_statistics(const struct keyring *keyring)
{
    struct keyring *counted = (struct keyring *)(uintptr_t)keyring;
    return (struct keyring_statistics){
        .keys = atomic_load(&counted->keys),
        .bytes = atomic_load(&counted->bytes),
        .revision = atomic_load(&counted->revision),
        .confirmed_at = atomic_load(&counted->confirmed_at),
    };
}
