#include "api/client_address.h"

/* Cuts the last entry off a list. */
static struct text cut_last(struct text *list)
{
    size_t start = list->length;
    while (start > 0 && list->data[start - 1] != ',') {
        start--;
    }
    struct text entry = text_trim(text_from(*list, start));
    *list = text_until(*list, start > 0 ? start - 1 : 0);
    return entry;
}

static bool is_address(struct text entry)
{
    struct network network;
    return text_find(entry, '/') == entry.length && network_parse(entry, &network) &&
           !network.is_unix;
}

/* Walks one header from the right; false when the search has ended within it. */
static bool walk(struct text list, const struct network *trusted, size_t trusted_count,
                 struct text *address)
{
    while (list.length > 0) {
        struct text entry = cut_last(&list);
        if (!is_address(entry)) {
            return false;
        }
        *address = entry;
        if (!networks_contain(trusted, trusted_count, entry)) {
            return false;
        }
    }
    return true;
}

struct text client_address(const struct http_request *request, const struct network *trusted,
                           size_t trusted_count)
{
    struct text address = request->peer;
    if (!networks_contain(trusted, trusted_count, address)) {
        return address;
    }
    for (size_t i = request->header_count; i > 0; i--) {
        const struct http_header *header = &request->headers[i - 1];
        if (text_equal_ignoring_case(header->name, TEXT("X-Forwarded-For")) &&
            !walk(header->value, trusted, trusted_count, &address)) {
            break;
        }
    }
    return address;
}
