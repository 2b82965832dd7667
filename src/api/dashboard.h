#ifndef ORGKEYS_API_DASHBOARD_H
#define ORGKEYS_API_DASHBOARD_H

#include <stddef.h>

#include "base/text.h"

/*
 * The files of web/, as scripts/dashboard makes them; in a build without Node.js
 * dashboard_absent.c stands in for them. The file of "/" is that of all pages.
 */
struct dashboard_file {
    struct text path;
    struct text content_type;
    struct text tag; /* of the content: an entity tag without its quotes */
    int status;
    struct text plain;
    struct text gzip; /* data is NULL when there is no such form */
};

extern const struct dashboard_file dashboard_files[];
extern const size_t dashboard_file_count;

#endif
