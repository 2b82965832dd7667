#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cli/failure.h"
#include "cli/run.h"
#include "cli/session.h"
#include "client/client.h"
#include "codec/json_writer.h"

/* Commands about many objects. */

enum { LIST_MEMORY_MAXIMUM = TABLE_MEMORY_MAXIMUM, PAGE_MAXIMUM = 100 };

struct listing {
    struct invocation *invocation;
    struct session session;
    struct table table;
    struct buffer items;  /* of the whole list as JSON, with --all --format json */
    struct text first_id; /* in the invocation's arena */
    struct text last_id;  /* the same */
    struct text cursor;   /* of the page that was not asked for; the same */
    size_t count;
};

static bool is_one_document(const struct listing *listing)
{
    return format_of(listing->invocation) == FORMAT_JSON && listing->invocation->settings.all == 1;
}

static bool too_much(void)
{
    (void)fputs("orgkeys: the list is too long to be shown whole: --format jsonl has no limit\n",
                stderr);
    return false;
}

/* ---- Items ---- */

static bool print_line(const struct json_value *item)
{
    struct buffer json;
    struct buffer line;
    buffer_init(&json, REPLIES_MAXIMUM);
    buffer_init(&line, ESCAPED_MAXIMUM);
    json_print(item, &json);
    append_harmless_json(&line, buffer_text(&json));
    buffer_append_byte(&line, '\n');
    line.failed = line.failed || json.failed;
    bool is_printed = print(&line);
    buffer_free(&line);
    buffer_free(&json);
    return is_printed;
}

static bool collect_json(struct listing *listing, const struct json_value *item)
{
    struct buffer json;
    buffer_init(&json, REPLIES_MAXIMUM);
    json_print(item, &json);
    buffer_append(&listing->items, listing->count > 0 ? TEXT(",") : TEXT(""));
    append_harmless_json(&listing->items, buffer_text(&json));
    listing->items.failed = listing->items.failed || json.failed;
    buffer_free(&json);
    return !listing->items.failed || too_much();
}

static bool add_item(struct listing *listing, const struct json_value *item)
{
    bool is_added = true;
    switch (format_of(listing->invocation)) {
    case FORMAT_TABLE:
        is_added = table_add_object(&listing->table, item) || too_much();
        break;
    case FORMAT_JSON:
        is_added = !is_one_document(listing) || collect_json(listing, item);
        break;
    case FORMAT_JSONL:
        is_added = print_line(item);
        break;
    }
    listing->count++;
    return is_added;
}

/* Texts of a page live as long as its document. */
static struct text keep(struct listing *listing, const struct json_value *item)
{
    const struct json_value *id = json_at(item, TEXT("id"));
    return id != NULL && json_type_of(id) == JSON_TYPE_TEXT
               ? arena_copy(&listing->invocation->arena, json_read_text(id))
               : TEXT_NONE;
}

/* `page` was found to have an array of objects by the client. */
static bool add_page(struct listing *listing, const struct json_value *page)
{
    const struct json_value *items = json_member(page, "data");
    size_t length = json_array_length(items);
    for (size_t i = 0; i < length; i++) {
        if (!add_item(listing, json_array_at(items, i))) {
            return false;
        }
    }
    if (length > 0) {
        if (listing->first_id.data == NULL) {
            listing->first_id = keep(listing, json_array_at(items, 0));
        }
        listing->last_id = keep(listing, json_array_at(items, length - 1));
    }
    return true;
}

/* ---- Around them ---- */

static void show_progress(const struct listing *listing, bool is_over)
{
    const struct invocation *invocation = listing->invocation;
    bool shows_lines =
        invocation->terminal->out_is_terminal && format_of(invocation) == FORMAT_JSONL;
    if (invocation->terminal->error_is_terminal && invocation->settings.all == 1 && !shows_lines) {
        if (is_over) {
            (void)fputs("\r\033[K", stderr);
        } else {
            (void)fprintf(stderr, "\r%zu so far ...", listing->count);
        }
    }
}

static bool print_document(struct listing *listing)
{
    struct buffer *reply = &listing->session.reply;
    struct buffer document;
    buffer_init(&document, ESCAPED_MAXIMUM + LIST_MEMORY_MAXIMUM);
    if (is_one_document(listing)) {
        buffer_append(&document, TEXT("{\"object\":\"list\",\"data\":["));
        buffer_append(&document, buffer_text(&listing->items));
        buffer_append(&document, TEXT("],\"first_id\":"));
        json_write_text(&document, listing->first_id);
        buffer_append(&document, TEXT(",\"last_id\":"));
        json_write_text(&document, listing->last_id);
        buffer_append(&document, TEXT(",\"has_more\":false}"));
    } else {
        append_harmless_json(&document, buffer_text(reply));
    }
    buffer_append_byte(&document, '\n');
    bool is_printed = print(&document);
    buffer_free(&document);
    return is_printed;
}

