#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>

#include "keyring/keyring.h"
#include "unit.h"

/* Keys, projects and owners are numbers here; each has an id, and each key a digest. */
enum { NOW = 1000, IDS_LENGTH = 64 };

struct subject {
    unsigned key;
    unsigned project;
    unsigned owner;
};

struct change_texts {
    char key[IDS_LENGTH];
    char organization[IDS_LENGTH];
    char project[IDS_LENGTH];
    char owner[IDS_LENGTH];
};

static struct text write_id(char *storage, enum id_kind kind, unsigned number)
{
    int length = snprintf(storage, IDS_LENGTH, "%.*s%010u%014u", TEXT_ARGUMENTS(id_prefix(kind)),
                          number, number);
    return (struct text){ storage, (size_t)length };
}

static struct digest digest_of_key(unsigned key)
{
    char text[32];
    struct digest digest;
    (void)snprintf(text, sizeof text, "key %u", key);
    assert_ok(digest_of(text_of(text), &digest));
    return digest;
}

/* A change of a service account's key that never expires and has no scopes. */
static struct key_change change_of(enum key_change_kind kind, const struct subject *subject,
                                   struct change_texts *texts)
{
    return (struct key_change){
        .kind = kind,
        .digest = digest_of_key(subject->key),
        .key_id = write_id(texts->key, ID_KEY, subject->key),
        .organization_id = write_id(texts->organization, ID_ORGANIZATION, 1),
        .project_id = write_id(texts->project, ID_PROJECT, subject->project),
        .owner = { .id = write_id(texts->owner, ID_SERVICE_ACCOUNT, subject->owner),
                   .is_service_account = true },
        .has_role = true,
        .expires_at = FIELD_ABSENT,
    };
}

static void follow(struct keyring *keyring, const struct key_change *change)
{
    assert_ok(keyring_reserve(keyring, 1));
    keyring_follow(keyring, change);
}

static void issue(struct keyring *keyring, unsigned key, unsigned project, unsigned owner)
{
    struct subject subject = { key, project, owner };
    struct change_texts texts;
    struct key_change change = change_of(KEY_ISSUED, &subject, &texts);
    follow(keyring, &change);
}

static void end(struct keyring *keyring, unsigned key)
{
    struct key_change change = { .kind = KEY_ENDED, .digest = digest_of_key(key) };
    follow(keyring, &change);
}

static enum keyring_verdict check(struct keyring *keyring, unsigned key,
                                  struct keyring_holder *holder)
{
    struct digest digest = digest_of_key(key);
    return keyring_check(keyring, &digest, NOW, holder);
}

static int open_keyring(void **state)
{
    struct keyring *keyring = NULL;
    assert_ok(digest_initialize());
    assert_ok(keyring_create(&keyring));
    *state = keyring;
    return 0;
}

static int close_keyring(void **state)
{
    keyring_free(*state);
    return 0;
}

/* ---- One at a time ---- */

static void a_key_is_known_from_its_issue_to_its_end(void **state)
{
    struct keyring_holder holder;
    assert_int_equal(check(*state, 1, &holder), KEYRING_UNKNOWN);
    issue(*state, 1, 2, 3);
    assert_int_equal(check(*state, 1, &holder), KEYRING_ACTIVE);
    assert_memory_equal(holder.key.body, "000000000100000000000001", ID_BODY_LENGTH);
    assert_memory_equal(holder.project.body, "000000000200000000000002", ID_BODY_LENGTH);
    assert_memory_equal(holder.owner.body, "000000000300000000000003", ID_BODY_LENGTH);
    assert_memory_equal(holder.organization.body, "000000000100000000000001", ID_BODY_LENGTH);
    assert_true(holder.owner_is_service_account);
    assert_int_equal(holder.scopes_length, 0);
    end(*state, 1);
    assert_int_equal(check(*state, 1, &holder), KEYRING_UNKNOWN);
    issue(*state, 1, 4, 5);
    assert_int_equal(check(*state, 1, &holder), KEYRING_ACTIVE);
    assert_memory_equal(holder.project.body, "000000000400000000000004", ID_BODY_LENGTH);
}

