#include "client/call.h"

#include <stdlib.h>
#include <string.h>

#include "base/secret.h"
#include "client/request.h"
#include "client/resources.h"
#include "client/transfer.h"
#include "model/deleted.h"

enum {
    URL_MAXIMUM = 64 * 1024,
    CURSOR_MAXIMUM = 1024,
    CURSOR_MEMORY_MAXIMUM = 2 * CURSOR_MAXIMUM, /* of a page's, and of the next one's */
    BODY_MAXIMUM = 256 * 1024,
    RESULT_MEMORY_MAXIMUM = 16 * 1024 * 1024,
};

orgkeys_status call_refuse(struct orgkeys_client *client, const char *why)
{
    error_clear(&client->error);
    return error_set(&client->error, ORGKEYS_ERROR_ARGUMENT, "%s", why);
}

bool call_knows(struct orgkeys_client *client, unsigned version, unsigned known)
{
    if (version != known) {
        (void)call_refuse(client, "the options are of an unknown version: initialize them with "
                                  "the macro of their name");
    }
    return version == known;
}

int64_t call_integer(int64_t option)
{
    return option != 0 ? option : FIELD_ABSENT;
}

int64_t call_boolean(bool option)
{
    return option ? 1 : FIELD_ABSENT;
}

bool call_texts(struct orgkeys_client *client, const char *const *given, size_t count,
                struct text storage[CALL_TEXTS_MAXIMUM], struct text_list *ret_list)
{
    if (given == NULL) {
        return true;
    }
    if (count > CALL_TEXTS_MAXIMUM) {
        (void)call_refuse(client, "a list has too many items");
        return false;
    }
    for (size_t i = 0; i < count; i++) {
        storage[i] = text_of(given[i]);
        if (storage[i].data == NULL) {
            (void)call_refuse(client, "an item of a list is NULL");
            return false;
        }
    }
    *ret_list = (struct text_list){ storage, count };
    return true;
}

static orgkeys_status out_of_memory(struct orgkeys_client *client)
{
    error_clear(&client->error);
    return error_set(&client->error, ORGKEYS_ERROR_MEMORY, "there is not enough memory");
}

/* ---- Sending ---- */

/* The URL without a query. */
static orgkeys_status write_url(struct orgkeys_client *client, const struct call *call,
                                struct buffer *url)
{
    buffer_append(url, client->base_url);
    if (!request_write_path(url, operation_describe(call->operation)->path, call->ids)) {
        return call_refuse(client, "an id is missing, or is none");
    }
    return ORGKEYS_OK;
}

orgkeys_status call_send(struct orgkeys_client *client, const struct request *request)
{
    orgkeys_status status = transfer_perform(client, request);
    if (status == ORGKEYS_ERROR_API) {
        reply_read_error(&client->error, buffer_text(&client->reply), &request->secrets);
    }
    return status;
}

bool call_has_key(struct orgkeys_client *client)
{
    if (client->admin_key.data == NULL) {
        (void)call_refuse(client, "there is no admin key: give one in the options, or set "
                                  "OPENAI_ADMIN_KEY");
    }
    return client->admin_key.data != NULL;
}

/* The URL gets a NUL at its end for it. */
static orgkeys_status send_operation(struct orgkeys_client *client, enum operation operation,
                                     struct buffer *url, struct text json,
                                     struct text secret_in_json)
{
    const struct operation_description *description = operation_describe(operation);
    buffer_append_byte(url, '\0');
    if (url->failed) {
        return call_refuse(client, "the arguments are too long for a URL");
    }
    bool needs_key = operation_needs_key(operation);
    if (needs_key && !call_has_key(client)) {
        return ORGKEYS_ERROR_ARGUMENT;
    }
    struct request request = {
        .method = description->method,
        .url = url->data,
        .secrets = { needs_key ? client->admin_key : TEXT_NONE, secret_in_json },
        .body = json,
        .type = "application/json",
    };
    return call_send(client, &request);
}

