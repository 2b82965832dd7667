/*
 * What nodes that share a database follow of each other. Run by tests/support/with_postgres.py. No
 * key is in the tables of these databases, only in what commits leave for other nodes: who loads
 * has none.
 */
#include "test_store_fixture.h"

#include <time.h>

#include "base/clock.h"
#include "keyring/follower.h"
#include "keyring/load.h"
#include "keyring/pruning.h"
#include "store/statements.h"

enum { IDS_LENGTH = 32, CHANGES_MAXIMUM = 4000 };

struct node {
    struct fixture fixture;
    struct keyring *keyring;
    struct following *following;
    struct store_session *follower; /* its session */
    struct store_session *writer;
};

struct result __real_keyring_load(struct store_session *session, struct tables **ret_tables,
                                  int64_t *ret_revision);
struct result __wrap_keyring_load(struct store_session *session, struct tables **ret_tables,
                                  int64_t *ret_revision);

/* What happens behind a load, before its tables are put in their place. */
static void (*behind_load)(struct node *node);
static struct node *loading;

struct result __wrap_keyring_load(struct store_session *session, struct tables **ret_tables,
                                  int64_t *ret_revision)
{
    struct result result = __real_keyring_load(session, ret_tables, ret_revision);
    if (behind_load != NULL) {
        behind_load(loading);
    }
    return result;
}

int64_t __real_clock_monotonic_microseconds(void);
int64_t __wrap_clock_monotonic_microseconds(void);

/* Microseconds that have passed though they have not. */
static _Atomic int64_t passed;

int64_t __wrap_clock_monotonic_microseconds(void)
{
    return __real_clock_monotonic_microseconds() + atomic_load(&passed);
}

struct result __real_store_wait(struct store_session *session, int64_t microseconds);
struct result __wrap_store_wait(struct store_session *session, int64_t microseconds);

/* The follower looks only when it is woken, or stopped. */
struct result __wrap_store_wait(struct store_session *session, int64_t microseconds)
{
    (void)microseconds;
    return __real_store_wait(session, (int64_t)600 * MICROSECONDS_PER_SECOND);
}

static int setup(void **state)
{
    struct node *node = calloc(1, sizeof *node);
    const struct store_options options = {
        .database_url = text_of(database_url()),
        .statements = statements,
        .statement_count = STATEMENT_COUNT,
    };
    (void)run_sql(
        "SET client_min_messages = error; DROP SCHEMA public CASCADE; CREATE SCHEMA public");
    assert_ok(store_open(&options, &node->fixture.store));
    assert_ok(keyring_create(&node->keyring));
    keyring_share(node->keyring, 0);
    assert_ok(following_create(node->keyring, true, TEXT("this"), &node->following));
    node->follower = session_of(&node->fixture, STORE_FOLLOW);
    node->writer = session_of(&node->fixture, STORE_WRITE);
    assert_ok(following_load(node->following, node->follower));
    *state = node;
    return 0;
}

static int teardown(void **state)
{
    struct node *node = *state;
    behind_load = NULL;
    atomic_store(&passed, 0);
    store_session_close(node->follower);
    store_session_close(node->writer);
    store_close(node->fixture.store);
    following_free(node->following);
    keyring_free(node->keyring);
    free(node);
    return 0;
}

/* ---- Keys are numbers ---- */

static struct digest digest_of_key(unsigned key)
{
    char text[IDS_LENGTH];
    struct digest digest;
    (void)snprintf(text, sizeof text, "key %u", key);
    assert_ok(digest_of(text_of(text), &digest));
    return digest;
}

static struct key_change change_of(enum key_change_kind kind, unsigned key)
{
    struct key_change change = { .kind = kind, .digest = digest_of_key(key) };
    change.expires_at = FIELD_ABSENT;
    if (kind == KEY_ISSUED) {
        change.key_id = TEXT("key_000000000000000000000001");
        change.organization_id = TEXT("org_000000000000000000000001");
        change.project_id = TEXT("proj_000000000000000000000001");
        change.owner.id = TEXT("svc_acct_000000000000000000000001");
        change.owner.is_service_account = true;
        change.has_role = true;
    }
    return change;
}

static bool lets_in(const struct node *node, unsigned key)
{
    struct digest digest = digest_of_key(key);
    struct keyring_holder holder;
    return keyring_check(node->keyring, &digest, 1000, &holder) == KEYRING_ACTIVE;
}

/* ---- Commits ---- */