/* What happens to what a key refers to, and what a check says of it then. */
static void a_key_follows_its_project_its_owner_and_its_role(void **state)
{
    static const struct {
        enum key_change_kind kind;
        bool has_role;
        bool is_organization_owner;
        int64_t expires_at;
        enum keyring_verdict verdict;
    } steps[] = {
        { MEMBERSHIP_CHANGED, false, false, 0, KEYRING_OWNER_WITHOUT_ACCESS },
        { MEMBERSHIP_CHANGED, true, false, 0, KEYRING_ACTIVE },
        { MEMBERSHIP_CHANGED, false, false, 0, KEYRING_OWNER_WITHOUT_ACCESS },
        { OWNER_CHANGED, false, true, 0, KEYRING_ACTIVE },
        { OWNER_CHANGED, false, false, 0, KEYRING_OWNER_WITHOUT_ACCESS },
        { MEMBERSHIP_CHANGED, true, false, 0, KEYRING_ACTIVE },
        { KEY_UPDATED, true, false, NOW, KEYRING_EXPIRED },
        { KEY_UPDATED, true, false, NOW + 1, KEYRING_ACTIVE },
        { PROJECT_ARCHIVED, true, false, 0, KEYRING_PROJECT_ARCHIVED },
        { OWNER_GONE, true, false, 0, KEYRING_UNKNOWN },
    };
    struct subject subject = { 1, 2, 3 };
    struct keyring_holder holder;
    issue(*state, 1, 2, 3);
    for (size_t i = 0; i < ITEMS(steps); i++) {
        struct change_texts texts;
        struct key_change change = change_of(steps[i].kind, &subject, &texts);
        change.has_role = steps[i].has_role;
        change.owner.is_organization_owner = steps[i].is_organization_owner;
        change.expires_at = steps[i].expires_at != 0 ? steps[i].expires_at : FIELD_ABSENT;
        follow(*state, &change);
        assert_int_equal(check(*state, 1, &holder), steps[i].verdict);
    }
}

static void an_admin_key_counts_while_its_person_is_an_owner(void **state)
{
    struct subject subject = { 50, 0, 3 };
    struct change_texts texts;
    struct keyring_holder holder;
    struct key_change change = change_of(KEY_ISSUED, &subject, &texts);
    change.is_admin_key = true;
    change.project_id = TEXT_NONE;
    change.owner.is_organization_owner = true;
    follow(*state, &change);
    assert_int_equal(check(*state, 50, &holder), KEYRING_ADMIN);
    change.kind = OWNER_CHANGED;
    change.owner.is_organization_owner = false;
    follow(*state, &change);
    assert_int_equal(check(*state, 50, &holder), KEYRING_UNKNOWN);
    /* An owner again, but keys from before do not come back. */
    change.owner.is_organization_owner = true;
    change.owner.admin_keys_after = INT64_MAX / 2;
    follow(*state, &change);
    assert_int_equal(check(*state, 50, &holder), KEYRING_UNKNOWN);
}

static void scopes_are_kept_with_the_key(void **state)
{
    const struct text many[] = { TEXT("api.model.request"), TEXT("api.files.read") };
    struct subject subject = { 1, 2, 3 };
    struct change_texts texts;
    struct keyring_holder holder;
    struct key_change change = change_of(KEY_ISSUED, &subject, &texts);
    change.scopes = (struct text_list){ many, 2 };
    follow(*state, &change);
    issue(*state, 2, 2, 3);
    assert_int_equal(check(*state, 1, &holder), KEYRING_ACTIVE);
    assert_int_equal(holder.scopes_length, strlen("api.model.request api.files.read"));
    assert_memory_equal(holder.scopes, "api.model.request api.files.read", holder.scopes_length);
    change.kind = KEY_UPDATED;
    change.scopes = (struct text_list){ many, 1 };
    follow(*state, &change);
    assert_int_equal(check(*state, 1, &holder), KEYRING_ACTIVE);
    assert_memory_equal(holder.scopes, "api.model.request", holder.scopes_length);
    assert_int_equal(check(*state, 2, &holder), KEYRING_ACTIVE);
    assert_int_equal(holder.scopes_length, 0);
}

