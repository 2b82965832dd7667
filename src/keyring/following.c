#include "keyring/following.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/buffer.h"
#include "base/clock.h"
#include "keyring/load.h"
#include "keyring/stored.h"
#include "keyring/tables.h"
#include "os/log.h"
#include "os/metrics.h"
#include "store/statements.h"

enum { FOLLOWING_MEMORY_MAXIMUM = 64 * 1024 * 1024 };

/* The changes of one commit of somebody else. */
struct followed_commit {
    struct followed_commit *next;
    int64_t revision;
    int64_t made_at; /* microseconds since 1970, by the clock of who made it */
    struct key_change *changes;
};

/* Commits behind each other, in their order; in an arena. */
struct commits {
    struct arena arena;
    int64_t before_made_at; /* of the commit before them; 0: it is not there any more */
    struct followed_commit *first;
    struct followed_commit **end;
    size_t count;
    size_t needing_room; /* changes of all together */
};

struct following {
    struct keyring *keyring;
    bool is_shared;
    struct text node;

    pthread_mutex_t lock; /* over the keyring's changes, and the next three; held over reading */
    int64_t revision;     /* the newest commit that was followed */
    int64_t made_at;      /* of that commit, by which it is known again; 0: not known */
    size_t promised;      /* room that a commit under way counts on */

    _Atomic int64_t newest;    /* the newest commit that the follower knows of */
    _Atomic int64_t proven_at; /* see FOLLOWING_UNPROVEN_MAXIMUM; by the monotonic clock */

    /* The writer's own. */
    struct key_change *own;
    int64_t own_made_at;
    int64_t own_prepared_at; /* by the monotonic clock */
    struct commits others;   /* as many as are read at a time */
};

/* ---- Birth ---- */

static void clear(struct commits *commits)
{
    arena_reset(&commits->arena);
    commits->before_made_at = 0;
    commits->first = NULL;
    commits->end = &commits->first;
    commits->count = 0;
    commits->needing_room = 0;
}

struct result following_create(struct keyring *keyring, bool is_shared, struct text node,
                               struct following **ret_following)
{
    struct following *following = calloc(1, sizeof *following);
    char *name = malloc(node.length + 1);
    if (following == NULL || name == NULL) {
        free(following);
        free(name);
        return fault(ERROR_INTERNAL, "no memory to follow the store");
    }
    memcpy(name, node.data, node.length);
    following->keyring = keyring;
    following->is_shared = is_shared;
    following->node = (struct text){ name, node.length };
    following_prove(following, clock_monotonic_microseconds());
    (void)pthread_mutex_init(&following->lock, NULL);
    arena_init(&following->others.arena, FOLLOWING_MEMORY_MAXIMUM);
    clear(&following->others);
    *ret_following = following;
    return RESULT_OK;
}

void following_free(struct following *following)
{
    if (following != NULL) {
        arena_reset(&following->others.arena);
        (void)pthread_mutex_destroy(&following->lock);
        free((void *)(uintptr_t)following->node.data);
        free(following);
    }
}

/* How far was followed. */
struct position {
    int64_t revision;
    int64_t made_at;
};

static struct position position_of(struct following *following)
{
    (void)pthread_mutex_lock(&following->lock);
    struct position position = { following->revision, following->made_at };
    (void)pthread_mutex_unlock(&following->lock);
    return position;
}

int64_t following_lag(struct following *following)
{
    int64_t lag = atomic_load(&following->newest) - keyring_statistics(following->keyring).revision;
    return lag > 0 ? lag : 0;
}

/* ---- Reading what others left ---- */

static size_t count_needing_room(const struct key_change *changes)
{
    size_t count = 0;
    for (; changes != NULL; changes = changes->next) {
        count += key_change_needs_room(changes);
    }
    return count;
}

static struct result read_commit(struct commits *commits, const struct store_row *row)
{
    struct followed_commit *commit = arena_allocate(&commits->arena, sizeof *commit);
    if (commit == NULL) {
        return fault(ERROR_OVERLOADED, "no memory for the commits of other nodes");
    }
    commit->revision = row->values[0].integer;
    commit->made_at = row->values[1].integer;
    TRY(stored_changes_read(&commits->arena, row->values[2].text, &commit->changes));
    commits->needing_room += count_needing_room(commit->changes);
    *commits->end = commit;
    commits->end = &commit->next;
    commits->count++;
    return RESULT_OK;
}

