#ifndef ORGKEYS_SERVER_DOCTOR_H
#define ORGKEYS_SERVER_DOCTOR_H

#include "server/config.h"

/* What `orgkeys doctor` tells, line by line. */
struct doctor {
    unsigned wrong; /* how many things are */
};

/* Prints one; `context` is the struct doctor. The verdict is "ok", "note" or "wrong". */
void doctor_report(void *context, const char *verdict, const char *what, const char *detail);

/* Looks at the configuration, and at the data directory: who may read it, and its schema. */
void doctor_inspect(struct doctor *doctor, const struct config *config);

#endif