static orgkeys_status perform(struct orgkeys_client *client, const struct call *call)
{
    const struct operation_description *description = operation_describe(call->operation);
    struct buffer url;
    struct buffer json;
    buffer_init(&url, URL_MAXIMUM);
    buffer_init(&json, BODY_MAXIMUM);
    orgkeys_status status = write_url(client, call, &url);
    if (status == ORGKEYS_OK && description->input != NULL &&
        (!request_write_input(&json, description->input, call->input) || json.failed)) {
        status = call_refuse(client, "an argument is too long, or not UTF-8");
    }
    if (status == ORGKEYS_OK) {
        bool has_input = description->input != NULL;
        status = send_operation(
            client, call->operation, &url, has_input ? buffer_text(&json) : TEXT_NONE,
            has_input ? request_find_secret(description->input, call->input) : TEXT_NONE);
    }
    buffer_free(&json);
    buffer_free(&url);
    return status;
}

/* ---- Objects ---- */

/* What lies in front of an object that was given to the caller. */
struct holder {
    struct arena arena;
    size_t size; /* of the object */
    max_align_t object[];
};

static struct holder *holder_of(void *object)
{
    return (struct holder *)(void *)((char *)object - offsetof(struct holder, object));
}

void object_free(void *object)
{
    if (object != NULL) {
        struct holder *holder = holder_of(object);
        arena_reset(&holder->arena);
        secret_wipe(holder->object, holder->size);
        free(holder);
    }
}

void *object_new(struct orgkeys_client *client, size_t size)
{
    struct holder *holder = calloc(1, sizeof *holder + size);
    if (holder == NULL) {
        (void)out_of_memory(client);
        return NULL;
    }
    arena_init(&holder->arena, RESULT_MEMORY_MAXIMUM);
    holder->size = size;
    return holder->object;
}

bool object_copy_text(void *object, struct text text, struct text *ret_text)
{
    *ret_text = arena_copy(&holder_of(object)->arena, text);
    return ret_text->data != NULL;
}

/* The reply was read, and found to be what was asked for. */
static void finish_reply(struct orgkeys_client *client)
{
    if (client->shown != NULL && client->error.status == ORGKEYS_OK) {
        buffer_append(client->shown, buffer_text(&client->reply));
    }
    buffer_clear(&client->reply);
}

static orgkeys_status read_object(struct orgkeys_client *client, const struct resource *resource,
                                  void *object)
{
    struct json_value *document = NULL;
    struct reader reader = { &holder_of(object)->arena, &client->error };
    orgkeys_status status = reply_parse(&client->error, buffer_text(&client->reply), &document);
    if (status == ORGKEYS_OK) {
        status = reply_read_object(&reader, resource, document, object);
        json_free(document);
    }
    finish_reply(client);
    return status;
}

void *call_reply(struct orgkeys_client *client, const struct resource *resource)
{
    void *object = object_new(client, resource_size(resource));
    if (object != NULL && read_object(client, resource, object) != ORGKEYS_OK) {
        object_free(object);
        object = NULL;
    }
    return object;
}

/* Whether a key was made, and the only reply that ever has its value has none. */
static bool lacks_value(const struct call *call, const void *object)
{
    switch (call->operation) {
    case CREATE_ADMIN_API_KEY:
        return ((const struct admin_api_key *)object)->value.data == NULL;
    case CREATE_PROJECT_API_KEY:
        return ((const struct project_api_key *)object)->value.data == NULL;
    case CREATE_SERVICE_ACCOUNT: {
        const struct service_account_create *input = call->input;
        const struct service_account *account = object;
        return input->create_service_account_only != 1 &&
               (account->api_key.id.data == NULL || account->api_key.value.data == NULL);
    }
    case CREATE_SERVICE_ACCOUNT_API_KEY: {
        const struct service_account_api_key_create *input = call->input;
        return input->value.data == NULL &&
               ((const struct service_account_api_key *)object)->value.data == NULL;
    }
    default:
        return false;
    }
}

