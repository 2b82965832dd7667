#include "client/transfer.h"

#include <curl/curl.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "base/secret.h"
#include "client/retry.h"

#define CREDENTIAL "Authorization: Bearer "

enum {
    CONNECT_TIMEOUT_MS = 5000,
    CANCEL_PERIOD_MS = 100, /* between two looks, while it waits for the next attempt */
    CONTENT_TYPE_MAXIMUM = 64,
};

struct transfer {
    CURL *curl;
    char problem[CURL_ERROR_SIZE]; /* libcurl's own words about the last attempt */
    char authorization[sizeof CREDENTIAL + TRANSFER_KEY_MAXIMUM];
    size_t header_bytes; /* of the reply that is being read */
};

struct transfer *transfer_new(void)
{
    struct transfer *transfer = calloc(1, sizeof *transfer);
    if (transfer == NULL) {
        return NULL;
    }
    if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK) {
        free(transfer);
        return NULL;
    }
    transfer->curl = curl_easy_init();
    if (transfer->curl == NULL) {
        transfer_free(transfer);
        return NULL;
    }
    return transfer;
}

void transfer_free(struct transfer *transfer)
{
    if (transfer == NULL) {
        return;
    }
    curl_easy_cleanup(transfer->curl);
    curl_global_cleanup();
    free(transfer);
}

/* ---- What comes back ---- */

/* NOLINTNEXTLINE(readability-non-const-parameter): the type is libcurl's */
static size_t keep_body(char *data, size_t size, size_t count, void *context)
{
    struct buffer *reply = context;
    buffer_append(reply, (struct text){ data, size * count });
    return reply->failed ? 0 : size * count;
}

/* NOLINTNEXTLINE(readability-non-const-parameter): the type is libcurl's */
static size_t count_header(char *data, size_t size, size_t count, void *context)
{
    struct transfer *transfer = context;
    (void)data;
    transfer->header_bytes += size * count;
    return transfer->header_bytes > ORGKEYS_REPLY_HEADER_BYTES_MAXIMUM ? 0 : size * count;
}

/* libcurl 7.88 gives the line's CR as the value of an empty header. */
struct text transfer_header(const struct orgkeys_client *client, const char *name)
{
    struct curl_header *header = NULL;
    CURL *curl = client->transfer->curl;
    if (curl_easy_header(curl, name, 0, CURLH_HEADER, -1, &header) != CURLHE_OK) {
        return TEXT_NONE;
    }
    struct text value = text_of(header->value);
    return text_trim(text_until(value, text_find(value, '\r')));
}

static bool is_cancelled(const struct orgkeys_client *client)
{
    return client->is_cancelled != NULL && client->is_cancelled(client->cancel_context);
}

/* libcurl asks at least once a second, and ends the transfer for anything but 0. */
static int follow_progress(void *context, curl_off_t to_receive, curl_off_t received,
                           curl_off_t to_send, curl_off_t sent)
{
    (void)to_receive, (void)received, (void)to_send, (void)sent;
    return is_cancelled(context);
}

/* ---- One attempt ---- */

/* CURLE_TOO_LARGE of libcurl 8.6 and newer, which may be what a program runs with. */
static const CURLcode TOO_LARGE = (CURLcode)100;

/* What libcurl says, in our words where those are better. Other codes: the connection failed. */
static const struct outcome {
    CURLcode code;
    orgkeys_status status;
    bool is_repeated;
    const char *message; /* NULL: libcurl's */
} outcomes[] = {
    { CURLE_OPERATION_TIMEDOUT, ORGKEYS_ERROR_TIMEOUT, true, NULL },
    { CURLE_URL_MALFORMAT, ORGKEYS_ERROR_ARGUMENT, false, "the base URL is not one" },
    { CURLE_LOGIN_DENIED, ORGKEYS_ERROR_ARGUMENT, false,
      "the base URL holds a user name or a password" },
    { CURLE_SSL_CACERT_BADFILE, ORGKEYS_ERROR_ARGUMENT, false, NULL },
    { CURLE_PEER_FAILED_VERIFICATION, ORGKEYS_ERROR_CONNECTION, false, NULL },
    /* libcurl up to 8.5 has the same code for both. */
    { CURLE_OUT_OF_MEMORY, ORGKEYS_ERROR_REPLY, false,
      "a header of the reply is too long, or there is not enough memory" },
    { TOO_LARGE, ORGKEYS_ERROR_REPLY, false, "a header of the reply is too long" },
    { CURLE_ABORTED_BY_CALLBACK, ORGKEYS_ERROR_CANCELLED, false, "the call was cancelled" },
    { CURLE_WRITE_ERROR, ORGKEYS_ERROR_REPLY, false, "the reply is too large" },
    { CURLE_WEIRD_SERVER_REPLY, ORGKEYS_ERROR_REPLY, false, "the reply is not HTTP" },
    { CURLE_UNSUPPORTED_PROTOCOL, ORGKEYS_ERROR_REPLY, false, "the reply is not HTTP" },
};

