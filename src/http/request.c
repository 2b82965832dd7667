#include "http/http.h"

struct text http_request_header(const struct http_request *request, struct text name,
                                size_t *ret_count)
{
    struct text value = TEXT_NONE;
    size_t count = 0;
    for (size_t i = 0; i < request->header_count; i++) {
        if (text_equal_ignoring_case(request->headers[i].name, name)) {
            value = count == 0 ? request->headers[i].value : value;
            count++;
        }
    }
    if (ret_count != NULL) {
        *ret_count = count;
    }
    return value;
}
