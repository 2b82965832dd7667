#include "unit.h"

#include <string.h>

#include "domain/rows.h"
#include "model/audit_log.h"
#include "model/project_api_key.h"

static struct arena arena;

static int initialize(void **state)
{
    (void)state;
    arena_init(&arena, 65536);
    return 0;
}

static int forget(void **state)
{
    (void)state;
    arena_reset(&arena);
    return 0;
}

static void columns_go_to_the_fields_of_their_names(void **state)
{
    static const char *const names[] = {
        "owner.user.id",
        "id",
        "owner.service_account.created_at",
        "owner.type",
        "created_at",
        "scopes",
        "expires_at",
        "owner_project_access",
    };
    char id[] = "key_1";
    const struct store_value values[] = {
        store_text(TEXT("user_1")), store_text(text_of(id)),   store_integer(-7),
        store_text(TEXT("user")),   store_integer(1700000000), store_text(TEXT("[\"a\"]")),
        STORE_NULL_VALUE,           STORE_NULL_VALUE,
    };
    const struct store_row row = { ITEMS(names), names, values };
    struct project_api_key key = { .created_at = 0 };
    struct row_binding binding;
    (void)state;
    assert_ok(row_bind(&project_api_key_type, &row, &binding));
    assert_ok(row_read(&binding, &row, &arena, &key));
    /* The row's memory is used again for the next one. */
    memset(id, 'x', strlen(id));
    assert_text_equal(key.id, "key_1");
    assert_text_equal(key.owner.type, "user");
    assert_text_equal(key.owner.user.id, "user_1");
    assert_text_equal(key.scopes, "[\"a\"]");
    assert_true(key.created_at == 1700000000);
    assert_true(key.owner.service_account.created_at == -7);
    /* NULL, and what no column gave. */
    assert_null(key.owner_project_access.data);
    assert_true(key.expires_at == FIELD_ABSENT);
    assert_true(key.last_used_at == FIELD_ABSENT);
    assert_true(key.owner.user.created_at == FIELD_ABSENT);
    assert_null(key.owner.service_account.id.data);
}

static void a_binding_serves_every_row_of_its_statement(void **state)
{
    static const char *const names[] = { "id", "effective_at", "detail", "type", "actor" };
    const struct store_value first[] = { store_text(TEXT("audit_log_1")), store_integer(5),
                                         store_text(TEXT("{\"id\":\"x\"}")),
                                         store_text(TEXT("user.added")), store_text(TEXT("")) };
    const struct store_value second[] = { store_text(TEXT("audit_log_2")), STORE_NULL_VALUE,
                                          STORE_NULL_VALUE, STORE_NULL_VALUE, STORE_NULL_VALUE };
    struct store_row row = { ITEMS(names), names, first };
    struct audit_log log = { .effective_at = 0 };
    struct audit_log next = { .effective_at = 0 };
    struct row_binding binding;
    (void)state;
    assert_ok(row_bind(&audit_log_type, &row, &binding));
    assert_ok(row_read(&binding, &row, &arena, &log));
    row.values = second;
    assert_ok(row_read(&binding, &row, &arena, &next));
    assert_text_equal(log.id, "audit_log_1");
    assert_true(log.effective_at == 5);
    assert_text_equal(log.detail, "{\"id\":\"x\"}");
    /* Empty is not NULL. */
    assert_text_equal(log.actor, "");
    assert_text_equal(next.id, "audit_log_2");
    assert_true(next.effective_at == FIELD_ABSENT);
    assert_null(next.detail.data);
    assert_null(next.actor.data);
}

static void a_column_without_a_field_is_a_fault(void **state)
{
    static const char *const names[] = {
        "ID",
        "key",
        "",
        "owner",
        "owner.",
        "owner.user",
        "owner.more",
        "id.",
        "owner.user.more",
        "owner_user_id",
        "object",
        "detail",
        "name.first",
        ".id",
        "owner.type.x",
    };
    const struct store_value value = STORE_NULL_VALUE;
    (void)state;
    for (size_t i = 0; i < ITEMS(names); i++) {
        const struct store_row row = { 1, &names[i], &value };
        struct row_binding binding = { .count = 4711 };
        if (row_bind(&project_api_key_type, &row, &binding).error != ERROR_INTERNAL) {
            fail_msg("'%s' was taken", names[i]);
        }
        assert_int_equal(binding.count, 4711);
        assert_non_null(fault_take().data);
    }
}

static void a_value_of_another_type_is_a_fault(void **state)
{
    static const struct {
        const char *name;
        struct store_value value;
    } cases[] = {
        { "id", { .type = STORE_INTEGER, .integer = 5 } },
        { "id", { .type = STORE_BLOB, .text = { "x", 1 } } },
        { "scopes", { .type = STORE_INTEGER, .integer = 5 } },
        { "created_at", { .type = STORE_TEXT, .text = { "5", 1 } } },
        { "owner.user.added_at", { .type = STORE_BLOB, .text = { "5", 1 } } },
    };
    (void)state;
    for (size_t i = 0; i < ITEMS(cases); i++) {
        const struct store_row row = { 1, &cases[i].name, &cases[i].value };
        struct project_api_key key = { .created_at = 0 };
        struct row_binding binding;
        assert_ok(row_bind(&project_api_key_type, &row, &binding));
        assert_int_equal(row_read(&binding, &row, &arena, &key).error, ERROR_INTERNAL);
        assert_non_null(fault_take().data);
    }
}

static void a_row_that_does_not_fit_into_memory_is_a_fault(void **state)
{
    static const char *const name = "id";
    const struct store_value value = store_text(TEXT("key_1"));
    const struct store_row row = { 1, &name, &value };
    struct project_api_key key = { .created_at = 0 };
    struct row_binding binding;
    struct arena none;
    (void)state;
    arena_init(&none, 0);
    assert_ok(row_bind(&project_api_key_type, &row, &binding));
    assert_int_equal(row_read(&binding, &row, &none, &key).error, ERROR_INTERNAL);
    assert_non_null(fault_take().data);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(columns_go_to_the_fields_of_their_names),
        cmocka_unit_test(a_binding_serves_every_row_of_its_statement),
        cmocka_unit_test(a_column_without_a_field_is_a_fault),
        cmocka_unit_test(a_value_of_another_type_is_a_fault),
        cmocka_unit_test(a_row_that_does_not_fit_into_memory_is_a_fault),
    };
    return cmocka_run_group_tests(tests, initialize, forget);
}
