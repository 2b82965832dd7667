#include "server/options.h"

#include <stdbool.h>

#include "base/text.h"
#include "os/log.h"
#include "os/threads.h"
#include "server/config.h"

#define MILLISECONDS(count) (INT64_C(1000) * (count))
#define SECONDS(count) (MILLISECONDS(1000) * (count))
#define HOURS(count) (SECONDS(3600) * (count))
#define DAYS(count) (HOURS(24) * (count))
#define KIBIBYTES(count) (INT64_C(1024) * (count))
#define MEBIBYTES(count) (KIBIBYTES(1024) * (count))

/* Where a field lies; does not compile when the field is not of the type that the kind fills. */
#define AT(field_type, field)                                                                 \
    (offsetof(struct config, field) +                                                         \
     0 * sizeof(char[__builtin_types_compatible_p(field_type,                                 \
                                                  __typeof__(((struct config *)NULL)->field)) \
                         ? 1                                                                  \
                         : -1]))

/* Who takes an option. A name may have several rows, for different commands. */
#define S OPTION_OF_SERVE
#define R OPTION_OF_RECOVER
#define O OPTION_OF_ORGANIZATION_CREATE
#define C OPTION_OF_STORE_COPY
#define D OPTION_OF_DOCTOR
#define B OPTION_OF_BACKUP
#define T OPTION_OF_RESTORE
#define K OPTION_OF_CHECK

const char *const option_section_titles[OPTION_SECTION_COUNT] = {
    [OPTION_SECTION_GENERAL] = "General",
    [OPTION_SECTION_NETWORK] = "Network",
    [OPTION_SECTION_LOG] = "Log",
    [OPTION_SECTION_RULES] = "Rules",
    [OPTION_SECTION_LIMITS] = "Limits",
    [OPTION_SECTION_OWNER] = "Organization and owner",
    [OPTION_SECTION_COPY] = "Copies and backups",
};

static const char *const log_level_words[] = { "debug", "info", "warning", "error", NULL };
static const char *const log_format_words[] = { "text", "json", NULL };
_Static_assert(LOG_DEBUG == 0 && LOG_INFO == 1 && LOG_WARNING == 2 && LOG_ERROR == 3,
               "log_level_words is in the order of enum log_level");
_Static_assert(LOG_TEXT == 0 && LOG_JSON == 1,
               "log_format_words is in the order of enum log_format");

