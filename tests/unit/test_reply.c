/* Replies that the API makes without a call; http_request_reply is wrapped and copies them. */
#include "unit.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "api/api.h"
#include "api/reply.h"
#include "os/log.h"

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

/* What was written to standard error meanwhile. */
static void capture_refusal(struct api *api, struct http_request *request, enum error error,
                            char *ret_line, size_t size)
{
    struct http_application application = api_application(api);
    int ends[2];
    int saved = dup(STDERR_FILENO);
    assert_int_equal(pipe2(ends, O_CLOEXEC | O_NONBLOCK), 0);
    (void)dup2(ends[1], STDERR_FILENO);
    if (error == ERROR_NONE) {
        application.handle(application.context, request);
    } else {
        application.refuse(application.context, request, error, "why");
    }
    (void)dup2(saved, STDERR_FILENO);
    ssize_t length = read(ends[0], ret_line, size - 1);
    ret_line[length > 0 ? length : 0] = '\0';
    (void)close(saved);
    (void)close(ends[0]);
    (void)close(ends[1]);
}

static void what_is_refused_without_a_call_is_logged_with_its_id(void **state)
{
    static const struct {
        const char *path;
        const char *method;
        enum error refused; /* NONE: it is handled */
        const char *fields;
    } cases[] = {
        { "/nowhere", "GET", ERROR_NONE, " status=404 error=INVALID_URL address=192.0.2.7\n" },
        { "/healthz", "PUT", ERROR_NONE,
          " status=405 error=METHOD_NOT_SUPPORTED address=192.0.2.7\n" },
        { "", "", ERROR_MALFORMED_REQUEST,
          " status=400 error=MALFORMED_REQUEST address=192.0.2.7\n" },
        { "", "", ERROR_OVERLOADED, " status=503 error=OVERLOADED address=192.0.2.7\n" },
        { "", "CONNECT", ERROR_METHOD_NOT_SUPPORTED,
          " status=405 error=METHOD_NOT_SUPPORTED address=192.0.2.7\n" },
    };
    struct api *api;
    (void)state;
    assert_ok(api_create(&(struct api_options){ .body_maximum = 1 }, &api));
    for (size_t i = 0; i < ITEMS(cases); i++) {
        struct http_request request = {
            .method = text_of(cases[i].method),
            .path = text_of(cases[i].path),
            .peer = TEXT("192.0.2.7"),
        };
        char line[LOG_LINE_MAXIMUM];
        capture_refusal(api, &request, cases[i].refused, line, sizeof line);
        assert_true(text_ends_with(text_of(line), text_of(cases[i].fields)));
        const char *id = strstr(line, " info refused request_id=");
        assert_non_null(id);
        char header[64] = "x-request-id: ";
        (void)strncat(header, strchr(id, '=') + 1, strcspn(strchr(id, '=') + 1, " "));
        assert_non_null(strstr(sent.headers.data, header));
    }
    api_free(api);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_reply_that_does_not_fit_is_an_error_of_ours),
        cmocka_unit_test(what_is_refused_without_a_call_is_logged_with_its_id),
    };
    return cmocka_run_group_tests(tests, make_buffers, free_buffers);
}