/* For a shell: as it is where that is safe, else in quotes. */
static void append_word(struct buffer *line, struct text word)
{
    bool is_plain = word.length > 0;
    for (size_t i = 0; i < word.length; i++) {
        is_plain = is_plain && (strchr("-_./:=@,+%", word.data[i]) != NULL ||
                                (word.data[i] >= '0' && word.data[i] <= '9') ||
                                ((word.data[i] | 0x20) >= 'a' && (word.data[i] | 0x20) <= 'z'));
    }
    buffer_append_byte(line, ' ');
    if (is_plain) {
        buffer_append(line, word);
        return;
    }
    buffer_append_byte(line, '\'');
    while (word.length > 0) {
        bool ends = text_find(word, '\'') == word.length;
        append_harmless(line, text_cut(&word, '\''));
        buffer_append(line, ends ? TEXT("") : TEXT("'\\''"));
    }
    buffer_append_byte(line, '\'');
}

/* The command that goes on: the same, behind what was shown. */
static void hint_at_more(const struct listing *listing)
{
    enum { HINT_MAXIMUM = 256 * 1024 };
    const struct invocation *invocation = listing->invocation;
    struct buffer line;
    buffer_init(&line, HINT_MAXIMUM);
    buffer_append_format(&line,
                         "There is more: --all shows everything; the next page:\n    orgkeys %s",
                         invocation->command->words);
    for (char **argument = invocation->arguments; *argument != NULL; argument++) {
        struct text word = text_of(*argument);
        if (text_equal(word, TEXT("--after"))) {
            argument++;
        } else if (!text_starts_with(word, TEXT("--after="))) {
            append_word(&line, word);
        }
    }
    buffer_append(&line, TEXT(" --after"));
    append_word(&line, listing->cursor);
    (void)fprintf(stderr, "%.*s\n", TEXT_ARGUMENTS(buffer_text(&line)));
    buffer_free(&line);
}

static bool finish(struct listing *listing)
{
    enum output_format format = format_of(listing->invocation);
    if (format == FORMAT_JSON && !print_document(listing)) {
        return false;
    }
    if (format == FORMAT_TABLE && !table_print(&listing->table, listing->invocation->terminal)) {
        return false;
    }
    if (format == FORMAT_TABLE && listing->count == 0) {
        (void)fputs("There are none.\n", stderr);
    }
    if (!text_is_empty(listing->cursor)) {
        hint_at_more(listing);
    }
    return true;
}

/* ---- Pages ---- */

static struct call call_of(const struct invocation *invocation)
{
    return (struct call){ .operation = invocation->command->operation,
                          .ids = { invocation->ids[0], invocation->ids[1] } };
}

/* ORGKEYS_OK and a document; ORGKEYS_END; or what the client says. */
static orgkeys_status next_page(struct listing *listing, void *iterator,
                                struct json_value **ret_page, struct text *ret_cursor)
{
    *ret_page = NULL;
    buffer_clear(&listing->session.reply);
    orgkeys_status status = iterator_next_page(iterator, ret_cursor);
    if (status != ORGKEYS_OK) {
        return status;
    }
    status = reply_parse(&listing->session.client->error, buffer_text(&listing->session.reply),
                         ret_page);
    return status;
}

/* EXIT_OK, or what the command ends with: it was said why. */
static int go_through(struct listing *listing, void *iterator)
{
    struct text cursor = TEXT_NONE;
    bool has_more = true;
    while (has_more) {
        struct json_value *page;
        orgkeys_status status = next_page(listing, iterator, &page, &cursor);
        if (status == ORGKEYS_END) {
            break;
        }
        if (status != ORGKEYS_OK) {
            show_progress(listing, true);
            return call_failed(listing->invocation, listing->session.client);
        }
        bool is_added = add_page(listing, page);
        json_free(page);
        if (!is_added) {
            return EXIT_FAILED;
        }
        show_progress(listing, false);
        has_more = listing->invocation->settings.all == 1 && !text_is_empty(cursor);
    }
    if (listing->invocation->settings.all != 1) {
        listing->cursor = arena_copy(&listing->invocation->arena, cursor);
    }
    show_progress(listing, true);
    return EXIT_OK;
}