static struct result read_rows(struct commits *commits, struct store_session *session,
                               int64_t revision)
{
    const struct store_row *row;
    for (;;) {
        TRY(store_next(session, &row));
        if (row == NULL) {
            return RESULT_OK;
        }
        if (row->values[0].integer == revision) {
            commits->before_made_at = row->values[1].integer;
        } else {
            TRY(read_commit(commits, row));
        }
        if (commits->arena.total > FOLLOWING_MEMORY_MAXIMUM / 2) {
            return RESULT_OK; /* the rest with the next page: one commit always fits */
        }
    }
}

/* At most FOLLOWING_ROWS_MAXIMUM commits behind `revision`. */
static struct result read_commits(struct commits *commits, struct store_session *session,
                                  int64_t revision)
{
    const struct store_value values[] = { store_integer(revision - 1),
                                          store_integer(FOLLOWING_ROWS_MAXIMUM + 1) };
    clear(commits);
    TRY(store_query(session, CHANGE_LIST, values, 2));
    struct result result = read_rows(commits, session, revision);
    store_finish(session);
    return result;
}

/*
 * Whether they come behind what was followed: a database that was put back, or a standby that had
 * not got everything, has other commits of the same revisions.
 */
static bool come_behind(const struct commits *commits, struct position position)
{
    return position.made_at == 0 || commits->before_made_at == 0 ||
           commits->before_made_at == position.made_at;
}

/* Under the lock; there is room. What was followed already is left out. */
static void apply(struct following *following, int64_t revision, int64_t made_at,
                  const struct key_change *changes)
{
    if (revision > following->revision) {
        keyring_follow(following->keyring, changes);
        following->revision = revision;
        following->made_at = made_at;
        keyring_set_revision(following->keyring, revision);
    }
}

/* Under the lock. */
static void apply_commits(struct following *following, const struct commits *commits)
{
    for (const struct followed_commit *commit = commits->first; commit != NULL;
         commit = commit->next) {
        if (commit->revision > following->revision) {
            metric_observe(METRIC_FOLLOW_SECONDS, clock_now_microseconds() - commit->made_at);
        }
        apply(following, commit->revision, commit->made_at, commit->changes);
    }
}

/* Older ones are deleted in time. */
static bool begins_behind(const struct commits *commits, int64_t revision)
{
    return commits->first != NULL && commits->first->revision == revision + 1;
}

static struct result follow_commits(struct following *following, const struct commits *commits)
{
    (void)pthread_mutex_lock(&following->lock);
    struct result result = keyring_reserve(following->keyring, commits->needing_room);
    if (!result_failed(result)) {
        apply_commits(following, commits);
    }
    (void)pthread_mutex_unlock(&following->lock);
    return result;
}

/* ---- Loading ---- */

/* When the commit of `revision` was made; 0: its changes are not there any more. */
static struct result find_made_at(struct store_session *session, int64_t revision,
                                  int64_t *ret_made_at)
{
    struct commits commits;
    arena_init(&commits.arena, FOLLOWING_MEMORY_MAXIMUM);
    struct result result = read_commits(&commits, session, revision);
    if (!result_failed(result)) {
        *ret_made_at = commits.before_made_at;
    }
    arena_reset(&commits.arena);
    return result;
}

static struct result read_everything(struct following *following, struct store_session *session,
                                     struct tables **ret_tables, struct position *ret_position)
{
    struct position position = { 0 };
    struct tables *tables = NULL;
    TRY(keyring_load(session, &tables, &position.revision));
    struct result result = following->is_shared
                               ? find_made_at(session, position.revision, &position.made_at)
                               : RESULT_OK;
    if (result_failed(result)) {
        tables_free(tables);
        return result;
    }
    *ret_tables = tables;
    *ret_position = position;
    return RESULT_OK;
}

/*
 * Under the lock. A load that something was followed beside would bring back what that ended. Until
 * the new tables are there the old position stays: it is what the old ones hold.
 */
