#include "server/first_start.h"

#include <unistd.h>

#include "base/buffer.h"
#include "codec/digest.h"
#include "codec/key_text.h"
#include "domain/organizations.h"
#include "domain/passwords.h"
#include "os/files.h"
#include "os/log.h"
#include "server/data_directory.h"
#include "server/transaction.h"

struct founding {
    const struct config *config;
    struct first_start result;
    struct problem problem;
};

static bool has_terminal(void)
{
    return isatty(STDOUT_FILENO) == 1;
}

/* Before the commit: what is kept is in somebody's hands. */
static struct result write_file(struct work *work, struct founding *founding, const char *name,
                                struct text content, struct text *ret_path)
{
    struct text path =
        arena_format(work->arena, "%.*s/%s", TEXT_ARGUMENTS(founding->config->data), name);
    struct text line = arena_format(work->arena, "%.*s\n", TEXT_ARGUMENTS(content));
    if (path.data == NULL || line.data == NULL) {
        return fault(ERROR_INTERNAL, "no memory for %s", name);
    }
    TRY(directory_make(founding->config->data));
    TRY(file_replace(path, line));
    *ret_path = path;
    return RESULT_OK;
}

static struct result hand_over(struct work *work, struct founding *founding, struct text key,
                               struct text link)
{
    struct first_start *result = &founding->result;
    result->owner_email = founding->config->owner_email;
    bool is_configured = founding->config->admin_key.data != NULL;
    if (has_terminal()) {
        result->password_link = link;
        result->admin_key = is_configured ? TEXT_NONE : key;
        return RESULT_OK;
    }
    TRY(write_file(work, founding, FIRST_PASSWORD_LINK_FILE, link, &result->link_file));
    return is_configured ? RESULT_OK
                         : write_file(work, founding, FIRST_ADMIN_KEY_FILE, key, &result->key_file);
}

static struct result found(struct work *work, struct founding *founding)
{
    const struct config *config = founding->config;
    struct text key;
    struct text owner_id;
    struct text link;
    TRY(organization_found(work,
                           &(struct organization_founding){
                               .name = config->organization_name,
                               .owner_email = config->owner_email,
                               .owner_name = config->owner_name,
                               .admin_key = config->admin_key,
                           },
                           &key, &owner_id));
    TRY(password_link_add(work, owner_id, &link));
    return hand_over(work, founding, key, link);
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

struct result first_start(struct store *store, const struct config *config,
                          const struct settings *settings, struct arena *arena,
                          struct problem *problem, struct first_start *ret_first_start)
{
    struct founding founding = { .config = config };
    struct result result = transaction_run(store, settings, arena, look, &founding);
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
    }
    if (first_start->password_link.data != NULL) {
        buffer_append_format(&text,
                             "To sign in with a browser, as %.*s, set a password here, once, "
                             "within a day:\n\n%.*s\n\n",
                             TEXT_ARGUMENTS(first_start->owner_email),
                             TEXT_ARGUMENTS(first_start->password_link));
    }
    if (first_start->key_file.data != NULL) {
        buffer_append_format(&text, "The first admin key is in %.*s\n",
                             TEXT_ARGUMENTS(first_start->key_file));
    }
    if (first_start->link_file.data != NULL) {
        buffer_append_format(
            &text, "The link to set a password with, once, within a day, as %.*s, is in %.*s\n",
            TEXT_ARGUMENTS(first_start->owner_email), TEXT_ARGUMENTS(first_start->link_file));
    }
    if (!print_at_once(&text) && first_start->admin_key.data != NULL) {
        log_at(LOG_ERROR, "the first admin key could not be printed",
               LOG_TEXT_FIELD("remedy", TEXT("stop the server: `orgkeys recover` makes another")));
    }
    buffer_free(&text);
}
