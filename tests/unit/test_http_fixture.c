#include "test_http_fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <arpa/inet.h>
#include <cmocka.h>
#include <errno.h>
#include <linux/sockios.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"

enum { HELD_MAXIMUM = 64, PAUSE_NANOSECONDS = 200 * 1000 };

struct job {
    struct http_request *request;
    bool is_held;
};

static struct http_server *server;
static char directory[] = "/tmp/orgkeys-http-XXXXXX";
static char unix_path[64];
static char *large_body;

static atomic_uint evil_count;
static atomic_uint released_count;

/* The other thread of the application. */
static pthread_t thread;
static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
static struct job jobs[HELD_MAXIMUM];
static unsigned job_count;
static unsigned held_count; /* since the start */
static bool released;
static bool ends;

static void free_body(void *context)
{
    free(context);
    atomic_fetch_add(&released_count, 1);
}

static void reply_echo(struct http_request *request)
{
    struct buffer body;
    buffer_init(&body, 4 * 1024 * 1024);
    buffer_append(&body, request->method);
    buffer_append_byte(&body, ' ');
    buffer_append(&body, request->target);
    buffer_append_byte(&body, '\n');
    buffer_append(&body, request->body);
    struct http_reply reply = {
        .status = text_equal(request->path, TEXT("/missing")) ? 404 : 200,
        .headers = request->side == HTTP_INTERNAL ? TEXT("X-Side: internal\r\n") : TEXT(""),
        .body = buffer_text(&body),
        .close = text_equal(request->path, TEXT("/closing")),
    };
    if (text_equal(request->path, TEXT("/peer"))) {
        reply.body = request->peer;
    }
    http_request_reply(request, &reply, free_body, body.data);
}

static void *answer_jobs(void *context)
{
    (void)context;
    (void)pthread_mutex_lock(&mutex);
    while (!ends || job_count > 0) {
        unsigned index = 0;
        while (index < job_count && jobs[index].is_held && !released) {
            index++;
        }
        if (index == job_count) {
            (void)pthread_cond_wait(&changed, &mutex);
            continue;
        }
        struct http_request *request = jobs[index].request;
        jobs[index] = jobs[--job_count];
        (void)pthread_mutex_unlock(&mutex);
        reply_echo(request);
        (void)pthread_mutex_lock(&mutex);
    }
    (void)pthread_mutex_unlock(&mutex);
    return NULL;
}

static void hand_over(struct http_request *request, bool is_held)
{
    (void)pthread_mutex_lock(&mutex);
    jobs[job_count++] = (struct job){ request, is_held };
    held_count += is_held;
    (void)pthread_cond_broadcast(&changed);
    (void)pthread_mutex_unlock(&mutex);
}

static void stall(void)
{
    (void)pthread_mutex_lock(&mutex);
    held_count++;
    (void)pthread_cond_broadcast(&changed);
    while (!released) {
        (void)pthread_cond_wait(&changed, &mutex);
    }
    (void)pthread_mutex_unlock(&mutex);
}

static void handle(void *context, struct http_request *request)
{
    (void)context;
    for (size_t i = 0; i < request->target.length; i++) {
        if (text_starts_with(text_from(request->target, i), TEXT("evil"))) {
            atomic_fetch_add(&evil_count, 1);
        }
    }
    if (text_equal(request->path, TEXT("/later")) || text_equal(request->path, TEXT("/hold"))) {
        hand_over(request, text_equal(request->path, TEXT("/hold")));
    } else if (text_equal(request->path, TEXT("/large"))) {
        struct http_reply reply = { .status = 200, .body = { large_body, FIXTURE_LARGE } };
        http_request_reply(request, &reply, NULL, NULL);
    } else if (text_equal(request->path, TEXT("/empty"))) {
        http_request_reply(request, &(struct http_reply){ .status = 204 }, NULL, NULL);
    } else {
        if (text_equal(request->path, TEXT("/stall"))) {
            stall();
        }
        reply_echo(request);
    }
}

static void answer_refused(void *context, struct http_request *request, enum error error,
                           const char *detail)
{
    (void)context;
    char body[256];
    int length = snprintf(body, sizeof body, "%s: %s", error_describe(error)->name, detail);
    struct http_reply reply = {
        .status = error_describe(error)->status,
        .body = { body, (size_t)length },
    };
    http_request_reply(request, &reply, NULL, NULL);
}