static struct result put_in_place(struct following *following, struct position before,
                                  struct tables *tables, struct position position)
{
    struct slots *replaced = NULL;
    if (following->revision != before.revision || following->made_at != before.made_at) {
        return fault(ERROR_STORE_UNAVAILABLE, "commits were followed beside a load");
    }
    TRY(tables_reserve(tables, following->promised, &replaced));
    slots_close(replaced);
    TRY(keyring_replace(following->keyring, tables));
    following->revision = position.revision;
    following->made_at = position.made_at;
    keyring_set_revision(following->keyring, position.revision);
    return RESULT_OK;
}

static struct result load(struct following *following, struct store_session *session)
{
    struct position before = position_of(following);
    struct tables *tables = NULL;
    struct position position;
    TRY(read_everything(following, session, &tables, &position));
    (void)pthread_mutex_lock(&following->lock);
    struct result result = put_in_place(following, before, tables, position);
    (void)pthread_mutex_unlock(&following->lock);
    if (result_failed(result)) {
        tables_free(tables);
    }
    return result;
}

struct result following_load(struct following *following, struct store_session *session)
{
    if (!following->is_shared) {
        return load(following, session);
    }
    TRY(store_begin(session));
    struct result result = load(following, session);
    store_rollback(session);
    return result;
}

/* ---- The writer ---- */

void following_begin_batch(struct following *following)
{
    following->own = NULL;
    clear(&following->others);
}

static struct result reserve(struct following *following, size_t changes)
{
    (void)pthread_mutex_lock(&following->lock);
    struct result result = keyring_reserve(following->keyring, changes);
    following->promised = result_failed(result) ? 0 : changes;
    (void)pthread_mutex_unlock(&following->lock);
    return result;
}

void following_prove(struct following *following, int64_t moment)
{
    atomic_store(&following->proven_at, moment);
}

struct result following_reserve(struct following *following, const struct key_change *changes)
{
    return reserve(following, count_needing_room(following->own) + count_needing_room(changes));
}

void following_add(struct following *following, struct key_change *changes)
{
    struct key_change **end = &following->own;
    while (*end != NULL) {
        end = &(*end)->next;
    }
    *end = changes;
}

static struct result publish(struct store_session *session, struct text node, int64_t revision,
                             int64_t made_at, const struct key_change *changes)
{
    struct buffer json;
    buffer_init(&json, FOLLOWING_CHANGES_MAXIMUM);
    key_changes_encode(&json, changes);
    const struct store_value values[] = { store_integer(revision), store_text(node),
                                          store_integer(made_at), store_text(buffer_text(&json)) };
    struct result result = json.failed
                               ? fault(ERROR_OVERLOADED, "the changes of a commit are too many")
                               : store_execute(session, CHANGE_INSERT, values, 4, NULL);
    buffer_free(&json);
    return result_failed(result) ? result : store_notify(session);
}

struct result following_publish(struct store_session *session, struct text node, int64_t revision,
                                const struct key_change *changes)
{
    return publish(session, node, revision, clock_now_microseconds(), changes);
}

/* One page of the commits behind `followed`, which are there, since the batch has the revision. */
static struct result follow_some(struct following *following, struct store_session *session,
                                 struct position followed, int64_t revision)
{
    struct commits *others = &following->others;
    TRY(read_commits(others, session, followed.revision));
    bool is_next = followed.revision + 1 == revision && others->first == NULL;
    if (!come_behind(others, followed) || (!is_next && !begins_behind(others, followed.revision))) {
        return fault(ERROR_STORE_UNAVAILABLE, "what this node has to follow first is not there");
    }
    return follow_commits(following, others);
}

/* All commits before the batch's: as the batch holds the revision, each of them is kept. */
static struct result follow_others(struct following *following, struct store_session *session,
                                   int64_t revision)
{
    struct position followed = position_of(following);
    do {
        TRY(follow_some(following, session, followed, revision));
        followed = position_of(following);
    } while (followed.revision + 1 < revision);
    return RESULT_OK;
}

