#include "unit.h"

#include <stdio.h>

#include "codec/digest.h"
#include "domain/login_limits.h"

enum { NOW = 1000000 };

#define HERE TEXT("203.0.113.7")
#define THERE TEXT("203.0.113.8")

static int initialize(void **state)
{
    (void)state;
    assert_ok(digest_initialize());
    return 0;
}

static struct login_limits *made(void)
{
    struct login_limits *limits = NULL;
    assert_ok(login_limits_create(&limits));
    return limits;
}

/* Attempts at `now`, until one must wait; how many there were. */
static unsigned free_attempts(struct login_limits *limits, struct text account, struct text address,
                              int64_t now)
{
    unsigned count = 0;
    while (count < 1000 && login_limits_try(limits, account, address, now) == 0) {
        count++;
    }
    return count;
}

static void waits_double_up_to_a_maximum(void **state)
{
    struct login_limits *limits = made();
    int64_t now = NOW;
    (void)state;
    assert_int_equal(free_attempts(limits, TEXT("a"), HERE, now), LOGIN_FREE_OF_ACCOUNT);
    for (int64_t wait = 1; wait < LOGIN_WAIT_OF_ACCOUNT; wait *= 2) {
        assert_int_equal(login_limits_try(limits, TEXT("a"), THERE, now), wait);
        assert_int_equal(login_limits_try(limits, TEXT("a"), THERE, now + wait - 1), 1);
        now += wait;
        assert_int_equal(login_limits_try(limits, TEXT("a"), THERE, now), 0);
    }
    assert_int_equal(login_limits_try(limits, TEXT("a"), THERE, now), LOGIN_WAIT_OF_ACCOUNT);
    /* Another account is as free as ever, and this one is after an hour. */
    assert_int_equal(login_limits_try(limits, TEXT("b"), THERE, now), 0);
    assert_int_equal(free_attempts(limits, TEXT("a"), THERE, now + LOGIN_MEMORY_SECONDS),
                     LOGIN_FREE_OF_ACCOUNT);
    login_limits_free(limits);
}

static void an_address_has_its_own(void **state)
{
    struct login_limits *limits = made();
    (void)state;
    assert_int_equal(free_attempts(limits, TEXT_NONE, HERE, NOW), LOGIN_FREE_OF_ADDRESS);
    assert_int_equal(login_limits_try(limits, TEXT("a"), HERE, NOW), 1);
    /* What must wait is not counted: neither at the account. */
    assert_int_equal(free_attempts(limits, TEXT("a"), THERE, NOW), LOGIN_FREE_OF_ACCOUNT);
    assert_int_equal(login_limits_try(limits, TEXT_NONE, THERE, NOW), 0);
    login_limits_free(limits);
}

static void an_address_is_its_network(void **state)
{
    struct login_limits *limits = made();
    (void)state;
    (void)free_attempts(limits, TEXT_NONE, TEXT("2001:db8:1:2::1"), NOW);
    assert_int_equal(login_limits_try(limits, TEXT_NONE, TEXT("2001:db8:1:2:ffff::9"), NOW), 1);
    assert_int_equal(login_limits_try(limits, TEXT_NONE, TEXT("2001:db8:1:3::1"), NOW), 0);
    (void)free_attempts(limits, TEXT_NONE, TEXT("::ffff:203.0.113.7"), NOW);
    assert_int_equal(login_limits_try(limits, TEXT_NONE, HERE, NOW), 1);
    assert_int_equal(login_limits_try(limits, TEXT_NONE, THERE, NOW), 0);
    login_limits_free(limits);
}

static void what_is_right_frees_the_account(void **state)
{
    struct login_limits *limits = made();
    (void)state;
    (void)free_attempts(limits, TEXT("a"), HERE, NOW);
    login_limits_clear(limits, TEXT("a"), HERE);
    assert_int_equal(free_attempts(limits, TEXT("a"), HERE, NOW), LOGIN_FREE_OF_ACCOUNT);
    /* One is taken back: of those that waited there is room for one more. */
    login_limits_return(limits, TEXT("a"), HERE);
    assert_int_equal(free_attempts(limits, TEXT("a"), HERE, NOW), 1);
    login_limits_free(limits);
}

