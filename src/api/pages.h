#ifndef ORGKEYS_API_PAGES_H
#define ORGKEYS_API_PAGES_H

#include "base/text.h"

struct dashboard_file;
struct http_request;

/* The file of the dashboard that a path leads to, or NULL. */
const struct dashboard_file *page_find(struct text path);

/* Whether a page takes this method; PAGE_METHODS is what its Allow says. */
#define PAGE_METHODS TEXT("GET, HEAD")
bool page_takes(struct text method);

/* No key, no store, answered on the loop's thread. */
void page_answer(const struct dashboard_file *file, struct http_request *request);

#endif
