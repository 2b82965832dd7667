#include "server/first_start.h"

#include <unistd.h>

#include "base/buffer.h"
#include "codec/digest.h"
#include "codec/key_text.h"
#include "domain/organizations.h"
#include "os/files.h"
#include "os/log.h"
#include "server/transaction.h"

struct founding {
    struct config *config;
    struct first_start result;
    struct problem problem;
};

static bool has_terminal(void)
{
    return isatty(STDOUT_FILENO) == 1;
}

static struct result write_key_file(struct work *work, struct founding *founding, struct text key)
{
    struct text path =
        arena_format(work->arena, "%.*s/first-admin-key", TEXT_ARGUMENTS(founding->config->data));
    struct text line = arena_format(work->arena, "%.*s\n", TEXT_ARGUMENTS(key));
    if (path.data == NULL || line.data == NULL) {
        return fault(ERROR_INTERNAL, "no memory for the first key");
    }
    TRY(directory_make(founding->config->data));
    TRY(file_replace(path, line));
    founding->result.key_file = path;
    return RESULT_OK;
}

static struct result found(struct work *work, struct founding *founding)
{
    const struct config *config = founding->config;
    struct text key;
    TRY(organization_found(work,
                           &(struct organization_founding){
                               .name = config->organization_name,
                               .owner_email = config->owner_email,
                               .owner_name = config->owner_name,
                               .admin_key = config->admin_key,
                           },
                           &key));
    if (config->admin_key.data != NULL) {
        return RESULT_OK;
    }
    if (has_terminal()) {
        founding->result.admin_key = key;
        return RESULT_OK;
    }
    return write_key_file(work, founding, key);
}

static struct result warn_of_other_key(struct work *work, struct text key)
{
    struct digest digest;
    bool known = false;
    if (key.data == NULL) {
        return RESULT_OK;
    }
    TRY(digest_of(key, &digest));
    TRY(work_exists(work, ADMIN_API_KEY_AUTHENTICATE,
                    VALUES(store_blob(digest.bytes, sizeof digest.bytes)), &known));
    if (!known) {
        log_at(LOG_WARNING, "admin key ignored",
               LOG_TEXT_FIELD("reason", TEXT("the configured admin key is none of the store's; it "
                                             "counts for an empty store only")));
    }
    return RESULT_OK;
}

static struct result look(struct work *work, void *context)
{
    struct founding *founding = context;
    struct organization *organization = NULL;
    TRY(organization_find_first(work, &organization));
    struct result result = organization == NULL
                               ? found(work, founding)
                               : warn_of_other_key(work, founding->config->admin_key);
    founding->result.organization_id =
        organization == NULL ? work->caller.organization_id : organization->id;
    founding->problem = work->problem;
    return result;
}

struct result first_start(struct store *store, struct config *config, struct arena *arena,
                          struct problem *problem, struct first_start *ret_first_start)
{
    struct founding founding = { .config = config };
    struct result result = transaction_run(store, arena, look, &founding);
    *problem = founding.problem;
    TRY(result);
    *ret_first_start = founding.result;
    return RESULT_OK;
}

/* In one piece, since the log's writer may have the same terminal. */
static bool print_at_once(const struct buffer *text)
{
    return !text->failed && write(STDOUT_FILENO, text->data, text->length) == (ssize_t)text->length;
}

void first_start_announce(const struct first_start *first_start, struct text public_url)
{
    enum { ANNOUNCEMENT_MAXIMUM = 16 * 1024 };
    struct buffer text;
    buffer_init(&text, ANNOUNCEMENT_MAXIMUM);
    if (first_start->admin_key.data != NULL) {
        buffer_append_format(&text,
                             "The first admin key, shown this once:\n\n"
                             "export OPENAI_BASE_URL=%.*s/v1\n"
                             "export OPENAI_ADMIN_KEY=%.*s\n\n",
                             TEXT_ARGUMENTS(public_url), TEXT_ARGUMENTS(first_start->admin_key));
    } else if (first_start->key_file.data != NULL) {
        buffer_append_format(&text, "The first admin key is in %.*s\n",
                             TEXT_ARGUMENTS(first_start->key_file));
    }
    if (!print_at_once(&text) && first_start->admin_key.data != NULL) {
        log_at(LOG_ERROR, "the first admin key could not be printed",
               LOG_TEXT_FIELD("remedy", TEXT("stop the server: `orgkeys recover` makes another")));
    }
    buffer_free(&text);
}