/* Cases 9 and 15: what was removed stays removed, whatever the table does around it. */
static void keys_survive_growth_and_ends_stay_ends(void **state)
{
    enum { KEYS = 20000 };
    struct keyring_holder holder;
    for (unsigned key = 0; key < KEYS; key++) {
        issue(*state, key, key % 7, key % 101);
        if (key % 3 == 0) {
            end(*state, key);
        }
    }
    for (unsigned key = 0; key < KEYS; key++) {
        char body[ID_BODY_LENGTH + 1];
        assert_int_equal(check(*state, key, &holder),
                         key % 3 == 0 ? KEYRING_UNKNOWN : KEYRING_ACTIVE);
        if (key % 3 != 0) {
            (void)snprintf(body, sizeof body, "%010u%014u", key % 101, key % 101);
            assert_memory_equal(holder.owner.body, body, ID_BODY_LENGTH);
        }
    }
    assert_int_equal(keyring_statistics(*state).keys, KEYS - (KEYS + 2) / 3);
    for (unsigned key = 0; key < KEYS; key++) {
        end(*state, key);
    }
    assert_int_equal(keyring_statistics(*state).keys, 0);
}

/* ---- Many at once ---- */

enum { CHECKERS = 3, ROUNDS = 20000, STEADY_KEYS = 64, CHURNED_KEYS = 512 };

struct contest {
    struct keyring *keyring;
    atomic_uint ended; /* every churned key below this was ended, and its end was answered */
    atomic_bool over;
    atomic_uint wrong;
};

/* A steady key is never refused nor mistaken for another; an ended one never succeeds. */
static void check_once(struct contest *contest, unsigned number)
{
    struct keyring_holder holder;
    unsigned steady = number % STEADY_KEYS;
    unsigned ended = atomic_load(&contest->ended);
    char body[ID_BODY_LENGTH + 1];
    (void)snprintf(body, sizeof body, "%010u%014u", steady, steady);
    if (check(contest->keyring, steady, &holder) != KEYRING_ACTIVE ||
        memcmp(holder.key.body, body, ID_BODY_LENGTH) != 0 ||
        memcmp(holder.owner.body, body, ID_BODY_LENGTH) != 0) {
        atomic_fetch_add(&contest->wrong, 1);
    }
    if (ended > STEADY_KEYS && check(contest->keyring, STEADY_KEYS + number % (ended - STEADY_KEYS),
                                     &holder) != KEYRING_UNKNOWN) {
        atomic_fetch_add(&contest->wrong, 1);
    }
}

static void *check_for_long(void *context)
{
    struct contest *contest = context;
    for (unsigned number = 0; !atomic_load(&contest->over); number++) {
        check_once(contest, number);
    }
    return NULL;
}

static void checks_and_changes_do_not_disturb_each_other(void **state)
{
    struct contest contest = { .keyring = *state, .ended = STEADY_KEYS };
    pthread_t threads[CHECKERS];
    for (unsigned key = 0; key < STEADY_KEYS; key++) {
        issue(*state, key, key, key);
    }
    for (size_t i = 0; i < CHECKERS; i++) {
        assert_int_equal(pthread_create(&threads[i], NULL, check_for_long, &contest), 0);
    }
    for (unsigned key = STEADY_KEYS; key < ROUNDS; key++) {
        struct keyring_holder holder;
        issue(*state, key, key % 5, key % 17 + 1000);
        assert_int_equal(check(*state, key, &holder), KEYRING_ACTIVE);
        if (key >= STEADY_KEYS + CHURNED_KEYS) {
            end(*state, key - CHURNED_KEYS);
            atomic_store(&contest.ended, key - CHURNED_KEYS + 1);
        }
    }
    atomic_store(&contest.over, true);
    for (size_t i = 0; i < CHECKERS; i++) {
        (void)pthread_join(threads[i], NULL);
    }
    assert_int_equal(atomic_load(&contest.wrong), 0);
}

/* ---- Everything that changes, under millions of checks ---- */

/*
 * Each round has a project, an owner and a key of its own. The key is issued, its scopes change,
 * and in the end it is revoked, or its project archived, or its owner removed. The checkers know
 * how far the rounds have come, and so what a key of each may still do. A table of few keys grows
 * meanwhile.
 */