static int listing_open(struct listing *listing, struct invocation *invocation)
{
    *listing = (struct listing){ .invocation = invocation };
    int status = session_open(invocation, true, &listing->session);
    if (status == EXIT_OK) {
        table_init(&listing->table, invocation->command->columns, invocation->command->spare);
        buffer_init(&listing->items, LIST_MEMORY_MAXIMUM);
    }
    return status;
}

static void listing_close(struct listing *listing)
{
    table_free(&listing->table);
    buffer_free(&listing->items);
    session_close(&listing->session);
}

int run_list(struct invocation *invocation)
{
    struct listing listing;
    struct call call = call_of(invocation);
    int status = listing_open(&listing, invocation);
    if (status != EXIT_OK) {
        return status;
    }
    if (invocation->settings.all == 1 && invocation->query.limit == FIELD_ABSENT) {
        invocation->query.limit = PAGE_MAXIMUM;
    }
    void *iterator = iterator_new(listing.session.client, &call, &invocation->query);
    status = iterator != NULL ? go_through(&listing, iterator)
                              : call_failed(invocation, listing.session.client);
    if (status == EXIT_OK && !finish(&listing)) {
        status = EXIT_FAILED;
    }
    iterator_free(iterator);
    listing_close(&listing);
    return status;
}

/* ---- Following ---- */

/* A page is newest first; people follow oldest first. */
static bool show_reversed(struct listing *listing, const struct json_value *page)
{
    const struct json_value *items = json_member(page, "data");
    for (size_t i = json_array_length(items); i > 0; i--) {
        if (!add_item(listing, json_array_at(items, i - 1))) {
            return false;
        }
    }
    return json_array_length(items) == 0 || format_of(listing->invocation) == FORMAT_JSONL ||
           table_print(&listing->table, listing->invocation->terminal);
}

/*
 * Keeps the id of a page's newest event, in a text of its own: following has no end, and memory
 * has. Gives whether it is another one than before.
 */
static bool remember_newest(const struct json_value *page, struct buffer *newest)
{
    const struct json_value *items = json_member(page, "data");
    const struct json_value *id =
        json_array_length(items) > 0 ? json_at(json_array_at(items, 0), TEXT("id")) : NULL;
    if (id == NULL || text_equal(json_read_text(id), buffer_text(newest))) {
        return false;
    }
    buffer_clear(newest);
    buffer_append(newest, json_read_text(id));
    return true;
}

/*
 * Shows where following begins: the newest page, or the oldest one. From either the way goes
 * forwards, with `before`. ORGKEYS_END: it could not be written.
 */
static orgkeys_status show_first(struct listing *listing, bool is_oldest, struct buffer *newest)
{
    struct orgkeys_client *client = listing->session.client;
    struct call call = call_of(listing->invocation);
    struct json_value *first = NULL;
    struct text cursor = TEXT_NONE;
    orgkeys_status status;
    void *iterator = iterator_new(client, &call, &listing->invocation->query);
    do {
        struct json_value *page = NULL;
        status =
            iterator != NULL ? next_page(listing, iterator, &page, &cursor) : client->error.status;
        if (page != NULL) {
            json_free(first);
            first = page;
        }
    } while (status == ORGKEYS_OK && is_oldest && !text_is_empty(cursor));
    iterator_free(iterator);
    if (status == ORGKEYS_END) {
        status = ORGKEYS_OK;
    }
    if (status == ORGKEYS_OK && first != NULL) {
        status = show_reversed(listing, first) ? ORGKEYS_OK : ORGKEYS_END;
        (void)remember_newest(first, newest);
    }
    json_free(first);
    return status;
}

/*
 * The events next to the one that was shown last. *ret_is_full: there may be more behind them.
 * Where none was shown yet, all there are are new. ORGKEYS_END: it could not be written.
 */