static struct store_state begin(struct node *node)
{
    struct store_state state;
    assert_ok(store_begin(node->writer));
    if (result_failed(store_state_advance(node->writer, &state))) {
        fail_msg("store_state_advance: %s", fault_take().data);
    }
    return state;
}

/* By another node. */
static void commit_elsewhere(struct node *node, const struct key_change *changes)
{
    struct store_state state = begin(node);
    assert_ok(following_publish(node->writer, TEXT("other"), state.revision, changes));
    assert_ok(store_commit(node->writer));
}

/* By this node; the failure is the preparation's. */
static struct result commit_here(struct node *node, struct key_change *changes)
{
    following_begin_batch(node->following);
    struct store_state state = begin(node);
    following_add(node->following, changes);
    struct result result = following_prepare(node->following, node->writer, state.revision);
    if (result_failed(result)) {
        (void)fault_take();
        store_rollback(node->writer);
        return result;
    }
    assert_ok(store_commit(node->writer));
    following_commit(node->following, state.revision);
    return RESULT_OK;
}

static struct result catch_up(struct node *node, bool is_new)
{
    struct result result = following_catch_up(node->following, node->follower, is_new);
    (void)fault_take();
    return result;
}

/* ---- The tests ---- */

static void test_commits_of_others_are_followed_in_their_order(void **state)
{
    struct node *node = *state;
    struct key_change issued = change_of(KEY_ISSUED, 1);
    struct key_change ended = change_of(KEY_ENDED, 1);
    struct key_change own = change_of(KEY_ISSUED, 2);
    commit_elsewhere(node, &issued);
    assert_ok(catch_up(node, false));
    assert_true(lets_in(node, 1));
    /* The writer follows what is before its own. */
    commit_elsewhere(node, &ended);
    assert_ok(commit_here(node, &own));
    assert_false(lets_in(node, 1));
    assert_true(lets_in(node, 2));
    assert_ok(catch_up(node, false));
    assert_false(lets_in(node, 1));
    assert_true(lets_in(node, 2));
}

static void change_all(enum key_change_kind kind, struct key_change *changes)
{
    static struct text scopes[16];
    for (size_t i = 0; i < sizeof scopes / sizeof scopes[0]; i++) {
        scopes[i] = TEXT("a");
    }
    for (unsigned key = 0; key < CHANGES_MAXIMUM; key++) {
        changes[key] = change_of(kind, key);
        changes[key].scopes = (struct text_list){ scopes, sizeof scopes / sizeof scopes[0] };
        changes[key].next = key + 1 < CHANGES_MAXIMUM ? &changes[key + 1] : NULL;
    }
}

/* By more than is read at a time, in commits and in bytes. */
static void test_a_node_far_behind_follows_each_commit(void **state)
{
    enum { SMALL = 250, LARGE = 40 };
    struct node *node = *state;
    struct key_change own = change_of(KEY_ISSUED, CHANGES_MAXIMUM);
    struct key_change *changes = calloc(CHANGES_MAXIMUM, sizeof *changes);
    change_all(KEY_ISSUED, changes);
    commit_elsewhere(node, changes);
    for (unsigned i = 0; i < SMALL; i++) {
        struct key_change ended = change_of(KEY_ENDED, i);
        commit_elsewhere(node, &ended);
    }
    assert_ok(commit_here(node, &own));
    assert_false(lets_in(node, SMALL - 1));
    assert_true(lets_in(node, SMALL));
    change_all(KEY_UPDATED, changes);
    for (unsigned i = 0; i < LARGE; i++) {
        commit_elsewhere(node, changes);
    }
    free(changes);
    assert_ok(catch_up(node, false));
    assert_int_equal(following_lag(node->following), 0);
    assert_int_equal(keyring_statistics(node->keyring).keys, CHANGES_MAXIMUM - SMALL + 1);
    assert_false(lets_in(node, SMALL - 1));
    assert_true(lets_in(node, SMALL));
    assert_true(lets_in(node, CHANGES_MAXIMUM));
}

/* What the commit needs may be deleted; nothing is followed over a gap. */
static void test_a_node_whose_commits_to_follow_are_gone_commits_nothing(void **state)
{
    struct node *node = *state;
    struct key_change issued = change_of(KEY_ISSUED, 1);
    struct key_change own = change_of(KEY_ISSUED, 2);
    for (unsigned i = 0; i < 3; i++) {
        commit_elsewhere(node, &issued);
    }
    (void)run_sql("DELETE FROM changes WHERE revision < (SELECT max(revision) FROM changes)");
    assert_error(commit_here(node, &own), STORE_UNAVAILABLE);
    assert_false(lets_in(node, 1));
    assert_false(lets_in(node, 2));
}

