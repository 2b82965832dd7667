#include "client/retry.h"

#include <curl/curl.h>

bool retry_is_wanted(int http_status, const struct retry_hints *hints)
{
    if (text_equal(hints->should_retry, TEXT("true"))) {
        return true;
    }
    if (text_equal(hints->should_retry, TEXT("false"))) {
        return false;
    }
    return http_status == 408 || http_status == 409 || http_status == 429 || http_status >= 500;
}

static bool is_digits(struct text text)
{
    for (size_t i = 0; i < text.length; i++) {
        if (text.data[i] < '0' || text.data[i] > '9') {
            return false;
        }
    }
    return true;
}

/* A number with an optional fraction, in thousandths; -1 where it is none. */
static int64_t parse_thousandths(struct text text)
{
    enum { WHOLE_MAXIMUM = 100000000 }; /* what is more counts as this: three years */
    int64_t number = 0;
    struct text fraction = text;
    struct text whole = text_cut(&fraction, '.');
    if (text_is_empty(whole) || !is_digits(whole) || !is_digits(fraction)) {
        return -1;
    }
    if (!text_to_integer(whole, 0, WHOLE_MAXIMUM, &number)) {
        number = WHOLE_MAXIMUM;
    }
    for (size_t i = 0; i < 3; i++) {
        number = number * 10 + (i < fraction.length ? fraction.data[i] - '0' : 0);
    }
    return number;
}

/* Milliseconds until an HTTP date (RFC 9110, 5.6.7); -1 where it is none. */
static int64_t parse_date(struct text text, int64_t now)
{
    enum { DATE_MAXIMUM = 64 };
    char date[DATE_MAXIMUM];
    if (text_is_empty(text) || text.length >= sizeof date) {
        return -1;
    }
    for (size_t i = 0; i < text.length; i++) {
        date[i] = text.data[i];
    }
    date[text.length] = '\0';
    time_t at = curl_getdate(date, NULL);
    return at < 0 ? -1 : ((int64_t)at - now) * 1000;
}

int64_t retry_requested_ms(const struct retry_hints *hints, int64_t now)
{
    int64_t milliseconds = parse_thousandths(hints->after_ms);
    if (milliseconds >= 0) {
        return milliseconds / 1000;
    }
    milliseconds = parse_thousandths(hints->after);
    if (milliseconds < 0) {
        milliseconds = parse_date(hints->after, now);
    }
    return milliseconds > 0 ? milliseconds : 0;
}

int64_t retry_delay_ms(const struct retry_hints *hints, int retry, int64_t now, uint64_t noise)
{
    int64_t requested = retry_requested_ms(hints, now);
    if (requested > RETRY_AFTER_MAXIMUM_MS) {
        return -1;
    }
    if (requested > 0) {
        return requested;
    }
    int64_t delay = RETRY_DELAY_FIRST_MS;
    for (int i = 1; i < retry && delay < RETRY_DELAY_MAXIMUM_MS; i++) {
        delay *= 2;
    }
    return delay - (int64_t)(noise % (uint64_t)(delay / 4 + 1));
}