void *call_object(struct orgkeys_client *client, const struct call *call)
{
    void *object = perform(client, call) == ORGKEYS_OK
                       ? call_reply(client, operation_describe(call->operation)->resource)
                       : NULL;
    if (object != NULL && lacks_value(call, object)) {
        (void)error_set(&client->error, ORGKEYS_ERROR_REPLY,
                        "the reply has no secret, the new key's value: a key may have been made; "
                        "list them before you repeat it");
        object_free(object);
        object = NULL;
    }
    return object;
}

orgkeys_status call_delete(struct orgkeys_client *client, const struct call *call)
{
    struct deleted *deleted = call_object(client, call);
    if (deleted != NULL && deleted->deleted != 1) {
        (void)error_set(&client->error, ORGKEYS_ERROR_REPLY,
                        "the reply does not say that it was deleted");
    }
    object_free(deleted);
    return client->error.status;
}

/* ---- Lists ---- */

struct iterator {
    struct orgkeys_client *client;
    enum operation operation;
    struct buffer url;              /* up to the query's last '&' or '?' */
    struct buffer cursor;           /* of the next page; empty: the first one's */
    char milestone[CURSOR_MAXIMUM]; /* see is_repeated */
    size_t milestone_length;
    uint64_t steps;         /* since the milestone */
    uint64_t steps_to_next; /* from it to the next one */
    struct arena arena;     /* of the page */
    struct reply_page page;
    size_t given; /* of the page's objects */
    bool is_last; /* the page */
};

struct list_query call_query(int limit, const char *after)
{
    struct list_query query = { .limit = limit != 0 ? limit : FIELD_ABSENT,
                                .after = text_of(after),
                                .include_archived = FIELD_ABSENT,
                                .never_used = FIELD_ABSENT,
                                .expires_from = FIELD_ABSENT,
                                .expires_before = FIELD_ABSENT,
                                .last_used_before = FIELD_ABSENT,
                                .created_before = FIELD_ABSENT,
                                .effective_after = FIELD_ABSENT,
                                .effective_from = FIELD_ABSENT,
                                .effective_before = FIELD_ABSENT,
                                .effective_to = FIELD_ABSENT,
                                .tenant_only = FIELD_ABSENT };
    return query;
}

void *iterator_new(struct orgkeys_client *client, const struct call *call,
                   const struct list_query *query)
{
    struct list_query rest = *query;
    struct iterator *iterator = calloc(1, sizeof *iterator);
    if (iterator == NULL) {
        (void)out_of_memory(client);
        return NULL;
    }
    iterator->client = client;
    iterator->operation = call->operation;
    iterator->steps_to_next = 1;
    buffer_init(&iterator->url, URL_MAXIMUM);
    buffer_init(&iterator->cursor, CURSOR_MEMORY_MAXIMUM);
    arena_init(&iterator->arena, RESULT_MEMORY_MAXIMUM);
    buffer_append(&iterator->cursor, query->after);
    rest.after = TEXT_NONE;
    error_clear(&client->error);
    if (write_url(client, call, &iterator->url) != ORGKEYS_OK) {
        iterator_free(iterator);
        return NULL;
    }
    buffer_append_byte(&iterator->url, '?');
    request_write_query(&iterator->url, operation_describe(call->operation)->query, &rest);
    if (iterator->url.failed || iterator->cursor.failed) {
        (void)call_refuse(client, "the arguments are too long for a URL");
        iterator_free(iterator);
        return NULL;
    }
    return iterator;
}

void iterator_free(void *pointer)
{
    struct iterator *iterator = pointer;
    if (iterator != NULL) {
        buffer_free(&iterator->url);
        buffer_free(&iterator->cursor);
        arena_reset(&iterator->arena);
        free(iterator);
    }
}

static orgkeys_status ask_for_page(struct iterator *iterator)
{
    struct buffer url;
    buffer_init(&url, URL_MAXIMUM);
    buffer_append(&url, buffer_text(&iterator->url));
    if (iterator->cursor.length > 0) {
        request_write_parameter(&url, TEXT("after"), buffer_text(&iterator->cursor));
    }
    if (url.length > 0) {
        url.length--; /* the last '&', or a '?' without parameters */
    }
    orgkeys_status status =
        send_operation(iterator->client, iterator->operation, &url, TEXT_NONE, TEXT_NONE);
    buffer_free(&url);
    return status;
}