struct http_options fixture_options(void)
{
    int64_t timeout = FIXTURE_SECONDS_MAXIMUM * (int64_t)MICROSECONDS_PER_SECOND;
    return (struct http_options){
        .threads = 2,
        .connections_maximum = 1000,
        .header_maximum = 8 * 1024,
        .body_maximum = 256 * 1024,
        .bodies_maximum = 1024 * 1024,
        .request_timeout = timeout,
        .idle_timeout = timeout,
        .write_timeout = timeout,
    };
}

static void start_server(const struct http_options *options)
{
    char unix_address[sizeof unix_path + sizeof "unix:"];
    (void)snprintf(unix_address, sizeof unix_address, "unix:%s", unix_path);
    const struct http_listener listeners[] = {
        { .address = TEXT("127.0.0.1:0"), .side = HTTP_PUBLIC },
        { .address = TEXT("localhost:0"), .side = HTTP_INTERNAL },
        { .address = text_of(unix_address), .side = HTTP_PUBLIC },
    };
    struct http_options all = *options;
    all.listeners = listeners;
    all.listener_count = sizeof listeners / sizeof listeners[0];
    const struct http_application application = { .handle = handle, .refuse = answer_refused };
    struct result result = http_server_open(&all, &server);
    if (!result_failed(result)) {
        result = http_server_start(server, &application);
    }
    if (result_failed(result)) {
        fail_msg("%.*s", TEXT_ARGUMENTS(fault_take()));
    }
}

void fixture_start(const struct http_options *options)
{
    (void)strcpy(strrchr(directory, '-'), "-XXXXXX");
    assert_non_null(mkdtemp(directory));
    (void)snprintf(unix_path, sizeof unix_path, "%s/socket", directory);
    large_body = calloc(1, FIXTURE_LARGE);
    assert_non_null(large_body);
    atomic_store(&evil_count, 0);
    atomic_store(&released_count, 0);
    job_count = 0;
    held_count = 0;
    released = false;
    ends = false;
    assert_int_equal(pthread_create(&thread, NULL, answer_jobs, NULL), 0);
    start_server(options);
}

void fixture_end(void)
{
    fixture_release();
    http_server_free(server);
    server = NULL;
    (void)pthread_mutex_lock(&mutex);
    ends = true;
    (void)pthread_cond_broadcast(&changed);
    (void)pthread_mutex_unlock(&mutex);
    (void)pthread_join(thread, NULL);
    free(large_body);
    assert_int_equal(rmdir(directory), 0); /* the server has removed its socket */
}

struct http_server *fixture_server(void)
{
    return server;
}

const char *fixture_path(void)
{
    return unix_path;
}

unsigned fixture_evil_count(void)
{
    return atomic_load(&evil_count);
}

unsigned fixture_released_count(void)
{
    return atomic_load(&released_count);
}

void fixture_await_held(unsigned count)
{
    (void)pthread_mutex_lock(&mutex);
    while (held_count < count) {
        (void)pthread_cond_wait(&changed, &mutex);
    }
    (void)pthread_mutex_unlock(&mutex);
}

void fixture_release(void)
{
    (void)pthread_mutex_lock(&mutex);
    released = true;
    (void)pthread_cond_broadcast(&changed);
    (void)pthread_mutex_unlock(&mutex);
}

/* Between two looks at a condition that nobody signals. */
static void pause_briefly(int64_t deadline)
{
    assert_true(clock_monotonic_microseconds() < deadline);
    (void)nanosleep(&(struct timespec){ 0, PAUSE_NANOSECONDS }, NULL);
}

static int64_t patience(void)
{
    return clock_monotonic_microseconds() +
           FIXTURE_SECONDS_MAXIMUM * (int64_t)MICROSECONDS_PER_SECOND;
}

void fixture_await_connections(unsigned count)
{
    int64_t deadline = patience();
    while (http_server_statistics(server).connections_open != count) {
        pause_briefly(deadline);
    }
}

void fixture_await_no_connection(void)
{
    fixture_await_connections(0);
}

static int connect_unix(void)
{
    struct sockaddr_un address = { .sun_family = AF_UNIX };
    (void)strcpy(address.sun_path, unix_path);
    int client = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_true(client >= 0);
    assert_int_equal(connect(client, (struct sockaddr *)&address, sizeof address), 0);
    return client;
}

