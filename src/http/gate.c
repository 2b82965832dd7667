#include "http/gate.h"

#include "http/http.h"

enum { CARRIAGE_RETURN = '\r', LINE_FEED = '\n', LINE_END_LENGTH = 2 };

void gate_init(struct gate *gate)
{
    *gate = (struct gate){ 0 };
}

/* HTAB, SP, visible ASCII and obs-text (RFC 9110, 5.5): all that a line may hold. */
static bool is_line_byte(char byte)
{
    unsigned char value = (unsigned char)byte;
    return (value >= ' ' && value != 0x7f) || value == '\t';
}

/*
 * Exactly `method SP target SP HTTP/1.x` (RFC 9112, 3): one space each, so that nobody before us
 * can have cut it elsewhere. llhttp also takes more spaces, HTTP/0.9, HTTP/2.0, RTSP and ICE.
 */
static struct refusal check_request_line(struct text line)
{
    struct text rest = line;
    struct text method = text_cut(&rest, ' ');
    struct text target = text_cut(&rest, ' ');
    if (text_is_empty(method) || text_is_empty(target)) {
        return refusal_malformed("the request line must be a method, a target and a version");
    }
    if (!text_equal(rest, TEXT("HTTP/1.1")) && !text_equal(rest, TEXT("HTTP/1.0"))) {
        return refusal_malformed("the version must be HTTP/1.0 or HTTP/1.1");
    }
    return REFUSAL_NONE;
}

/* A line that begins with a space continues the one above for some readers, and not for others. */
static struct refusal check_line_start(const struct gate *gate, char first)
{
    if (first == ' ' || first == '\t') {
        return refusal_malformed("a line begins with a space");
    }
    if (first == ':' && gate->lines > 0) {
        return refusal_malformed("a header has no name");
    }
    return REFUSAL_NONE;
}

static struct refusal check_control_character(char byte)
{
    if (byte == LINE_FEED) {
        return refusal_malformed("a line ends with LF alone");
    }
    return refusal_malformed("the header holds a control character");
}

/* The line that ends before `end` is whole. */
static struct refusal end_line(struct gate *gate, struct text bytes, size_t end,
                               size_t *ret_head_length)
{
    struct text line = text_from(text_until(bytes, end), gate->line_start);
    gate->scanned = end + LINE_END_LENGTH;
    gate->line_start = gate->scanned;
    if (!text_is_empty(line)) {
        gate->lines++;
        if (gate->lines > HTTP_HEADER_LINES_MAXIMUM + 1) {
            return refusal_of(ERROR_HEADER_TOO_LARGE);
        }
        return gate->lines == 1 ? check_request_line(line) : REFUSAL_NONE;
    }
    if (gate->lines > 0) {
        *ret_head_length = gate->scanned;
        return REFUSAL_NONE;
    }
    /* RFC 9112, 2.2: old clients send one CRLF too many after a body. More is not tolerated. */
    if (gate->head_start > 0) {
        return refusal_malformed("empty lines before the request line");
    }
    gate->head_start = gate->scanned;
    return REFUSAL_NONE;
}

struct refusal gate_scan(struct gate *gate, struct text bytes, size_t *ret_head_length)
{
    size_t at = gate->scanned;
    *ret_head_length = 0;
    while (at < bytes.length) {
        struct refusal refusal = REFUSAL_NONE;
        if (at == gate->line_start) {
            refusal = check_line_start(gate, bytes.data[at]);
        }
        while (at < bytes.length && is_line_byte(bytes.data[at])) {
            at++;
        }
        gate->scanned = at;
        if (is_refused(refusal) || at == bytes.length) {
            return refusal;
        }
        if (bytes.data[at] != CARRIAGE_RETURN) {
            return check_control_character(bytes.data[at]);
        }
        if (at + 1 == bytes.length) {
            return REFUSAL_NONE;
        }
        if (bytes.data[at + 1] != LINE_FEED) {
            return refusal_malformed("a CR without LF");
        }
        refusal = end_line(gate, bytes, at, ret_head_length);
        if (is_refused(refusal) || *ret_head_length > 0) {
            return refusal;
        }
        at = gate->scanned;
    }
    return REFUSAL_NONE;
}