enum { LIVES = 6000, CHECKS_MINIMUM = 2000000, CHECKS_BATCH = 256 };
enum life_end { LIFE_REVOKED, LIFE_ARCHIVED, LIFE_OWNER_GONE, LIFE_KEPT, LIFE_END_COUNT };

static const struct text short_scope[] = { TEXT("a") };
static const struct text long_scopes[] = { TEXT("api.model.request"), TEXT("api.files.read") };

struct lives {
    struct keyring *keyring;
    atomic_uint begun; /* every key below was issued */
    atomic_uint ended; /* every key below has met its end */
    atomic_uint checks;
    atomic_bool over;
    atomic_uint wrong;
};

static bool is_end_of(enum life_end end, enum keyring_verdict verdict)
{
    static const enum keyring_verdict verdicts[] = {
        [LIFE_REVOKED] = KEYRING_UNKNOWN,
        [LIFE_ARCHIVED] = KEYRING_PROJECT_ARCHIVED,
        [LIFE_OWNER_GONE] = KEYRING_UNKNOWN,
        [LIFE_KEPT] = KEYRING_ACTIVE,
    };
    return verdict == verdicts[end];
}

/* Whole: the key's own ids, and one of the two lists that it ever had. */
static bool is_whole(const struct keyring_holder *holder, unsigned key)
{
    char body[ID_BODY_LENGTH + 1];
    struct text scopes = { holder->scopes, holder->scopes_length };
    (void)snprintf(body, sizeof body, "%010u%014u", key, key);
    return memcmp(holder->key.body, body, ID_BODY_LENGTH) == 0 &&
           memcmp(holder->owner.body, body, ID_BODY_LENGTH) == 0 &&
           memcmp(holder->project.body, body, ID_BODY_LENGTH) == 0 &&
           (text_equal(scopes, TEXT("a")) ||
            text_equal(scopes, TEXT("api.model.request api.files.read")));
}

static bool is_right(struct lives *lives, unsigned key)
{
    struct keyring_holder holder;
    unsigned begun = atomic_load(&lives->begun);
    unsigned ended = atomic_load(&lives->ended);
    struct digest digest = digest_of_key(key);
    enum keyring_verdict verdict = keyring_check(lives->keyring, &digest, NOW, &holder);
    if (verdict == KEYRING_ACTIVE) {
        keyring_note_use(lives->keyring, &digest, &holder, USE_OF_PROJECT_KEY, NOW);
    }
    if (key < ended) {
        return is_end_of(key % LIFE_END_COUNT, verdict);
    }
    /* It may be at its end by now; but a key that was issued is never refused before. */
    return verdict == KEYRING_ACTIVE ? is_whole(&holder, key)
                                     : key >= begun || is_end_of(key % LIFE_END_COUNT, verdict);
}

static void *watch_lives(void *context)
{
    struct lives *lives = context;
    uint32_t random = 1;
    while (!atomic_load(&lives->over)) {
        for (unsigned i = 0; i < CHECKS_BATCH; i++) {
            /* Mostly those to which something is happening now. */
            unsigned begun = atomic_load(&lives->begun);
            random = random * 1664525 + 1013904223;
            unsigned back = (random >> 8) % (i % 8 == 0 ? begun + 1 : 8);
            unsigned key = begun + 2 > back ? begun + 2 - back : 0;
            atomic_fetch_add(&lives->wrong, !is_right(lives, key));
        }
        atomic_fetch_add(&lives->checks, CHECKS_BATCH);
    }
    return NULL;
}

static void live(struct lives *lives, unsigned key)
{
    static const enum key_change_kind ends[] = {
        [LIFE_REVOKED] = KEY_ENDED,
        [LIFE_ARCHIVED] = PROJECT_ARCHIVED,
        [LIFE_OWNER_GONE] = OWNER_GONE,
        [LIFE_KEPT] = KEY_UPDATED,
    };
    struct subject subject = { key, key, key };
    struct change_texts texts;
    struct key_use uses[16];
    struct key_change change = change_of(KEY_ISSUED, &subject, &texts);
    change.scopes = (struct text_list){ short_scope, 1 };
    follow(lives->keyring, &change);
    atomic_store(&lives->begun, key + 1);
    change.kind = KEY_UPDATED;
    change.scopes = (struct text_list){ long_scopes, 2 };
    follow(lives->keyring, &change);
    (void)keyring_take_uses(lives->keyring, uses, ITEMS(uses));
    change.kind = ends[key % LIFE_END_COUNT];
    follow(lives->keyring, &change);
    atomic_store(&lives->ended, key + 1);
}

