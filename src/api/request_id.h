#ifndef ORGKEYS_API_REQUEST_ID_H
#define ORGKEYS_API_REQUEST_ID_H

#include "codec/id.h"

struct request_id {
    char characters[ID_LENGTH_MAXIMUM];
    size_t length;
};

/*
 * The id that a reply and its line in the log share. Unique, and nothing more: its random part
 * comes from a store of the thread's that is filled from the kernel now and then.
 */
struct request_id request_id_make(void);
struct text request_id_text(const struct request_id *id);

#endif