static const struct outcome *outcome_of(CURLcode code)
{
    static const struct outcome other = { CURLE_OK, ORGKEYS_ERROR_CONNECTION, true, NULL };
    for (size_t i = 0; i < sizeof outcomes / sizeof outcomes[0]; i++) {
        if (outcomes[i].code == code) {
            return &outcomes[i];
        }
    }
    return &other;
}

static CURLcode set_method(CURL *curl, const struct request *request)
{
    if (strcmp(request->method, "POST") != 0) {
        return curl_easy_setopt(curl, CURLOPT_CUSTOMREQUEST, request->method);
    }
    struct text body = request->body.data != NULL ? request->body : TEXT("");
    CURLcode code = curl_easy_setopt(curl, CURLOPT_POSTFIELDS, body.data);
    return code != CURLE_OK ? code
                            : curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE, (long)body.length);
}

static CURLcode set_options(struct orgkeys_client *client, const struct request *request,
                            struct curl_slist *headers)
{
    CURL *curl = client->transfer->curl;
    const struct {
        CURLoption option;
        long value;
    } numbers[] = {
        { CURLOPT_NOSIGNAL, 1 },
        { CURLOPT_NOPROGRESS, client->is_cancelled == NULL },
        { CURLOPT_FOLLOWLOCATION, 0 },
        { CURLOPT_DISALLOW_USERNAME_IN_URL, 1 },
        { CURLOPT_SUPPRESS_CONNECT_HEADERS, 1 },
        { CURLOPT_HEADEROPT, CURLHEADER_SEPARATE },
        { CURLOPT_SSLVERSION, CURL_SSLVERSION_TLSv1_2 },
        { CURLOPT_TIMEOUT_MS, (long)client->timeout_ms },
        { CURLOPT_CONNECTTIMEOUT_MS, CONNECT_TIMEOUT_MS },
    };
    const struct {
        CURLoption option;
        const void *value;
    } pointers[] = {
        { CURLOPT_URL, request->url },
        { CURLOPT_PROTOCOLS_STR, "http,https" },
        { CURLOPT_USERAGENT, "orgkeys-c/" ORGKEYS_VERSION },
        { CURLOPT_HTTPHEADER, headers },
        { CURLOPT_ERRORBUFFER, client->transfer->problem },
        { CURLOPT_WRITEDATA, &client->reply },
        { CURLOPT_HEADERDATA, client->transfer },
        { CURLOPT_XFERINFODATA, client },
    };
    curl_easy_reset(curl);
    CURLcode code = set_method(curl, request);
    for (size_t i = 0; i < sizeof numbers / sizeof numbers[0] && code == CURLE_OK; i++) {
        code = curl_easy_setopt(curl, numbers[i].option, numbers[i].value);
    }
    for (size_t i = 0; i < sizeof pointers / sizeof pointers[0] && code == CURLE_OK; i++) {
        code = curl_easy_setopt(curl, pointers[i].option, pointers[i].value);
    }
    if (code == CURLE_OK && client->ca_file != NULL) {
        code = curl_easy_setopt(curl, CURLOPT_CAINFO, client->ca_file);
    }
    if (code == CURLE_OK) {
        code = curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, keep_body);
    }
    if (code == CURLE_OK) {
        code = curl_easy_setopt(curl, CURLOPT_XFERINFOFUNCTION, follow_progress);
    }
    return code != CURLE_OK ? code : curl_easy_setopt(curl, CURLOPT_HEADERFUNCTION, count_header);
}

/* The list lies on the stack: libcurl reads it during the transfer, and keeps nothing of it. */
static CURLcode attempt(struct orgkeys_client *client, const struct request *request)
{
    struct transfer *transfer = client->transfer;
    char content_type[CONTENT_TYPE_MAXIMUM];
    struct curl_slist accept = { (char[]){ "Accept: application/json" }, NULL };
    struct curl_slist headers = { content_type, &accept };
    struct curl_slist authorization = { transfer->authorization, &headers };
    (void)snprintf(content_type, sizeof content_type, "Content-Type:%s%s",
                   request->body.data != NULL ? " " : "",
                   request->body.data != NULL ? request->type : "");
    buffer_clear(&client->reply);
    transfer->header_bytes = 0;
    transfer->problem[0] = '\0';
    CURLcode code =
        set_options(client, request, request->secrets.key.data != NULL ? &authorization : &headers);
    if (code == CURLE_OK) {
        code = curl_easy_perform(transfer->curl);
    }
    (void)curl_easy_setopt(transfer->curl, CURLOPT_HTTPHEADER, NULL);
    return code;
}