/*
 * A server whose cursors come again would be asked for ever. One cursor is remembered, the
 * milestone, and moved to the newest after 1, 2, 4, 8... pages: once it lies on the circle, and has
 * room for it, it is met again (Brent's cycle detection). So of n different cursors at most 3 n are
 * followed.
 */
static bool is_repeated(const struct iterator *iterator, struct text cursor)
{
    struct text milestone = { iterator->milestone, iterator->milestone_length };
    return !text_is_empty(cursor) &&
           (text_equal(cursor, buffer_text(&iterator->cursor)) || text_equal(cursor, milestone));
}

static void move_milestone(struct iterator *iterator, struct text cursor)
{
    iterator->steps++;
    if (iterator->steps == iterator->steps_to_next && cursor.length > 0) {
        memcpy(iterator->milestone, cursor.data, cursor.length);
        iterator->milestone_length = cursor.length;
        iterator->steps = 0;
        iterator->steps_to_next *= 2;
    }
}

static orgkeys_status follow_cursor(struct iterator *iterator)
{
    struct text next = iterator->page.cursor;
    if (is_repeated(iterator, next)) {
        return error_set(&iterator->client->error, ORGKEYS_ERROR_REPLY,
                         "the reply's cursor is that of an earlier page: the list would never end");
    }
    if (next.length > CURSOR_MAXIMUM) {
        return error_set(&iterator->client->error, ORGKEYS_ERROR_REPLY,
                         "the reply's cursor is too long");
    }
    /* Until there is room for the next one, the old one stays, so that the page can be asked for
     * again. */
    if (!buffer_reserve(&iterator->cursor, next.length)) {
        iterator->cursor.failed = false;
        return out_of_memory(iterator->client);
    }
    buffer_clear(&iterator->cursor);
    buffer_append(&iterator->cursor, next);
    move_milestone(iterator, next);
    return ORGKEYS_OK;
}

static orgkeys_status read_page(struct iterator *iterator)
{
    struct orgkeys_client *client = iterator->client;
    struct json_value *document = NULL;
    struct reader reader = { &iterator->arena, &client->error };
    orgkeys_status status = reply_parse(&client->error, buffer_text(&client->reply), &document);
    if (status == ORGKEYS_OK) {
        status = reply_read_page(&reader, operation_describe(iterator->operation)->resource,
                                 document, &iterator->page);
        json_free(document);
    }
    finish_reply(client);
    return status == ORGKEYS_OK ? follow_cursor(iterator) : status;
}

static orgkeys_status next_page(struct iterator *iterator)
{
    if (iterator->is_last) {
        error_clear(&iterator->client->error);
        return ORGKEYS_END;
    }
    orgkeys_status status = ask_for_page(iterator);
    if (status != ORGKEYS_OK) {
        return status;
    }
    arena_reset(&iterator->arena);
    iterator->page = (struct reply_page){ NULL, 0, TEXT_NONE };
    iterator->given = 0;
    status = read_page(iterator);
    if (status != ORGKEYS_OK) {
        iterator->page.count = 0;
        return status;
    }
    iterator->is_last = text_is_empty(iterator->page.cursor);
    return ORGKEYS_OK;
}

const void *iterator_next(void *pointer, orgkeys_status *ret_status)
{
    struct iterator *iterator = pointer;
    *ret_status = ORGKEYS_OK;
    while (iterator->given == iterator->page.count) {
        *ret_status = next_page(iterator);
        if (*ret_status != ORGKEYS_OK) {
            return NULL;
        }
    }
    size_t size = resource_size(operation_describe(iterator->operation)->resource);
    return iterator->page.items + iterator->given++ * size;
}

orgkeys_status iterator_next_page(void *pointer, struct text *ret_cursor)
{
    struct iterator *iterator = pointer;
    orgkeys_status status = next_page(iterator);
    iterator->given = iterator->page.count;
    *ret_cursor = iterator->page.cursor;
    return status;
}