static int connect_tcp(enum fixture_listener listener)
{
    char text[HTTP_ADDRESS_MAXIMUM];
    (void)snprintf(text, sizeof text, "%.*s",
                   TEXT_ARGUMENTS(http_server_address(server, listener)));
    char *colon = strrchr(text, ':');
    *colon = '\0';
    struct sockaddr_in address = { .sin_family = AF_INET,
                                   .sin_port = htons((uint16_t)atoi(colon + 1)) };
    assert_int_equal(inet_pton(AF_INET, text, &address.sin_addr), 1);
    int client = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_true(client >= 0);
    assert_int_equal(connect(client, (struct sockaddr *)&address, sizeof address), 0);
    return client;
}

int client_connect(enum fixture_listener listener)
{
    int client = listener == FIXTURE_UNIX ? connect_unix() : connect_tcp(listener);
    struct timeval timeout = { .tv_sec = FIXTURE_SECONDS_MAXIMUM };
    assert_int_equal(setsockopt(client, SOL_SOCKET, SO_RCVTIMEO, &timeout, sizeof timeout), 0);
    assert_int_equal(setsockopt(client, SOL_SOCKET, SO_SNDTIMEO, &timeout, sizeof timeout), 0);
    return client;
}

void client_close(int client)
{
    (void)close(client);
}

bool client_try_send(int client, struct text bytes)
{
    while (!text_is_empty(bytes)) {
        ssize_t sent = send(client, bytes.data, bytes.length, MSG_NOSIGNAL);
        if (sent < 0) {
            return false;
        }
        bytes = text_from(bytes, (size_t)sent);
    }
    return true;
}

void client_send(int client, struct text bytes)
{
    assert_true(client_try_send(client, bytes));
}

void client_await_read(int client)
{
    int64_t deadline = patience();
    int unread = 1;
    assert_int_equal(ioctl(client, SIOCOUTQ, &unread), 0);
    while (unread > 0) {
        pause_briefly(deadline);
        assert_int_equal(ioctl(client, SIOCOUTQ, &unread), 0);
    }
}

/* 1: a byte came; 0: the server has closed; -1: reset. A timeout fails the test. */
static int read_byte(int client, char *byte)
{
    ssize_t received = recv(client, byte, 1, 0);
    assert_false(received < 0 && errno == EAGAIN);
    return (int)received;
}

void client_read_reply(int client, bool has_body, struct buffer *reply)
{
    char byte;
    buffer_clear(reply);
    while (!text_ends_with(buffer_text(reply), TEXT("\r\n\r\n"))) {
        assert_int_equal(read_byte(client, &byte), 1);
        buffer_append_byte(reply, byte);
    }
    buffer_append_byte(reply, '\0');
    const char *length_line = strstr(reply->data, "Content-Length: ");
    reply->length--;
    int length = 0;
    if (has_body && length_line != NULL) {
        assert_int_equal(sscanf(length_line, "Content-Length: %d", &length), 1);
    }
    for (int i = 0; i < length; i++) {
        assert_int_equal(read_byte(client, &byte), 1);
        buffer_append_byte(reply, byte);
    }
}

bool client_read_all(int client, struct buffer *bytes)
{
    char piece[4096];
    ssize_t received;
    while ((received = recv(client, piece, sizeof piece, 0)) > 0) {
        buffer_append(bytes, (struct text){ piece, (size_t)received });
    }
    assert_false(received < 0 && errno == EAGAIN);
    assert_false(bytes->failed);
    return received == 0;
}

void exchange_all(struct text bytes, struct buffer *replies)
{
    int client = client_connect(FIXTURE_PUBLIC);
    buffer_clear(replies);
    /* The server may have answered and closed before it has all. */
    (void)client_try_send(client, bytes);
    (void)client_read_all(client, replies);
    client_close(client);
}

unsigned occurrences(const struct buffer *buffer, const char *part)
{
    unsigned count = 0;
    struct text rest = buffer_text(buffer);
    while (!text_is_empty(rest)) {
        count += text_starts_with(rest, text_of(part));
        rest = text_from(rest, 1);
    }
    return count;
}

bool contains(const struct buffer *buffer, const char *part)
{
    return occurrences(buffer, part) > 0;
}
