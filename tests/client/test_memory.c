/* The library with allocations that fail: one by one, each of those that a call needs. */
#include "../unit/unit.h"

#include <orgkeys/orgkeys.h>

#include <stdlib.h>

#include "client/reply.h"
#include "client/resources.h"

enum {
    ALLOCATIONS_MAXIMUM = 200, /* more than any of the calls needs */
    MEMORY_MAXIMUM = 1024 * 1024,
};

/* Allocations until one fails; negative: none does. */
static int countdown = -1;

void *__real_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t count, size_t size);

static bool fails(void)
{
    return countdown >= 0 && countdown-- == 0;
}

void *__wrap_malloc(size_t size)
{
    return fails() ? NULL : __real_malloc(size);
}

void *__wrap_calloc(size_t count, size_t size)
{
    return fails() ? NULL : __real_calloc(count, size);
}

/* Runs it with the first allocation failing, the second... until one run needs fewer. */
static void for_each_allocation(void (*run)(void))
{
    for (int i = 0; i < ALLOCATIONS_MAXIMUM; i++) {
        countdown = i;
        run();
        if (countdown >= 0) {
            countdown = -1;
            assert_true(i > 0);
            return;
        }
    }
    fail_msg("it needs more than %d allocations", ALLOCATIONS_MAXIMUM);
}

static void make_client(void)
{
    orgkeys_client *client;
    orgkeys_status status = orgkeys_client_new(NULL, &client);
    assert_int_equal(status, countdown >= 0 ? ORGKEYS_OK : ORGKEYS_ERROR_MEMORY);
    assert_int_equal(client != NULL, status == ORGKEYS_OK);
    orgkeys_client_free(client);
}

/* Nobody listens on port 1. */
static orgkeys_client *client_of_nobody(void)
{
    orgkeys_client *client;
    orgkeys_client_options options = ORGKEYS_CLIENT_OPTIONS_INIT;
    options.base_url = "http://127.0.0.1:1/v1";
    options.admin_key = "sk-admin-of-a-test";
    options.max_retries = 0;
    return orgkeys_client_new(&options, &client) == ORGKEYS_OK ? client : NULL;
}

static void make_calls(void)
{
    orgkeys_project *project;
    orgkeys_project_iterator *projects;
    const orgkeys_project *item;
    orgkeys_verification *verification;
    orgkeys_client *client = client_of_nobody();
    if (client == NULL) {
        return;
    }
    assert_true(orgkeys_projects_create(client, "a name", NULL, &project) < 0);
    assert_null(project);
    assert_true(orgkeys_keys_verify(client, "sk-proj-of-a-test", NULL, &verification) < 0);
    assert_null(verification);
    if (orgkeys_projects_list(client, NULL, &projects) == ORGKEYS_OK) {
        assert_true(orgkeys_project_iterator_next(projects, &item) < 0);
        assert_null(item);
        orgkeys_project_iterator_free(projects);
    }
    assert_true(orgkeys_error_message(orgkeys_client_error(client))[0] != '\0');
    orgkeys_client_free(client);
}

/* Each object needs some kilobytes: the arena allocates once in a while. */
static void read_page(void)
{
    struct buffer body;
    struct arena arena;
    struct orgkeys_error error;
    struct reader reader = { &arena, &error };
    struct json_value *document = NULL;
    struct reply_page page;
    int kept = countdown;
    countdown = -1;
    buffer_init(&body, MEMORY_MAXIMUM);
    buffer_append(&body, TEXT("{\"data\":[{\"id\":\"a\",\"type\":\"t\",\"t\":{\"x\":[1]}}"));
    for (int i = 0; i < 100; i++) {
        buffer_append(&body,
                      TEXT(",{\"id\":\"b\",\"type\":\"t\",\"actor\":{\"type\":\"api_key\"}}"));
    }
    buffer_append(&body, TEXT("]}"));
    error_clear(&error);
    assert_int_equal(reply_parse(&error, buffer_text(&body), &document), ORGKEYS_OK);
    arena_init(&arena, MEMORY_MAXIMUM);
    countdown = kept;
    orgkeys_status status = reply_read_page(&reader, &audit_log_resource, document, &page);
    assert_int_equal(status, countdown >= 0 ? ORGKEYS_OK : ORGKEYS_ERROR_REPLY);
    json_free(document);
    arena_reset(&arena);
    buffer_free(&body);
}

static void test_clients(void **state)
{
    (void)state;
    for_each_allocation(make_client);
}

static void test_calls(void **state)
{
    (void)state;
    for_each_allocation(make_calls);
}

static void test_pages(void **state)
{
    (void)state;
    for_each_allocation(read_page);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_clients),
        cmocka_unit_test(test_calls),
        cmocka_unit_test(test_pages),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