/* clang-format off */
const struct option options[] = {
    { "data", OPTION_SECTION_GENERAL, OPTION_DIRECTORY, OPTION_USE_ANY, S | R | O | B | T | K,
      AT(struct text, data), "./data", 0, 0, NULL,
      "Where the database lives. `serve` and `restore` make it when it is not there. With "
      "`database` only `first-admin-key` and `first-password-link` are written there." },
    { "database", OPTION_SECTION_GENERAL, OPTION_DATABASE, OPTION_USE_ANY, S | R | O | B | T | K,
      AT(struct text, database_url), NULL, 0, 0, NULL,
      "The PostgreSQL database to use instead of files in `data`; several nodes may share it. TLS "
      "and all else is written as libpq has it, also several hosts, of which one is found: "
      "`postgresql://orgkeys@db1,db2/orgkeys?target_session_attrs=read-write`. A password is not "
      "taken from a flag, which lists of processes show: give the URL in `ORGKEYS_DATABASE_URL` or "
      "a file, or the password in a passfile of libpq. `backup` and `restore` refuse it: "
      "PostgreSQL has `pg_dump` and `pg_restore`." },
    { "config", OPTION_SECTION_GENERAL, OPTION_FILE, OPTION_USE_NOT_FILE, S | R | O | C | B | T | K,
      AT(struct text, config_file), NULL, 0, 0, NULL,
      "A file with lines `name = value`." },
    { "ca-file", OPTION_SECTION_GENERAL, OPTION_FILE, OPTION_USE_FLAG, D,
      AT(struct text, ca_file), NULL, 0, 0, NULL,
      "Certificates (PEM) to trust where `OPENAI_BASE_URL` is asked, instead of the system's." },

    { "listen", OPTION_SECTION_NETWORK, OPTION_ADDRESSES, OPTION_USE_ANY, S,
      AT(struct config_list, listen), "127.0.0.1:8080", 0, 0, NULL,
      "Where the API is served." },
    { "internal-listen", OPTION_SECTION_NETWORK, OPTION_ADDRESSES, OPTION_USE_ANY, S,
      AT(struct config_list, internal_listen), NULL, 0, 0, NULL,
      "Where `/metrics`, `/readyz` and `/auth` are served. When given, they are only there." },
    { "tls-cert", OPTION_SECTION_NETWORK, OPTION_FILE, OPTION_USE_ANY, S,
      AT(struct text, tls_certificate), NULL, 0, 0, NULL,
      "The server's certificate (PEM), followed by those between it and the root: TLS 1.2 and 1.3 "
      "on the TCP addresses of `listen`. SIGHUP reads it and `tls-key` again; connections that are "
      "open stay, and so does the former pair when the new one is of no use." },
    { "tls-key", OPTION_SECTION_NETWORK, OPTION_FILE, OPTION_USE_ANY, S,
      AT(struct text, tls_key), NULL, 0, 0, NULL,
      "The certificate's key (PEM), without a passphrase." },
    { "public-url", OPTION_SECTION_NETWORK, OPTION_URL, OPTION_USE_ANY, S,
      AT(struct text, public_url), NULL, 0, 0, NULL,
      "The address by which clients reach the server, for links and printed exports. "
      "Without it, the first `listen` address is used." },
    { "trusted-proxy", OPTION_SECTION_NETWORK, OPTION_NETWORKS, OPTION_USE_ANY, S,
      AT(struct config_list, trusted_proxies), NULL, 0, 0, NULL,
      "A proxy whose `X-Forwarded-For` is believed: a network, an address, or `unix` for the "
      "peers of Unix sockets." },

    { "log-level", OPTION_SECTION_LOG, OPTION_CHOICE, OPTION_USE_ANY, S,
      AT(unsigned, log_level), "info", 0, 0, log_level_words,
      "The least important lines that are logged." },
    { "log-format", OPTION_SECTION_LOG, OPTION_CHOICE, OPTION_USE_ANY, S,
      AT(unsigned, log_format), "text", 0, 0, log_format_words,
      "How lines are logged on standard error." },

    { "audit-log-retention", OPTION_SECTION_RULES, OPTION_DURATION, OPTION_USE_ANY, S,
      AT(int64_t, audit_log_retention), "0", 0, DAYS(36500), NULL,
      "How long audit events are kept; `0` keeps them for ever." },
    { "last-used-interval", OPTION_SECTION_RULES, OPTION_DURATION, OPTION_USE_ANY, S,
      AT(int64_t, last_used_interval), "5s", MILLISECONDS(100), HOURS(1), NULL,
      "How often `last_used_at` of keys is written. A crash loses the uses since then." },
    { "max-staleness", OPTION_SECTION_RULES, OPTION_DURATION, OPTION_USE_ANY, S,
      AT(int64_t, max_staleness), "0", 0, DAYS(36500), NULL,
      "With `database`: how long after it was last reached keys are still checked from memory; "
      "then every check is answered 503. `0` goes on for ever. Keys that the node does not know "
      "get 503 after 2 seconds in any case." },
    { "invite-lifetime", OPTION_SECTION_RULES, OPTION_DURATION, OPTION_USE_ANY, S,
      AT(int64_t, invite_lifetime), "7d", SECONDS(1), DAYS(365), NULL,
      "How long an invite can be accepted." },

    { "threads", OPTION_SECTION_LIMITS, OPTION_INTEGER, OPTION_USE_ANY, S,
      AT(int64_t, threads), "0", 0, THREADS_PROCESSORS_MAXIMUM, NULL,
      "Threads that serve connections; `0` is one a processor. As many more serve those of "
      "`internal-listen`." },
    { "readers", OPTION_SECTION_LIMITS, OPTION_INTEGER, OPTION_USE_ANY, S,
      AT(int64_t, readers), "4", 1, 64, NULL,
      "Threads that read the database." },
    { "read-queue", OPTION_SECTION_LIMITS, OPTION_INTEGER, OPTION_USE_ANY, S,
      AT(int64_t, read_queue), "256", 1, 65536, NULL,
      "Calls that may wait for a reader; one more is answered 503." },
    { "write-queue", OPTION_SECTION_LIMITS, OPTION_INTEGER, OPTION_USE_ANY, S,
      AT(int64_t, write_queue), "256", 1, 65536, NULL,
      "Calls that may wait for the writer, beside the 64 of a batch; one more is answered 503." },
    { "max-connections", OPTION_SECTION_LIMITS, OPTION_INTEGER, OPTION_USE_ANY, S,
      AT(int64_t, connections_maximum), "10000", 1, 1000000, NULL,
      "Connections open at once; for one more an idle one is closed (of a thread that has some, "
      "the one that has been idle for longest), or, where none is idle, it is answered 503 and "
      "closed. Beyond 128 more at once they are closed without a reply. As many more at "
      "`internal-listen`. "
      "Each takes a descriptor: the server raises its limit of open files as far as it may, and "
      "where that is not enough takes fewer and says so in the log." },
    { "max-header-size", OPTION_SECTION_LIMITS, OPTION_SIZE, OPTION_USE_ANY, S,
      AT(int64_t, header_maximum), "16KiB", KIBIBYTES(1), MEBIBYTES(1), NULL,
      "Size of a request's line and headers; 431 beyond." },
    { "max-body-size", OPTION_SECTION_LIMITS, OPTION_SIZE, OPTION_USE_ANY, S,
      AT(int64_t, body_maximum), "1MiB", KIBIBYTES(1), MEBIBYTES(64), NULL,
      "Size of a request's body; 413 beyond." },
    { "max-bodies-size", OPTION_SECTION_LIMITS, OPTION_SIZE, OPTION_USE_ANY, S,
      AT(int64_t, bodies_maximum), "64MiB", KIBIBYTES(1), MEBIBYTES(65536), NULL,
      "Size of all bodies in memory together; 503 beyond. At least `max-body-size`. As much more "
      "at `internal-listen`." },
    { "request-timeout", OPTION_SECTION_LIMITS, OPTION_DURATION, OPTION_USE_ANY, S,
      AT(int64_t, request_timeout), "10s", MILLISECONDS(100), HOURS(1), NULL,
      "How long a request may take to arrive; 408 beyond." },
    { "idle-timeout", OPTION_SECTION_LIMITS, OPTION_DURATION, OPTION_USE_ANY, S,
      AT(int64_t, idle_timeout), "60s", MILLISECONDS(100), HOURS(24), NULL,
      "How long a connection may lie idle between requests." },
    { "write-timeout", OPTION_SECTION_LIMITS, OPTION_DURATION, OPTION_USE_ANY, S,
      AT(int64_t, write_timeout), "30s", MILLISECONDS(100), HOURS(1), NULL,
      "How long a client may take no byte of a reply." },
    { "shutdown-timeout", OPTION_SECTION_LIMITS, OPTION_DURATION, OPTION_USE_ANY, S,
      AT(int64_t, shutdown_timeout), "10s", 0, HOURS(1), NULL,
      "How long requests in hand may go on after SIGTERM." },

    { "name", OPTION_SECTION_OWNER, OPTION_TEXT, OPTION_USE_REQUIRED, O,
      AT(struct text, organization_name), NULL, 1, 255, NULL,
      "The new organization's name." },
    { "organization-name", OPTION_SECTION_OWNER, OPTION_TEXT, OPTION_USE_ANY, S,
      AT(struct text, organization_name), "Default organization", 1, 255, NULL,
      "The first organization's name. Used when the database is empty." },
    { "owner-email", OPTION_SECTION_OWNER, OPTION_EMAIL, OPTION_USE_ANY, S | O,
      AT(struct text, owner_email), "owner@localhost", 3, 254, NULL,
      "The owner's e-mail address. Used when an organization is made." },
    { "organization", OPTION_SECTION_OWNER, OPTION_TEXT, OPTION_USE_FLAG, R,
      AT(struct text, organization_id), NULL, 1, 64, NULL,
      "The id of the organization, where there are several. Without it, the oldest." },
    { "owner-email", OPTION_SECTION_OWNER, OPTION_EMAIL, OPTION_USE_ANY, R,
      AT(struct text, owner_email), NULL, 3, 254, NULL,
      "The owner who gets the new key, where there are several." },
    { "owner-name", OPTION_SECTION_OWNER, OPTION_TEXT, OPTION_USE_ANY, S | O,
      AT(struct text, owner_name), "Owner", 1, 255, NULL,
      "The owner's name. Used when an organization is made." },
    { "admin-key", OPTION_SECTION_OWNER, OPTION_SECRET, OPTION_USE_VARIABLE, S,
      AT(struct text, admin_key), NULL, 32, 256, NULL,
      "The first admin key. Used when the database is empty; otherwise one is made." },
    { "admin-key-file", OPTION_SECTION_OWNER, OPTION_SECRET_FILE, OPTION_USE_ANY, S,
      AT(struct text, admin_key), NULL, 32, 256, NULL,
      "A file that holds the first admin key, instead of `ORGKEYS_ADMIN_KEY`." },
    { "revoke-others", OPTION_SECTION_OWNER, OPTION_SWITCH, OPTION_USE_FLAG, R,
      AT(bool, revoke_others), NULL, 0, 0, NULL,
      "Ends every other way in as an owner of the organization: all other admin keys, and the "
      "owners' passwords, password links, sessions and open invites." },

    { "from", OPTION_SECTION_COPY, OPTION_SQLITE, OPTION_USE_REQUIRED, C,
      AT(struct text, copy_source), NULL, 0, 0, NULL,
      "The directory to copy from; no server may serve it meanwhile." },
    { "database", OPTION_SECTION_COPY, OPTION_DATABASE, OPTION_USE_VARIABLE, C,
      AT(struct text, database_url), NULL, 0, 0, NULL,
      "The PostgreSQL database to copy to. The line `database` of a file gives it too." },
    /* Behind the variable, over which it wins. */
    { "to", OPTION_SECTION_COPY, OPTION_DATABASE, OPTION_USE_FLAG, C,
      AT(struct text, database_url), NULL, 0, 0, NULL,
      "The PostgreSQL database to copy to; it must be without data of orgkeys. A URL with a "
      "password belongs in `ORGKEYS_DATABASE_URL` or a file; then this flag is left out." },
    { "to", OPTION_SECTION_COPY, OPTION_FILE, OPTION_USE_REQUIRED, B,
      AT(struct text, backup_file), NULL, 0, 0, NULL,
      "The file to write; it must not be there yet." },
    { "from", OPTION_SECTION_COPY, OPTION_FILE, OPTION_USE_REQUIRED, T,
      AT(struct text, backup_file), NULL, 0, 0, NULL,
      "The backup: a file that `backup` wrote, or the `orgkeys.db` of a copy of a data "
      "directory." },
    { "replace", OPTION_SECTION_COPY, OPTION_SWITCH, OPTION_USE_FLAG, T,
      AT(bool, replace), NULL, 0, 0, NULL,
      "Where the directory has a database, puts the backup in its place, and keeps it as "
      "`orgkeys.db.replaced-` and a number." },
    { "file", OPTION_SECTION_COPY, OPTION_FILE, OPTION_USE_FLAG, K,
      AT(struct text, backup_file), NULL, 0, 0, NULL,
      "A backup to look at, instead of the database of `data`." },
};
/* clang-format on */

const size_t option_count = sizeof options / sizeof options[0];
_Static_assert(sizeof options / sizeof options[0] <= OPTIONS_MAXIMUM,
               "struct loader has room for every option");