static orgkeys_status show_newer(struct listing *listing, struct buffer *newest, bool *ret_is_full)
{
    struct orgkeys_client *client = listing->session.client;
    struct call call = call_of(listing->invocation);
    struct list_query query = listing->invocation->query;
    struct json_value *page = NULL;
    struct text cursor;
    if (newest->length == 0) {
        orgkeys_status first = show_first(listing, true, newest);
        *ret_is_full = newest->length > 0;
        return first;
    }
    query.limit = PAGE_MAXIMUM;
    query.after = TEXT_NONE;
    query.before = buffer_text(newest);
    void *iterator = iterator_new(client, &call, &query);
    orgkeys_status status =
        iterator != NULL ? next_page(listing, iterator, &page, &cursor) : client->error.status;
    iterator_free(iterator);
    if (status == ORGKEYS_OK) {
        status = show_reversed(listing, page) ? ORGKEYS_OK : ORGKEYS_END;
        *ret_is_full = remember_newest(page, newest) &&
                       json_array_length(json_member(page, "data")) >= PAGE_MAXIMUM;
    }
    json_free(page);
    return status;
}

/* A server that is restarted, or has too much to do, answers again. */
static bool is_temporary(const struct orgkeys_error *error)
{
    return error->status == ORGKEYS_ERROR_CONNECTION || error->status == ORGKEYS_ERROR_TIMEOUT ||
           (error->status == ORGKEYS_ERROR_API &&
            (error->http_status == 429 || error->http_status >= 500));
}

/*
 * Between two questions, in seconds: from the first to the last, doubled with each one that was
 * not answered.
 */
enum { FOLLOW_SECONDS = 2, FOLLOW_SECONDS_MAXIMUM = 30 };

static int later(int seconds)
{
    return seconds * 2 < FOLLOW_SECONDS_MAXIMUM ? seconds * 2 : FOLLOW_SECONDS_MAXIMUM;
}

static void say_it_goes_on(const struct listing *listing)
{
    struct text message = text_of(listing->session.client->error.message);
    while (text_ends_with(message, TEXT("."))) {
        message.length--;
    }
    (void)fprintf(stderr, "orgkeys: %.*s; asking again until there is an answer\n",
                  TEXT_ARGUMENTS(message));
}

/* False: who read standard output, as `head`, has gone. */
static bool rest(int seconds)
{
    struct pollfd output = { .fd = STDOUT_FILENO };
    return poll(&output, 1, seconds * 1000) <= 0 || (output.revents & (POLLERR | POLLHUP)) == 0;
}

/* Ends when something fails for good, or with a signal. */
static int follow(struct listing *listing)
{
    struct orgkeys_client *client = listing->session.client;
    bool is_oldest = listing->invocation->query.effective_from != FIELD_ABSENT;
    int seconds = FOLLOW_SECONDS;
    bool has_begun = false;
    bool is_full = false;
    struct buffer newest;
    orgkeys_status status;
    buffer_init(&newest, REPLIES_MAXIMUM);
    do {
        status = has_begun ? show_newer(listing, &newest, &is_full)
                           : show_first(listing, is_oldest, &newest);
        if (status == ORGKEYS_OK) {
            has_begun = true;
            seconds = FOLLOW_SECONDS;
        } else if (status != ORGKEYS_END && is_temporary(&client->error)) {
            if (seconds == FOLLOW_SECONDS) {
                say_it_goes_on(listing);
            }
            seconds = later(seconds);
            is_full = false;
            status = ORGKEYS_OK;
        }
        if (status == ORGKEYS_OK && !is_full && !rest(seconds)) {
            status = ORGKEYS_END;
        }
    } while (status == ORGKEYS_OK);
    buffer_free(&newest);
    return status == ORGKEYS_END ? EXIT_FAILED : call_failed(listing->invocation, client);
}

/* False, after it was said: what is asked for has an end, and following has none. */
static bool can_follow(const struct invocation *invocation)
{
    const struct list_query *query = &invocation->query;
    const struct {
        bool is_given;
        const char *flag;
    } ends[] = {
        { format_of(invocation) == FORMAT_JSON, "--format json (but jsonl does)" },
        { query->effective_before != FIELD_ABSENT, "--until" },
        { invocation->settings.all == 1, "--all" },
        { query->before.data != NULL, "--before" },
    };
    for (size_t i = 0; i < sizeof ends / sizeof ends[0]; i++) {
        if (ends[i].is_given) {
            (void)fprintf(stderr, "orgkeys: --follow has no end, and does not go with %s\n",
                          ends[i].flag);
            return false;
        }
    }
    return true;
}

int run_audit_logs(struct invocation *invocation)
{
    struct listing listing;
    if (invocation->settings.follow != 1) {
        return run_list(invocation);
    }
    if (!can_follow(invocation)) {
        return EXIT_USAGE;
    }
    int status = listing_open(&listing, invocation);
    if (status != EXIT_OK) {
        return status;
    }
    status = follow(&listing);
    listing_close(&listing);
    return status;
}
