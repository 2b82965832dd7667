#ifndef ORGKEYS_SERVER_DOCTOR_H
#define ORGKEYS_SERVER_DOCTOR_H

#include "server/config.h"

/* What `orgkeys doctor` tells, line by line. */
struct doctor {
    unsigned wrong; /* how many things are */
    bool is_mute;   /* standard output took no line any more, which was said */
};

/* Prints one; `context` is the struct doctor. The verdict is "ok", "note" or "wrong". */
void doctor_report(void *context, const char *verdict, const char *what, const char *detail);

void doctor_tell(struct doctor *doctor, const char *verdict, const char *what, const char *format,
                 ...) __attribute__((format(printf, 4, 5)));

/*
 * Looks at the configuration, at who may read the data and the passwords, at the database and its
 * schema. False: there is no data of a server here.
 */
bool doctor_inspect(struct doctor *doctor, const struct config *config);

/* Of the above: a PostgreSQL, which stays as it is. */
void doctor_inspect_postgres(struct doctor *doctor, struct text database_url);
/* Of the above: what the number of the newest migration means. */
void doctor_say_schema(struct doctor *doctor, int64_t version);

#endif
