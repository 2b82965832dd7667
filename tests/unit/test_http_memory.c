/* A server whose allocations fail: one by one, each of those that a request needs. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdatomic.h>
#include <stdlib.h>

#include "test_http_fixture.h"

#define HOST "Host: a\r\n"

enum {
    ALLOCATIONS_MAXIMUM = 50, /* more than any of the requests needs */
    BODY_LENGTH = 20 * 1000,  /* so that the body's memory grows several times */
    REPLY_MAXIMUM = 1024 * 1024,
};

/* Allocations of the server's threads until one fails; negative: none does. */
static atomic_int countdown = -1;
static _Thread_local bool is_client;

void *__real_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t count, size_t size);

static bool fails(void)
{
    if (is_client || atomic_load(&countdown) < 0) {
        return false;
    }
    return atomic_fetch_sub(&countdown, 1) == 0;
}

void *__wrap_malloc(size_t size)
{
    return fails() ? NULL : __real_malloc(size);
}

void *__wrap_calloc(size_t count, size_t size)
{
    return fails() ? NULL : __real_calloc(count, size);
}

static void append_request(struct buffer *request)
{
    buffer_append_format(request,
                         "POST /a HTTP/1.1\r\n" HOST "Content-Length: %d\r\n"
                         "Connection: close\r\n\r\n",
                         BODY_LENGTH);
    for (int i = 0; i < BODY_LENGTH; i++) {
        buffer_append_byte(request, 'b');
    }
}

/* The client sees a reply or a closed connection; the next one sees nothing of it. */
static void every_allocation_may_fail(void **state)
{
    struct http_options options = fixture_options();
    struct buffer request;
    struct buffer reply;
    unsigned failures = 0;
    (void)state;
    options.threads = 1;
    is_client = true;
    fixture_start(&options);
    buffer_init(&request, REPLY_MAXIMUM);
    buffer_init(&reply, REPLY_MAXIMUM);
    append_request(&request);
    for (int allocations = 0; allocations < ALLOCATIONS_MAXIMUM; allocations++) {
        atomic_store(&countdown, allocations);
        exchange_all(buffer_text(&request), &reply);
        failures += atomic_exchange(&countdown, -1) < 0;
        exchange_all(buffer_text(&request), &reply);
        assert_true(contains(&reply, "200 OK"));
        assert_true(reply.length > BODY_LENGTH);
    }
    assert_in_range(failures, 5, ALLOCATIONS_MAXIMUM - 1);
    buffer_free(&request);
    buffer_free(&reply);
    fixture_end();
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(every_allocation_may_fail) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