/* ---- Being sure ---- */

static void assert_sure(struct node *node, bool is_sure)
{
    assert_ok(catch_up(node, false));
    assert_int_equal(keyring_is_in_touch(node->keyring), is_sure);
}

/* A primary of the past can be read as ever, and shows nothing new. */
static void test_a_node_that_commits_nothing_is_sure_of_nothing_after_a_while(void **state)
{
    struct node *node = *state;
    struct key_change elsewhere = change_of(KEY_ISSUED, 1);
    assert_sure(node, true);
    atomic_fetch_add(&passed, FOLLOWING_UNPROVEN_MAXIMUM + KEYRING_UNCONFIRMED_MAXIMUM);
    commit_elsewhere(node, &elsewhere);
    assert_sure(node, false);
    assert_true(lets_in(node, 1));
    assert_ok(commit_here(node, NULL));
    assert_sure(node, true);
}

/* ---- Being woken ---- */

static void wait_until_let_in(const struct node *node, unsigned key)
{
    enum { ATTEMPTS = 30000 };
    const struct timespec pause = { .tv_nsec = 1000000 };
    for (unsigned i = 0; i < ATTEMPTS && !lets_in(node, key); i++) {
        (void)nanosleep(&pause, NULL);
    }
    assert_true(lets_in(node, key));
}

static void test_each_commit_of_others_wakes_the_follower(void **state)
{
    enum { COMMITS = 20 };
    struct node *node = *state;
    struct follower *follower = NULL;
    assert_ok(follower_start(node->fixture.store, node->following, &follower));
    for (unsigned key = 1; key <= COMMITS; key++) {
        struct key_change issued = change_of(KEY_ISSUED, key);
        commit_elsewhere(node, &issued);
        wait_until_let_in(node, key);
    }
    follower_stop(follower);
}

/* A session may have stayed on a primary of the past. */
static void test_what_a_database_lacks_is_believed_on_a_new_session_only(void **state)
{
    static const char *const undoings[] = {
        "UPDATE store_state SET revision = revision - 1; DELETE FROM changes",
        "UPDATE changes SET made_at = made_at + 1", /* another commit of that revision */
        "UPDATE store_state SET revision = revision + 2; DELETE FROM changes",
    };
    struct node *node = *state;
    for (size_t i = 0; i < sizeof undoings / sizeof undoings[0]; i++) {
        struct key_change issued = change_of(KEY_ISSUED, 1);
        commit_elsewhere(node, &issued);
        assert_ok(catch_up(node, false));
        (void)run_sql(undoings[i]);
        assert_error(catch_up(node, false), STORE_UNAVAILABLE);
        assert_true(lets_in(node, 1));
        assert_ok(catch_up(node, true));
        assert_false(lets_in(node, 1));
    }
}

/* A failover may have been between the two. */
static void test_a_session_from_before_the_writers_is_of_no_more_use(void **state)
{
    struct node *node = *state;
    struct store_session *reader = session_of(&node->fixture, STORE_READ);
    assert_true(store_session_broken(node->follower)); /* the first one */
    assert_false(store_session_broken(node->writer));
    assert_false(store_session_broken(reader));
    store_session_close(node->writer);
    assert_false(store_session_broken(reader));
    node->writer = session_of(&node->fixture, STORE_WRITE);
    assert_true(store_session_broken(reader));
    store_session_close(reader);
}

static void commit_behind_load(struct node *node)
{
    struct key_change ended = change_of(KEY_ENDED, 1);
    assert_ok(commit_here(node, &ended));
}

/* What it read is older: keys that were revoked meanwhile would be back. */
static void test_a_load_beside_a_commit_is_not_put_in_place(void **state)
{
    struct node *node = *state;
    struct key_change issued[] = { change_of(KEY_ISSUED, 1), change_of(KEY_ISSUED, 2) };
    issued[0].next = &issued[1];
    assert_ok(commit_here(node, issued));
    loading = node;
    behind_load = commit_behind_load;
    assert_error(following_load(node->following, node->follower), STORE_UNAVAILABLE);
    (void)fault_take();
    behind_load = NULL;
    assert_true(lets_in(node, 2));
    assert_false(lets_in(node, 1));
    assert_ok(catch_up(node, false));
}

