/* Changes on their way to other nodes. */
#include "unit.h"

#include "codec/json.h"
#include "model/key_change.h"

enum { MEMORY_MAXIMUM = 1024 * 1024 };

static int open_arena(void **state)
{
    static struct arena arena;
    json_initialize();
    arena_init(&arena, MEMORY_MAXIMUM);
    *state = &arena;
    return 0;
}

static int close_arena(void **state)
{
    arena_reset(*state);
    return 0;
}

static void assert_same_text(struct text left, struct text right)
{
    assert_int_equal(left.data == NULL, right.data == NULL);
    assert_true(text_equal(left, right));
}

static void assert_same_change(const struct key_change *left, const struct key_change *right)
{
    assert_int_equal(left->kind, right->kind);
    assert_memory_equal(left->digest.bytes, right->digest.bytes, DIGEST_SIZE);
    assert_int_equal(left->is_admin_key, right->is_admin_key);
    assert_same_text(left->key_id, right->key_id);
    assert_same_text(left->organization_id, right->organization_id);
    assert_same_text(left->project_id, right->project_id);
    assert_same_text(left->owner.id, right->owner.id);
    assert_int_equal(left->owner.is_service_account, right->owner.is_service_account);
    assert_int_equal(left->owner.is_organization_owner, right->owner.is_organization_owner);
    assert_int_equal(left->owner.admin_keys_after, right->owner.admin_keys_after);
    assert_int_equal(left->has_role, right->has_role);
    assert_int_equal(left->scopes.items == NULL, right->scopes.items == NULL);
    assert_int_equal(left->scopes.count, right->scopes.count);
    for (size_t i = 0; i < left->scopes.count; i++) {
        assert_same_text(left->scopes.items[i], right->scopes.items[i]);
    }
    assert_int_equal(left->expires_at, right->expires_at);
}

/* One of each kind; what a kind does not speak of is as the domain leaves it. */
static void changes_arrive_as_they_were_sent(void **state)
{
    static const struct text two[] = { TEXT("a.b"), TEXT("c\\\"") };
    static const struct text none[] = { TEXT("") };
    struct key_change sent[] = {
        { .kind = KEY_ISSUED,
          .digest = { { 0x00, 0x7f, 0x80, 0xff } },
          .key_id = TEXT("key_1"),
          .organization_id = TEXT("org_1"),
          .project_id = TEXT("proj_1"),
          .owner = { .id = TEXT("svc_acct_1"), .is_service_account = true },
          .has_role = true,
          .scopes = { two, 2 },
          .expires_at = 5 },
        { .kind = KEY_ISSUED,
          .is_admin_key = true,
          .key_id = TEXT("key_2"),
          .owner = { .id = TEXT("user_1"), .is_organization_owner = true, .admin_keys_after = 7 },
          .expires_at = FIELD_ABSENT },
        { .kind = KEY_UPDATED, .scopes = { none, 0 }, .expires_at = FIELD_ABSENT },
        { .kind = KEY_UPDATED, .scopes = { NULL, 0 }, .expires_at = 9 },
        { .kind = KEY_ENDED, .digest = { { 1 } }, .expires_at = FIELD_ABSENT },
        { .kind = PROJECT_ARCHIVED, .project_id = TEXT("proj_1"), .expires_at = FIELD_ABSENT },
        { .kind = MEMBERSHIP_CHANGED, .has_role = true, .expires_at = FIELD_ABSENT },
        { .kind = OWNER_CHANGED, .owner = { .id = TEXT("user_2") }, .expires_at = FIELD_ABSENT },
        { .kind = OWNER_GONE, .owner = { .id = TEXT("user_3") }, .expires_at = FIELD_ABSENT },
    };
    struct key_change *read = NULL;
    struct buffer json;
    for (size_t i = 0; i + 1 < ITEMS(sent); i++) {
        sent[i].next = &sent[i + 1];
    }
    buffer_init(&json, 10000);
    key_changes_encode(&json, sent);
    assert_ok(key_changes_decode(*state, buffer_text(&json), &read));
    for (size_t i = 0; i < ITEMS(sent); i++) {
        assert_non_null(read);
        assert_same_change(&sent[i], read);
        read = read->next;
    }
    assert_null(read);
    buffer_clear(&json);
    key_changes_encode(&json, NULL);
    assert_ok(key_changes_decode(*state, buffer_text(&json), &read));
    assert_null(read);
    buffer_free(&json);
}

static void what_is_no_change_is_a_fault(void **state)
{
    static const char *const broken[] = {
        "",
        "{}",
        "[1]",
        "[{\"kind\":\"key_lost\"}]",
        "[{\"kind\":\"key_ended\"}]",
        "[{\"kind\":\"key_ended\",\"digest\":\"00\"}]",
        "[{\"kind\":\"key_ended\",\"digest\":"
        "\"g000000000000000000000000000000000000000000000000000000000000000\"}]",
    };
    for (size_t i = 0; i < ITEMS(broken); i++) {
        struct key_change *read = NULL;
        assert_int_equal(key_changes_decode(*state, text_of(broken[i]), &read).error,
                         ERROR_INTERNAL);
        assert_non_null(fault_take().data);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(changes_arrive_as_they_were_sent, open_arena, close_arena),
        cmocka_unit_test_setup_teardown(what_is_no_change_is_a_fault, open_arena, close_arena),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
