#include "http/rules.h"

#include <limits.h>

/* The fields that decide about framing, each with the number of its lines. */
struct framing_fields {
    struct text host;
    struct text content_length;
    struct text transfer_encoding;
    struct text expect;
    unsigned host_count;
    unsigned content_length_count;
    unsigned transfer_encoding_count;
    unsigned expect_count;
};

static void note(const struct http_header *header, struct text name, struct text *value,
                 unsigned *count)
{
    if (text_equal_ignoring_case(header->name, name)) {
        *value = header->value;
        (*count)++;
    }
}

static struct framing_fields collect_fields(const struct head *head)
{
    struct framing_fields fields = { 0 };
    for (size_t i = 0; i < head->header_count; i++) {
        const struct http_header *header = &head->headers[i];
        note(header, TEXT("Host"), &fields.host, &fields.host_count);
        note(header, TEXT("Content-Length"), &fields.content_length, &fields.content_length_count);
        note(header, TEXT("Transfer-Encoding"), &fields.transfer_encoding,
             &fields.transfer_encoding_count);
        note(header, TEXT("Expect"), &fields.expect, &fields.expect_count);
    }
    return fields;
}

static bool is_alphanumeric(char byte)
{
    return (byte >= '0' && byte <= '9') || (byte >= 'a' && byte <= 'z') ||
           (byte >= 'A' && byte <= 'Z');
}

/* The characters of `uri-host [ ":" port ]` (RFC 3986, 3.2); user information is none of them. */
static bool is_authority(struct text text)
{
    struct text others = TEXT("-._~%!$&'()*+,;=:[]");
    for (size_t i = 0; i < text.length; i++) {
        if (!is_alphanumeric(text.data[i]) && text_find(others, text.data[i]) == others.length) {
            return false;
        }
    }
    return true;
}

static struct refusal check_host(const struct head *head, const struct framing_fields *fields)
{
    if (fields->host_count > 1) {
        return refusal_malformed("more than one Host");
    }
    if (fields->host_count == 0) {
        return head->is_http_1_0 ? REFUSAL_NONE : refusal_malformed("no Host");
    }
    return is_authority(fields->host) ? REFUSAL_NONE : refusal_malformed("Host is not a host");
}

/* RFC 9112, 6: each of these has been read as two different lengths by two servers in a row. */
static struct refusal check_transfer_encoding(const struct head *head,
                                              const struct framing_fields *fields)
{
    if (fields->transfer_encoding_count == 0) {
        return REFUSAL_NONE;
    }
    if (fields->transfer_encoding_count > 1 ||
        !text_equal_ignoring_case(fields->transfer_encoding, TEXT("chunked"))) {
        return refusal_malformed("Transfer-Encoding must be 'chunked'");
    }
    if (fields->content_length_count > 0) {
        return refusal_malformed("both Content-Length and Transfer-Encoding");
    }
    if (head->is_http_1_0) {
        return refusal_malformed("Transfer-Encoding in HTTP/1.0");
    }
    return REFUSAL_NONE;
}

static struct refusal check_content_length(const struct framing_fields *fields,
                                           uint64_t *ret_length)
{
    if (fields->content_length_count == 0) {
        return REFUSAL_NONE;
    }
    if (fields->content_length_count > 1) {
        return refusal_malformed("more than one Content-Length");
    }
    int64_t length;
    if (text_starts_with(fields->content_length, TEXT("-")) ||
        !text_to_integer(fields->content_length, 0, INT64_MAX, &length)) {
        return refusal_malformed("Content-Length is not a number");
    }
    *ret_length = (uint64_t)length;
    return REFUSAL_NONE;
}

/*
 * `#` never belongs in a request (RFC 9112, 3.2), and a NUL, once decoded, ends a string for some
 * readers and not for others.
 */
static struct refusal check_target_characters(struct text target)
{
    for (size_t i = 0; i < target.length; i++) {
        unsigned char byte = (unsigned char)target.data[i];
        if (byte <= ' ' || byte >= 0x7f || byte == '#') {
            return refusal_malformed("the target holds characters that need percent-encoding");
        }
        if (byte == '%' && text_starts_with(text_from(target, i), TEXT("%00"))) {
            return refusal_malformed("the target holds %00");
        }
    }
    return REFUSAL_NONE;
}

/*
 * `http://authority/path` (RFC 9112, 3.2.2). The authority outranks Host there; when both are not
 * the same, somebody on the way may have gone by the other one, so that is refused.
 */
static struct refusal reduce_absolute_target(struct text host, struct text *target)
{
    struct text scheme = text_until(*target, sizeof "http://" - 1);
    struct text rest = text_from(*target, scheme.length);
    if (!text_equal_ignoring_case(scheme, TEXT("http://"))) {
        scheme = text_until(*target, sizeof "https://" - 1);
        rest = text_from(*target, scheme.length);
        if (!text_equal_ignoring_case(scheme, TEXT("https://"))) {
            return refusal_malformed("the target must begin with '/'");
        }
    }
    size_t path = text_find(rest, '/');
    struct text authority = text_until(rest, path);
    if (text_is_empty(authority) || !text_equal_ignoring_case(authority, host)) {
        return refusal_malformed("the target names another host than Host");
    }
    *target = path < rest.length ? text_from(rest, path) : TEXT("/");
    return REFUSAL_NONE;
}

static struct refusal check_target(const struct head *head, struct text host, struct text *target)
{
    struct refusal refusal = check_target_characters(*target);
    if (is_refused(refusal) || text_starts_with(*target, TEXT("/"))) {
        return refusal;
    }
    if (text_equal(*target, TEXT("*"))) {
        return text_equal(head->method, TEXT("OPTIONS"))
                   ? REFUSAL_NONE
                   : refusal_malformed("the target '*' is for OPTIONS");
    }
    return reduce_absolute_target(host, target);
}

/* RFC 9110, 10.1.1: an HTTP/1.0 client cannot mean it, and without a body there is no waiting. */
static void note_expectation(const struct head *head, const struct framing_fields *fields,
                             struct framing *framing)
{
    if (fields->expect_count == 0) {
        return;
    }
    if (fields->expect_count > 1 ||
        !text_equal_ignoring_case(fields->expect, TEXT("100-continue"))) {
        framing->unmet_expectation = true;
        return;
    }
    framing->expects_continue =
        !head->is_http_1_0 && (framing->chunked || framing->body_length > 0);
}

struct refusal rules_check(const struct head *head, struct framing *ret_framing)
{
    struct framing_fields fields = collect_fields(head);
    struct framing framing = { .target = head->target };
    struct refusal refusal = check_host(head, &fields);
    if (!is_refused(refusal)) {
        refusal = check_transfer_encoding(head, &fields);
    }
    if (!is_refused(refusal)) {
        refusal = check_content_length(&fields, &framing.body_length);
    }
    framing.is_connect = text_equal(head->method, TEXT("CONNECT"));
    if (!is_refused(refusal)) {
        refusal = framing.is_connect ? check_target_characters(head->target)
                                     : check_target(head, fields.host, &framing.target);
    }
    if (is_refused(refusal)) {
        return refusal;
    }
    framing.chunked = fields.transfer_encoding_count > 0;
    note_expectation(head, &fields, &framing);
    *ret_framing = framing;
    return REFUSAL_NONE;
}