static void cut_off_load(struct node *node)
{
    (void)node;
    (void)run_sql("SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE "
                  "application_name = 'orgkeys'");
}

static void test_a_load_that_is_cut_off_leaves_what_was_there(void **state)
{
    struct node *node = *state;
    struct key_change issued = change_of(KEY_ISSUED, 1);
    assert_ok(commit_here(node, &issued));
    int64_t revision = keyring_statistics(node->keyring).revision;
    behind_load = cut_off_load;
    assert_error(following_load(node->following, node->follower), STORE_UNAVAILABLE);
    (void)fault_take();
    behind_load = NULL;
    assert_true(lets_in(node, 1));
    assert_int_equal(keyring_statistics(node->keyring).revision, revision);
}

/* ---- What is deleted ---- */

enum { AGE = 600 }; /* seconds, as documented */

/* A round at that second; gives how many rows are left. */
static long long prune(struct node *node, struct pruning *pruning, int64_t second)
{
    bool more = true;
    while (more) {
        struct store_state state = begin(node);
        assert_ok(pruning_run(pruning, node->writer, state.revision,
                              second * MICROSECONDS_PER_SECOND, &more));
        assert_ok(following_publish(node->writer, TEXT("this"), state.revision, NULL));
        assert_ok(store_commit(node->writer));
    }
    return run_sql("SELECT count(*) FROM changes");
}

static void test_changes_are_deleted_when_every_node_had_time_to_follow_them(void **state)
{
    enum { COMMITS = 2 * PRUNING_ROWS_MAXIMUM + 10, STARTED = 1000000 };
    struct node *node = *state;
    struct pruning pruning = { 0 };
    (void)run_sql("WITH made AS (UPDATE store_state SET revision = revision + 2010 RETURNING "
                  "revision) INSERT INTO changes SELECT n, 'other', n, '[]' FROM made, "
                  "generate_series(revision - 2009, revision) AS n");
    assert_int_equal(run_sql("SELECT count(*) FROM changes"), COMMITS);
    assert_int_equal(prune(node, &pruning, STARTED), COMMITS + 1);
    assert_int_equal(prune(node, &pruning, STARTED + AGE - 1), COMMITS + 2);
    /* The newest of the old ones stays, by which a node that followed it knows it again. */
    assert_int_equal(prune(node, &pruning, STARTED + AGE), 1 + 2 + 3);
    assert_int_equal(prune(node, &pruning, STARTED + 2 * AGE - 1), 1 + 2 + 4);
    assert_int_equal(prune(node, &pruning, STARTED + 2 * AGE), 1 + 3 + 2);
}

static void test_a_database_that_was_put_back_grows_old_anew(void **state)
{
    struct node *node = *state;
    struct pruning pruning = { 0 };
    (void)run_sql("UPDATE store_state SET revision = 1000");
    (void)prune(node, &pruning, 1);
    (void)prune(node, &pruning, 1 + AGE);
    (void)run_sql("UPDATE store_state SET revision = 10; DELETE FROM changes");
    for (int64_t second = 2 + AGE; second < 2 + 2 * AGE; second += 100) {
        assert_int_equal(prune(node, &pruning, second), (second - 2 - AGE) / 100 + 1);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_commits_of_others_are_followed_in_their_order, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(test_a_node_far_behind_follows_each_commit, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(
            test_a_node_whose_commits_to_follow_are_gone_commits_nothing, setup, teardown),
        cmocka_unit_test_setup_teardown(
            test_a_node_that_commits_nothing_is_sure_of_nothing_after_a_while, setup, teardown),
        cmocka_unit_test_setup_teardown(test_each_commit_of_others_wakes_the_follower, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(
            test_what_a_database_lacks_is_believed_on_a_new_session_only, setup, teardown),
        cmocka_unit_test_setup_teardown(test_a_session_from_before_the_writers_is_of_no_more_use,
                                        setup, teardown),
        cmocka_unit_test_setup_teardown(test_a_load_beside_a_commit_is_not_put_in_place, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(test_a_load_that_is_cut_off_leaves_what_was_there, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(
            test_changes_are_deleted_when_every_node_had_time_to_follow_them, setup, teardown),
        cmocka_unit_test_setup_teardown(test_a_database_that_was_put_back_grows_old_anew, setup,
                                        teardown),
    };
    assert_ok(digest_initialize());
    return cmocka_run_group_tests(tests, NULL, NULL);
}
