/*
 * What a check relies on, one interleaving after the other: the test looks a key up, changes the
 * slot as the changing thread would in between, and looks again.
 */
#include <string.h>

#include "keyring/registry.h"
#include "keyring/slots.h"
#include "unit.h"

/* Keys with the same first word begin their search at the same slot. */
static struct slot_key key_of(unsigned number)
{
    struct slot_key key = { .id_time = number, .membership = number, .scopes = number };
    memset(key.digest.bytes, 0x11, 8);
    memcpy(key.digest.bytes + 8, &number, sizeof number);
    return key;
}

static void insert(struct slots *slots, unsigned number)
{
    struct slot_key key = key_of(number);
    slots_insert(slots, &key);
}

static bool find(struct slots *slots, unsigned number, struct slot_key *ret_key,
                 struct slot_reference *ret_reference)
{
    struct digest digest = key_of(number).digest;
    return slots_find(slots, &digest, ret_key, ret_reference);
}

static void remove_key(struct slots *slots, unsigned number)
{
    struct digest digest = key_of(number).digest;
    assert_true(slots_remove(slots, &digest));
}

static int open_slots(void **state)
{
    struct slots *slots = NULL;
    assert_ok(slots_open(0, &slots));
    *state = slots;
    return 0;
}

static int close_slots(void **state)
{
    slots_close(*state);
    return 0;
}

static void a_key_that_was_removed_meanwhile_is_seen(void **state)
{
    struct slot_key key;
    struct slot_reference found;
    insert(*state, 1);
    assert_true(find(*state, 1, &key, &found));
    assert_true(slot_is_unchanged(&found));
    remove_key(*state, 1);
    assert_false(slot_is_unchanged(&found));
}

/* The slot is live again, with another key. */
static void a_slot_that_was_filled_anew_is_seen(void **state)
{
    struct slot_key key;
    struct slot_reference first;
    struct slot_reference second;
    insert(*state, 1);
    assert_true(find(*state, 1, &key, &first));
    remove_key(*state, 1);
    insert(*state, 2);
    assert_true(find(*state, 2, &key, &second));
    assert_ptr_equal(first.slot, second.slot);
    assert_false(slot_is_unchanged(&first));
    assert_true(slot_is_unchanged(&second));
}

/* Also with the same key: what it refers to may be another's by now. */
static void a_key_that_came_back_is_seen(void **state)
{
    struct slot_key key;
    struct slot_reference found;
    insert(*state, 1);
    assert_true(find(*state, 1, &key, &found));
    remove_key(*state, 1);
    insert(*state, 1);
    assert_false(slot_is_unchanged(&found));
}

static void a_key_that_was_updated_meanwhile_is_seen(void **state)
{
    struct slot_key key;
    struct slot_reference found;
    struct digest digest = key_of(1).digest;
    insert(*state, 1);
    assert_true(find(*state, 1, &key, &found));
    assert_true(slots_update(*state, &digest, 7, 9));
    assert_false(slot_is_unchanged(&found));
    assert_true(find(*state, 1, &key, &found));
    assert_int_equal(key.scopes, 7);
    assert_int_equal(key.expires_at, 9);
    assert_int_equal(key.membership, 1);
}

static void a_mark_changes_nothing_and_is_set_once(void **state)
{
    struct slot_key key;
    struct slot_reference found;
    struct slot_reference again;
    insert(*state, 1);
    assert_true(find(*state, 1, &key, &found));
    assert_false(key.is_marked);
    assert_true(slot_mark(&found));
    assert_true(slot_is_unchanged(&found));
    assert_false(slot_mark(&found));
    assert_true(find(*state, 1, &key, &again));
    assert_true(key.is_marked);
    slot_unmark(&again);
    assert_true(slot_is_unchanged(&found));
    assert_true(find(*state, 1, &key, &again));
    assert_false(key.is_marked);
}

/* A mark that stayed where nothing waits to be written would end last_used_at for good. */
static void a_mark_does_not_outlive_a_copy_an_update_or_the_key(void **state)
{
    struct slot_key key;
    struct slot_reference found;
    struct slots *copy = NULL;
    struct digest digest = key_of(1).digest;
    insert(*state, 1);
    assert_true(find(*state, 1, &key, &found));
    assert_true(slot_mark(&found));
    assert_ok(slots_open(10, &copy));
    slots_copy(*state, copy);
    assert_true(find(copy, 1, &key, &found));
    assert_false(key.is_marked);
    slots_close(copy);
    assert_true(slots_update(*state, &digest, 1, 0));
    assert_true(find(*state, 1, &key, &found));
    assert_false(key.is_marked);
    assert_true(slot_mark(&found));
    remove_key(*state, 1);
    insert(*state, 1);
    assert_true(find(*state, 1, &key, &found));
    assert_false(key.is_marked);
}

/* Whatever is removed in between, and in whichever order. */
static void a_search_goes_on_behind_what_was_removed(void **state)
{
    enum { KEYS = 50 };
    struct slot_key key;
    struct slot_reference found;
    for (unsigned number = 0; number < KEYS; number++) {
        insert(*state, number);
    }
    for (unsigned removed = 0; removed < KEYS; removed++) {
        unsigned gone = removed * 7 % KEYS;
        remove_key(*state, gone);
        for (unsigned number = 0; number < KEYS; number++) {
            bool is_gone = false;
            for (unsigned before = 0; before <= removed; before++) {
                is_gone |= before * 7 % KEYS == number;
            }
            assert_int_equal(find(*state, number, &key, &found), !is_gone);
        }
    }
}

/* ---- The small tables ---- */

static void a_full_table_has_room_for_what_was_released(void **state)
{
    enum { ENTRIES = 40000 };
    struct registry registry;
    uint32_t indexes[8];
    (void)state;
    assert_ok(registry_open(1, 2, ENTRIES, &registry));
    for (uint64_t i = 0; i < ENTRIES; i++) {
        assert_ok(registry_reserve(&registry, 1));
        indexes[i % 8] = registry_refer(&registry, &i);
    }
    assert_int_equal(registry_reserve(&registry, 1).error, ERROR_KEYRING_FULL);
    (void)fault_take();
    assert_true(registry_release(&registry, indexes[3]));
    assert_ok(registry_reserve(&registry, 1));
    assert_int_equal(registry_refer(&registry, &(uint64_t){ ENTRIES }), indexes[3]);
    assert_int_equal(registry_reserve(&registry, 1).error, ERROR_KEYRING_FULL);
    (void)fault_take();
    registry_close(&registry);
}

int main(void)
{
#define WITH_SLOTS(test) cmocka_unit_test_setup_teardown(test, open_slots, close_slots)
    const struct CMUnitTest tests[] = {
        WITH_SLOTS(a_key_that_was_removed_meanwhile_is_seen),
        WITH_SLOTS(a_slot_that_was_filled_anew_is_seen),
        WITH_SLOTS(a_key_that_came_back_is_seen),
        WITH_SLOTS(a_key_that_was_updated_meanwhile_is_seen),
        WITH_SLOTS(a_mark_changes_nothing_and_is_set_once),
        WITH_SLOTS(a_mark_does_not_outlive_a_copy_an_update_or_the_key),
        WITH_SLOTS(a_search_goes_on_behind_what_was_removed),
        cmocka_unit_test(a_full_table_has_room_for_what_was_released),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