static void ends_are_ends_under_millions_of_checks(void **state)
{
    struct lives lives = { .keyring = *state };
    pthread_t threads[CHECKERS];
    for (size_t i = 0; i < CHECKERS; i++) {
        assert_int_equal(pthread_create(&threads[i], NULL, watch_lives, &lives), 0);
    }
    for (unsigned key = 0; key < LIVES; key++) {
        live(&lives, key);
        /* The checks keep pace: each life has its share of them. */
        while (atomic_load(&lives.checks) < (uint64_t)CHECKS_MINIMUM * key / LIVES) {
            (void)sched_yield();
        }
    }
    atomic_store(&lives.over, true);
    for (size_t i = 0; i < CHECKERS; i++) {
        (void)pthread_join(threads[i], NULL);
    }
    assert_true(atomic_load(&lives.checks) >= CHECKS_MINIMUM / 2);
    assert_int_equal(atomic_load(&lives.wrong), 0);
}

/* ---- Two keys in turn, in the same entries ---- */

/*
 * Of two keys one is always there, and as soon as it ends the other one takes its slot or another,
 * and its entries in every small table. A check that reads on where another key is by now would
 * tell the one's id with the other's owner.
 */
enum { TURNS = 200000 };

struct turns {
    struct keyring *keyring;
    atomic_bool over;
    atomic_uint torn;
    atomic_uint whole;
};

static void *watch_turns(void *context)
{
    struct turns *turns = context;
    struct digest digests[] = { digest_of_key(0), digest_of_key(1) };
    for (unsigned i = 0; !atomic_load(&turns->over); i++) {
        struct keyring_holder holder;
        char body[ID_BODY_LENGTH + 1];
        unsigned key = i % 2;
        if (keyring_check(turns->keyring, &digests[key], NOW, &holder) == KEYRING_ACTIVE) {
            (void)snprintf(body, sizeof body, "%010u%014u", key, key);
            bool is_torn = memcmp(holder.key.body, body, ID_BODY_LENGTH) != 0 ||
                           memcmp(holder.owner.body, body, ID_BODY_LENGTH) != 0 ||
                           memcmp(holder.project.body, body, ID_BODY_LENGTH) != 0;
            atomic_fetch_add(is_torn ? &turns->torn : &turns->whole, 1);
        }
    }
    return NULL;
}

static void no_key_is_told_with_the_owner_of_another(void **state)
{
    struct turns turns = { .keyring = *state };
    pthread_t threads[CHECKERS];
    struct change_texts texts[2];
    struct key_change issues[2];
    struct key_change ends[2];
    for (unsigned key = 0; key < 2; key++) {
        issues[key] = change_of(KEY_ISSUED, &(struct subject){ key, key, key }, &texts[key]);
        ends[key] = (struct key_change){ .kind = KEY_ENDED, .digest = digest_of_key(key) };
    }
    for (size_t i = 0; i < CHECKERS; i++) {
        assert_int_equal(pthread_create(&threads[i], NULL, watch_turns, &turns), 0);
    }
    for (unsigned turn = 0; turn < TURNS; turn++) {
        follow(*state, &issues[turn % 2]);
        follow(*state, &ends[turn % 2]);
    }
    atomic_store(&turns.over, true);
    for (size_t i = 0; i < CHECKERS; i++) {
        (void)pthread_join(threads[i], NULL);
    }
    assert_int_equal(atomic_load(&turns.torn), 0);
    assert_true(atomic_load(&turns.whole) > 0);
}

/* ---- Uses ---- */

static enum keyring_verdict use(struct keyring *keyring, unsigned key, int64_t now)
{
    struct keyring_holder holder;
    struct digest digest = digest_of_key(key);
    enum keyring_verdict verdict = keyring_check(keyring, &digest, now, &holder);
    if (verdict == KEYRING_ACTIVE) {
        keyring_note_use(keyring, &digest, &holder, USE_OF_PROJECT_KEY, now);
    }
    return verdict;
}