struct result following_prepare(struct following *following, struct store_session *session,
                                int64_t revision)
{
    if (following->is_shared) {
        TRY(follow_others(following, session, revision));
        following->own_prepared_at = clock_monotonic_microseconds();
        following->own_made_at = clock_now_microseconds();
        TRY(publish(session, following->node, revision, following->own_made_at, following->own));
    }
    return reserve(following, count_needing_room(following->own));
}

void following_commit(struct following *following, int64_t revision)
{
    following_prove(following, following->own_prepared_at);
    (void)pthread_mutex_lock(&following->lock);
    apply(following, revision, following->own_made_at, following->own);
    following->promised = 0;
    (void)pthread_mutex_unlock(&following->lock);
}

/* ---- The follower ---- */

static void confirm(struct following *following, int64_t looked_at)
{
    int64_t limit = atomic_load(&following->proven_at) + FOLLOWING_UNPROVEN_MAXIMUM;
    keyring_confirm(following->keyring, looked_at < limit ? looked_at : limit);
}

/* What is to be done after a look at the database. */
enum outlook {
    OUTLOOK_CURRENT,
    OUTLOOK_BEHIND,  /* there are commits to follow */
    OUTLOOK_REWOUND, /* what was followed is not there: the database is another one */
    OUTLOOK_LOST,    /* the commits to follow are deleted already */
};

static struct result look(struct following *following, struct commits *commits,
                          struct store_session *session, enum outlook *ret_outlook,
                          int64_t *ret_newest)
{
    struct store_state state;
    struct position followed = position_of(following);
    TRY(store_begin(session));
    TRY(store_state_read(session, &state));
    atomic_store(&following->newest, state.revision);
    *ret_newest = state.revision;
    TRY(read_commits(commits, session, followed.revision));
    bool is_other = state.revision < followed.revision || !come_behind(commits, followed);
    *ret_outlook = is_other                                    ? OUTLOOK_REWOUND
                   : state.revision == followed.revision       ? OUTLOOK_CURRENT
                   : begins_behind(commits, followed.revision) ? OUTLOOK_BEHIND
                                                               : OUTLOOK_LOST;
    return RESULT_OK;
}

static struct result load_anew(struct following *following, struct store_session *session,
                               enum outlook outlook)
{
    log_at(LOG_WARNING, "all keys are loaded anew",
           LOG_TEXT_FIELD("reason", outlook == OUTLOOK_REWOUND
                                        ? TEXT("the database lacks commits that it had")
                                        : TEXT("this node has not followed for too long")));
    return following_load(following, session);
}

static struct result catch_up_once(struct following *following, struct commits *commits,
                                   struct store_session *session, bool may_load, bool *ret_more)
{
    int64_t begun_at = clock_monotonic_microseconds();
    enum outlook outlook = OUTLOOK_CURRENT;
    int64_t newest = 0;
    struct result result = look(following, commits, session, &outlook, &newest);
    store_rollback(session);
    TRY(result);
    if (outlook == OUTLOOK_BEHIND) {
        TRY(follow_commits(following, commits));
    } else if (outlook != OUTLOOK_CURRENT && !may_load) {
        return fault(ERROR_STORE_UNAVAILABLE, "what was followed is not there");
    } else if (outlook != OUTLOOK_CURRENT) {
        TRY(load_anew(following, session, outlook));
    }
    /* All that was there when the look began is followed, whatever came meanwhile. */
    *ret_more = position_of(following).revision < newest;
    if (!*ret_more) {
        confirm(following, begun_at);
    }
    return RESULT_OK;
}

struct result following_catch_up(struct following *following, struct store_session *session,
                                 bool is_new)
{
    struct commits commits;
    struct result result = RESULT_OK;
    bool more = true;
    arena_init(&commits.arena, FOLLOWING_MEMORY_MAXIMUM);
    while (more && !result_failed(result)) {
        result = catch_up_once(following, &commits, session, is_new, &more);
    }
    store_rollback(session);
    arena_reset(&commits.arena);
    return result;
}

/* What has to be loaded, the follower loads. */
struct result following_recover(struct following *following, struct store_session *session)
{
    return following->is_shared ? following_catch_up(following, session, false)
                                : following_load(following, session);
}
