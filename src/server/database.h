#ifndef ORGKEYS_SERVER_DATABASE_H
#define ORGKEYS_SERVER_DATABASE_H

#include "server/config.h"
#include "store/store.h"

/*
 * A database that `backup`, `restore` or `check` read, in one transaction and without a deadline.
 * It is left as it is, and may be served meanwhile.
 */
struct database {
    struct store *store;
    struct store_session *session;
};

/* What it holds, for people. */
struct database_content {
    int64_t revision;
    int64_t organizations;
    int64_t project_api_keys;
    int64_t admin_api_keys;
};

enum { DATABASE_LINE_MAXIMUM = 8 * 1024 };

/*
 * Opens what the options name, adding what it takes to leave it as it is. A fault where it is no
 * database of orgkeys, or one that this program is too old for. The statements are the caller's.
 */
struct result database_open(const struct store_options *options, struct database *ret_database);
/* Harmless after a failed database_open into a zeroed struct. */
void database_close(struct database *database);

/*
 * Copies what the database of `from` holds to the empty file at `to`, of which `descriptor` is, has
 * it on disk, and looks whether all of the copy is whole. `from` is opened by database_open_file or
 * database_open_data.
 */
struct result database_open_file(struct text file, struct database *ret_database);
struct result database_open_data(struct text directory, struct database *ret_database);
struct result database_copy(const struct database *from, struct text to, int descriptor,
                            struct database_content *ret_content);

/* "revision 7, 2 organizations, 1 project key, 1 admin key" */
void database_write_content(struct buffer *buffer, const struct database_content *content);
/* "1 project key", "2 project keys" */
void database_write_count(struct buffer *buffer, int64_t count, const char *what);

/*
 * From now on SIGINT, SIGTERM and SIGHUP end what copies and reads, as a failure, so that what was
 * begun is taken away.
 */
void database_end_by_signals(void);
/* The failure of a read that was ended so, with a text; others as they are. */
struct result database_told(struct result result);

#endif