static void a_use_is_noted_once_until_it_is_taken(void **state)
{
    struct key_use uses[4];
    struct digest digest = digest_of_key(1);
    issue(*state, 1, 2, 3);
    issue(*state, 2, 2, 3);
    for (int64_t now = 10; now < 15; now++) {
        assert_int_equal(use(*state, 1, now), KEYRING_ACTIVE);
    }
    assert_int_equal(use(*state, 9, 20), KEYRING_UNKNOWN);
    assert_int_equal(keyring_take_uses(*state, uses, ITEMS(uses)), 1);
    assert_memory_equal(uses[0].digest.bytes, digest.bytes, DIGEST_SIZE);
    assert_int_equal(uses[0].used_at, 10);
    assert_int_equal(uses[0].kind, USE_OF_PROJECT_KEY);
    assert_int_equal(keyring_take_uses(*state, uses, ITEMS(uses)), 0);
    assert_int_equal(use(*state, 1, 30), KEYRING_ACTIVE);
    assert_int_equal(use(*state, 2, 31), KEYRING_ACTIVE);
    assert_int_equal(keyring_take_uses(*state, uses, 1), 1);
    assert_int_equal(keyring_take_uses(*state, uses, 1), 1);
    assert_int_equal(keyring_take_uses(*state, uses, 1), 0);
}

static void the_use_of_a_session_is_noted_once_a_minute(void **state)
{
    struct key_use uses[4];
    struct digest digest = digest_of_key(1);
    for (int64_t now = 60; now < 180; now++) {
        keyring_note_session_use(*state, &digest, now);
    }
    assert_int_equal(keyring_take_uses(*state, uses, ITEMS(uses)), 2);
    assert_memory_equal(uses[0].digest.bytes, digest.bytes, DIGEST_SIZE);
    assert_int_equal(uses[0].kind, USE_OF_SESSION);
    assert_int_equal(uses[0].used_at, 60);
    assert_int_equal(uses[1].used_at, 120);
}

/* The use of a key that has ended stays noted; that it is none of the next key with its value, the
 * store knows by the time. */
static void a_key_that_is_issued_anew_is_noted_anew(void **state)
{
    struct key_use uses[4];
    issue(*state, 1, 2, 3);
    (void)use(*state, 1, 10);
    end(*state, 1);
    issue(*state, 1, 2, 3);
    (void)use(*state, 1, 20);
    assert_int_equal(keyring_take_uses(*state, uses, ITEMS(uses)), 2);
    assert_int_equal(uses[0].used_at, 10);
    assert_int_equal(uses[1].used_at, 20);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_key_is_known_from_its_issue_to_its_end, open_keyring,
                                        close_keyring),
        cmocka_unit_test_setup_teardown(a_key_follows_its_project_its_owner_and_its_role,
                                        open_keyring, close_keyring),
        cmocka_unit_test_setup_teardown(an_admin_key_counts_while_its_person_is_an_owner,
                                        open_keyring, close_keyring),
        cmocka_unit_test_setup_teardown(scopes_are_kept_with_the_key, open_keyring, close_keyring),
        cmocka_unit_test_setup_teardown(keys_survive_growth_and_ends_stay_ends, open_keyring,
                                        close_keyring),
        cmocka_unit_test_setup_teardown(checks_and_changes_do_not_disturb_each_other, open_keyring,
                                        close_keyring),
        cmocka_unit_test_setup_teardown(ends_are_ends_under_millions_of_checks, open_keyring,
                                        close_keyring),
        cmocka_unit_test_setup_teardown(no_key_is_told_with_the_owner_of_another, open_keyring,
                                        close_keyring),
        cmocka_unit_test_setup_teardown(a_use_is_noted_once_until_it_is_taken, open_keyring,
                                        close_keyring),
        cmocka_unit_test_setup_teardown(the_use_of_a_session_is_noted_once_a_minute, open_keyring,
                                        close_keyring),
        cmocka_unit_test_setup_teardown(a_key_that_is_issued_anew_is_noted_anew, open_keyring,
                                        close_keyring),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