/* Nor does a place that was forgotten count on, or stand in the way of the name's own. */
static void who_is_always_right_never_waits(void **state)
{
    enum { NAMES = 50000 };
    struct login_limits *limits = made();
    char name[16];
    int64_t now = NOW;
    (void)state;
    /* All places are in use: the name shares its set with others. */
    for (int i = 0; i < NAMES; i++) {
        (void)snprintf(name, sizeof name, "n%d", i);
        (void)login_limits_try(limits, text_of(name), text_of(name), now);
    }
    (void)free_attempts(limits, TEXT("a"), HERE, now);
    login_limits_clear(limits, TEXT("a"), HERE);
    now += 2 * (int64_t)LOGIN_MEMORY_SECONDS;
    for (int i = 0; i < 50; i++) {
        assert_int_equal(login_limits_try(limits, TEXT("a"), HERE, now), 0);
        login_limits_clear(limits, TEXT("a"), HERE);
        now += 30;
    }
    login_limits_free(limits);
}

/* What is taken back of names that have no place takes none from another. */
static void taking_back_frees_nobody_else(void **state)
{
    enum { NAMES = 20000 };
    struct login_limits *limits = made();
    char name[16];
    (void)state;
    /* All places are in use, so that the one with a single attempt is the first to make room. */
    for (int i = 0; i < NAMES; i++) {
        (void)snprintf(name, sizeof name, "n%d", i);
        (void)free_attempts(limits, text_of(name), text_of(name), NOW);
    }
    assert_int_equal(login_limits_try(limits, TEXT("a"), HERE, NOW), 0);
    for (int i = 0; i < NAMES; i++) {
        (void)snprintf(name, sizeof name, "m%d", i);
        login_limits_clear(limits, text_of(name), text_of(name));
        login_limits_return(limits, text_of(name), text_of(name));
    }
    assert_int_equal(free_attempts(limits, TEXT("a"), HERE, NOW), LOGIN_FREE_OF_ACCOUNT - 1);
    login_limits_free(limits);
}

/* However much was tried an hour ago, it makes room before what is tried now. */
static void what_is_forgotten_makes_room_first(void **state)
{
    enum { NAMES = 16000, MORE_NAMES = 50000 };
    struct login_limits *limits = made();
    char name[16];
    int64_t later = NOW + 200 + LOGIN_MEMORY_SECONDS;
    (void)state;
    for (int i = 0; i < NAMES; i++) {
        (void)snprintf(name, sizeof name, "n%d", i);
        (void)free_attempts(limits, text_of(name), text_of(name), NOW);
        (void)login_limits_try(limits, text_of(name), text_of(name), NOW + 100);
        (void)login_limits_try(limits, text_of(name), text_of(name), NOW + 200);
    }
    (void)free_attempts(limits, TEXT("a"), HERE, later);
    for (int i = 0; i < MORE_NAMES; i++) {
        (void)snprintf(name, sizeof name, "m%d", i);
        (void)login_limits_try(limits, text_of(name), text_of(name), later);
    }
    assert_int_equal(login_limits_try(limits, TEXT("a"), THERE, later), 1);
    login_limits_free(limits);
}

/* However many names are tried, those that were tried much are remembered. */
static void a_flood_of_names_frees_nobody(void **state)
{
    enum { NAMES = 50000 };
    struct login_limits *limits = made();
    char name[16];
    (void)state;
    (void)free_attempts(limits, TEXT("a"), HERE, NOW);
    for (int i = 0; i < NAMES; i++) {
        (void)snprintf(name, sizeof name, "n%d", i);
        (void)login_limits_try(limits, text_of(name), text_of(name), NOW);
    }
    assert_int_equal(login_limits_try(limits, TEXT("a"), THERE, NOW), 1);
    login_limits_free(limits);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(waits_double_up_to_a_maximum),
        cmocka_unit_test(an_address_has_its_own),
        cmocka_unit_test(an_address_is_its_network),
        cmocka_unit_test(what_is_right_frees_the_account),
        cmocka_unit_test(who_is_always_right_never_waits),
        cmocka_unit_test(taking_back_frees_nobody_else),
        cmocka_unit_test(what_is_forgotten_makes_room_first),
        cmocka_unit_test(a_flood_of_names_frees_nobody),
    };
    return cmocka_run_group_tests(tests, initialize, NULL);
}
