/* Replies that the API makes without a call; http_request_reply is wrapped and copies them. */
#include "unit.h"

#include <stdio.h>
#include <string.h>

#include "api/reply.h"

static struct {
    int status;
    bool close;
    struct buffer headers;
    struct buffer body;
} sent;

void __wrap_http_request_reply(struct http_request *request, const struct http_reply *reply,
                               void (*released)(void *context), void *context);

void __wrap_http_request_reply(struct http_request *request, const struct http_reply *reply,
                               void (*released)(void *context), void *context)
{
    (void)request;
    sent.status = reply->status;
    sent.close = reply->close;
    buffer_clear(&sent.headers);
    buffer_clear(&sent.body);
    buffer_append(&sent.headers, reply->headers);
    buffer_append(&sent.body, reply->body);
    buffer_append_byte(&sent.headers, '\0');
    buffer_append_byte(&sent.body, '\0');
    if (released != NULL) {
        released(context);
    }
}

static int make_buffers(void **state)
{
    (void)state;
    buffer_init(&sent.headers, (size_t)64 * 1024);
    buffer_init(&sent.body, (size_t)64 * 1024);
    return 0;
}

static int free_buffers(void **state)
{
    (void)state;
    buffer_free(&sent.headers);
    buffer_free(&sent.body);
    return 0;
}

static void a_reply_that_does_not_fit_is_an_error_of_ours(void **state)
{
    struct http_request request = { .method = TEXT("GET"), .path = TEXT("/"), .peer = TEXT("::1") };
    struct reply reply;
    char request_id[64];
    (void)state;
    reply_init(&reply);
    reply_write_headers(&reply, TEXT("text/plain"), TEXT_NONE, 0);
    assert_false(buffer_reserve(&reply.body, (size_t)REPLY_BODY_MAXIMUM + 1));
    reply_send(&reply, &request, NULL, NULL);
    assert_int_equal(sent.status, 500);
    assert_non_null(strstr(sent.headers.data, "Content-Type: application/json\r\n"));
    struct text id = request_id_text(&reply.request_id);
    (void)snprintf(request_id, sizeof request_id, "x-request-id: %.*s\r\n", TEXT_ARGUMENTS(id));
    assert_non_null(strstr(sent.headers.data, request_id));
    assert_non_null(strstr(sent.headers.data, "openai-version: "));
    assert_non_null(strstr(sent.headers.data, "openai-processing-ms: "));
    assert_non_null(strstr(sent.body.data, "\"type\":\"server_error\""));
    assert_false(sent.close);
    reply_free(&reply);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_reply_that_does_not_fit_is_an_error_of_ours),
    };
    return cmocka_run_group_tests(tests, make_buffers, free_buffers);
}
