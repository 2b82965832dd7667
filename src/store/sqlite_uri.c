#include "store/sqlite_uri.h"

#include <stdbool.h>

void sqlite_write_uri(struct buffer *uri, const char *absolute_path, const char *parameters)
{
    buffer_append(uri, TEXT("file:"));
    for (const char *byte = absolute_path; *byte != '\0'; byte++) {
        bool is_plain = (*byte >= 'a' && *byte <= 'z') || (*byte >= 'A' && *byte <= 'Z') ||
                        (*byte >= '0' && *byte <= '9') || *byte == '/' || *byte == '.' ||
                        *byte == '-' || *byte == '_';
        buffer_append_format(uri, is_plain ? "%c" : "%%%02X", (unsigned char)*byte);
    }
    buffer_append_byte(uri, '?');
    buffer_append(uri, text_of(parameters));
    buffer_append_byte(uri, '\0');
}