/* ---- Attempts ---- */

/* Signals of the program do not shorten it. */
static void sleep_ms(int64_t milliseconds)
{
    struct timespec rest = { .tv_sec = milliseconds / 1000,
                             .tv_nsec = milliseconds % 1000 * 1000000 };
    while (nanosleep(&rest, &rest) != 0 && errno == EINTR) {
    }
}

/* False: the call was cancelled in the meantime. */
static bool wait_ms(const struct orgkeys_client *client, int64_t milliseconds)
{
    for (int64_t rest = milliseconds; rest > 0 && !is_cancelled(client); rest -= CANCEL_PERIOD_MS) {
        sleep_ms(rest < CANCEL_PERIOD_MS ? rest : CANCEL_PERIOD_MS);
    }
    return !is_cancelled(client);
}

static struct retry_hints read_hints(const struct orgkeys_client *client)
{
    return (struct retry_hints){
        .should_retry = transfer_header(client, "x-should-retry"),
        .after_ms = transfer_header(client, "retry-after-ms"),
        .after = transfer_header(client, "retry-after"),
    };
}

static int64_t now_seconds(void)
{
    return clock_now_microseconds() / MICROSECONDS_PER_SECOND;
}

/* Fills the client's error; gives whether another attempt makes sense. */
static bool judge(struct orgkeys_client *client, const struct request *request, CURLcode code,
                  struct retry_hints *ret_hints)
{
    struct orgkeys_error *error = &client->error;
    long http_status = 0;
    error_clear(error);
    *ret_hints = (struct retry_hints){ TEXT_NONE, TEXT_NONE, TEXT_NONE };
    if (code != CURLE_OK) {
        const struct outcome *outcome = outcome_of(code);
        const char *problem = client->transfer->problem;
        const char *words = problem[0] != '\0' ? problem : curl_easy_strerror(code);
        error_keep(error->message, sizeof error->message,
                   text_of(outcome->message != NULL ? outcome->message : words), &request->secrets);
        error->status = outcome->status;
        return outcome->is_repeated;
    }
    (void)curl_easy_getinfo(client->transfer->curl, CURLINFO_RESPONSE_CODE, &http_status);
    error->http_status = (int)http_status;
    error_keep(error->request_id, sizeof error->request_id, transfer_header(client, "x-request-id"),
               &request->secrets);
    if (http_status >= 200 && http_status <= 299) {
        return false;
    }
    error->status = ORGKEYS_ERROR_API;
    *ret_hints = read_hints(client);
    error->retry_after_ms = retry_requested_ms(ret_hints, now_seconds());
    return retry_is_wanted((int)http_status, ret_hints);
}

bool transfer_takes_key(struct text key)
{
    return !text_is_empty(key) && key.length <= TRANSFER_KEY_MAXIMUM && text_is_visible(key);
}

/* False when it cannot be a header. */
static bool write_authorization(struct transfer *transfer, struct text key)
{
    if (key.data != NULL && !transfer_takes_key(key)) {
        return false;
    }
    (void)snprintf(transfer->authorization, sizeof transfer->authorization, CREDENTIAL "%.*s",
                   TEXT_ARGUMENTS(key));
    return true;
}

static bool is_http(const char *url)
{
    struct text text = text_of(url);
    struct text scheme = text_until(text, text_find(text, '/'));
    return text_starts_with(text_from(text, scheme.length), TEXT("//")) &&
           (text_equal_ignoring_case(scheme, TEXT("http:")) ||
            text_equal_ignoring_case(scheme, TEXT("https:")));
}

orgkeys_status transfer_perform(struct orgkeys_client *client, const struct request *request)
{
    struct transfer *transfer = client->transfer;
    struct retry_hints hints;
    error_clear(&client->error);
    if (!is_http(request->url)) {
        return error_set(&client->error, ORGKEYS_ERROR_ARGUMENT,
                         "the base URL does not begin with http:// or https://");
    }
    if (!write_authorization(transfer, request->secrets.key)) {
        return error_set(&client->error, ORGKEYS_ERROR_ARGUMENT,
                         "a key has visible ASCII characters, at most %d of them",
                         TRANSFER_KEY_MAXIMUM);
    }
    for (int retry = 1; judge(client, request, attempt(client, request), &hints); retry++) {
        int64_t delay = retry > client->max_retries
                            ? -1
                            : retry_delay_ms(&hints, retry, now_seconds(),
                                             (uint64_t)clock_monotonic_microseconds());
        if (delay < 0) {
            break;
        }
        if (!wait_ms(client, delay)) {
            error_clear(&client->error);
            (void)error_set(&client->error, ORGKEYS_ERROR_CANCELLED, "the call was cancelled");
            break;
        }
    }
    secret_wipe(transfer->authorization, sizeof transfer->authorization);
    return client->error.status;
}
