#include "unit.h"

#include <string.h>

#include "api/client_address.h"
#include "api/request_id.h"
#include "api/route.h"
#include "base/buffer.h"

static struct arena arena;

static int initialize(void **state)
{
    (void)state;
    arena_init(&arena, (size_t)1024 * 1024);
    return 0;
}

static int forget(void **state)
{
    (void)state;
    arena_reset(&arena);
    return 0;
}

/* ---- Routes ---- */

/* The template with `values` for its parameters; gives how many it has. */
static size_t fill_in(const char *template, const char *const values[WORK_PATH_MAXIMUM],
                      struct text *ret_path)
{
    struct text rest = text_of(template);
    struct buffer buffer;
    size_t count = 0;
    buffer_init(&buffer, 1000);
    while (rest.length > 0) {
        buffer_append(&buffer, text_cut(&rest, '{'));
        if (rest.length > 0) {
            assert_true(count < WORK_PATH_MAXIMUM);
            buffer_append(&buffer, text_of(values[count++]));
            (void)text_cut(&rest, '}');
        }
    }
    assert_false(buffer.failed);
    *ret_path = arena_copy(&arena, buffer_text(&buffer));
    buffer_free(&buffer);
    return count;
}

static enum route_match find(const char *method, struct text path)
{
    struct text parameters[WORK_PATH_MAXIMUM];
    const struct route *route;
    return route_find(text_of(method), path, &route, parameters);
}

static void every_route_finds_itself(void **state)
{
    static const char *const values[WORK_PATH_MAXIMUM] = { "proj_%41", "a-b.c~" };
    size_t count;
    const struct route *table = routes(&count);
    (void)state;
    for (size_t i = 0; i < count; i++) {
        struct text parameters[WORK_PATH_MAXIMUM] = { TEXT_NONE };
        const struct route *found = NULL;
        struct text path;
        size_t expected = fill_in(table[i].path, values, &path);
        assert_int_equal(route_find(text_of(table[i].method), path, &found, parameters),
                         ROUTE_FOUND);
        assert_string_equal(found->operation, table[i].operation);
        for (size_t j = 0; j < expected; j++) {
            assert_text_equal(parameters[j], values[j]);
        }
        if (strcmp(table[i].method, "GET") == 0) {
            assert_int_equal(route_find(TEXT("HEAD"), path, &found, parameters), ROUTE_FOUND);
            assert_string_equal(found->operation, table[i].operation);
        }
    }
}

static void a_path_that_is_almost_a_route_is_none(void **state)
{
    static const char *const values[WORK_PATH_MAXIMUM] = { "a", "b" };
    static const char *const nothing[WORK_PATH_MAXIMUM] = { "", "" };
    size_t count;
    const struct route *table = routes(&count);
    (void)state;
    for (size_t i = 0; i < count; i++) {
        const char *method = table[i].method;
        struct text path;
        if (fill_in(table[i].path, nothing, &path) > 0) {
            assert_int_equal(find(method, path), ROUTE_UNKNOWN_PATH);
        }
        (void)fill_in(table[i].path, values, &path);
        assert_int_equal(find(method, path), ROUTE_FOUND);
        assert_int_equal(find(method, text_from(path, 1)), ROUTE_UNKNOWN_PATH);
        assert_int_equal(find(method, arena_format(&arena, "%.*s/", TEXT_ARGUMENTS(path))),
                         ROUTE_UNKNOWN_PATH);
        assert_int_equal(find(method, arena_format(&arena, "/%.*s", TEXT_ARGUMENTS(path))),
                         ROUTE_UNKNOWN_PATH);
    }
}

static void a_method_and_a_path_lead_to_one_answer(void **state)
{
    static const struct {
        const char *method;
        const char *path;
        enum route_match match;
        const char *operation; /* of ROUTE_FOUND */
    } cases[] = {
        { "GET", "/v1/organization/projects", ROUTE_FOUND, "list-projects" },
        { "GET", "/v1/organization/projects/a", ROUTE_FOUND, "retrieve-project" },
        { "POST", "/v1/organization/projects/a/archive", ROUTE_FOUND, "archive-project" },
        /* A word of the API's own is never taken for an id. */
        { "POST", "/v1/organization/invites/accept", ROUTE_FOUND, "accept-invite" },
        { "GET", "/v1/organization/invites/accept", ROUTE_FOUND, "retrieve-invite" },
        { "POST", "/v1/organization/invites/a", ROUTE_OTHER_METHOD, NULL },
        { "PUT", "/v1/organization/projects", ROUTE_OTHER_METHOD, NULL },
        { "DELETE", "/v1/organization/projects/a", ROUTE_OTHER_METHOD, NULL },
        { "HEAD", "/v1/organization/projects/a/archive", ROUTE_OTHER_METHOD, NULL },
        { "OPTIONS", "/healthz", ROUTE_OTHER_METHOD, NULL },
        { "POST", "/healthz", ROUTE_OTHER_METHOD, NULL },
        { "get", "/healthz", ROUTE_OTHER_METHOD, NULL },
        { "", "/healthz", ROUTE_OTHER_METHOD, NULL },
        { "GET", "", ROUTE_UNKNOWN_PATH, NULL },
        { "GET", "/", ROUTE_UNKNOWN_PATH, NULL },
        { "OPTIONS", "*", ROUTE_UNKNOWN_PATH, NULL },
        { "GET", "/Healthz", ROUTE_UNKNOWN_PATH, NULL },
        { "GET", "/healthz/x", ROUTE_UNKNOWN_PATH, NULL },
        { "GET", "/v1", ROUTE_UNKNOWN_PATH, NULL },
        { "GET", "/v1/organization", ROUTE_UNKNOWN_PATH, NULL },
        { "GET", "//v1/organization/projects", ROUTE_UNKNOWN_PATH, NULL },
        { "GET", "/v1//organization/projects", ROUTE_UNKNOWN_PATH, NULL },
        { "GET", "/v1/organization//projects", ROUTE_UNKNOWN_PATH, NULL },
        { "GET", "/v1/organization/projects//users", ROUTE_UNKNOWN_PATH, NULL },
        { "GET", "/v1/organization/projects/a/users/", ROUTE_UNKNOWN_PATH, NULL },
        { "GET", "/v1/organization/projects/a/users/b/c", ROUTE_UNKNOWN_PATH, NULL },
        { "GET", "/v1/organization/%70rojects", ROUTE_UNKNOWN_PATH, NULL },
        { "GET", "/v1/organization/../organization/projects", ROUTE_UNKNOWN_PATH, NULL },
        { "GET", "/v1/organization/{x}", ROUTE_UNKNOWN_PATH, NULL },
    };
    (void)state;
    for (size_t i = 0; i < ITEMS(cases); i++) {
        struct text parameters[WORK_PATH_MAXIMUM];
        const struct route *found = NULL;
        enum route_match match =
            route_find(text_of(cases[i].method), text_of(cases[i].path), &found, parameters);
        if (match != cases[i].match) {
            fail_msg("%s %s: %d", cases[i].method, cases[i].path, match);
        }
        if (match == ROUTE_FOUND) {
            assert_string_equal(found->operation, cases[i].operation);
        }
    }
}

static void the_methods_of_a_path_are_listed(void **state)
{
    static const char *const cases[][2] = {
        { "/healthz", "GET, HEAD" },
        { "/v1/organization/projects", "GET, HEAD, POST" },
        { "/v1/organization/projects/a", "GET, HEAD, POST" },
        { "/v1/organization/projects/a/archive", "POST" },
        { "/v1/organization/users/a", "GET, HEAD, POST, DELETE" },
        { "/v1/organization/projects/a/api_keys/b", "GET, HEAD, POST, DELETE" },
        { "/v1/organization/invites/accept", "POST, GET, HEAD, DELETE" },
        { "/v1/organization/users/a/", "" },
        { "/", "" },
        { "", "" },
    };
    struct buffer buffer;
    (void)state;
    buffer_init(&buffer, 200);
    for (size_t i = 0; i < ITEMS(cases); i++) {
        buffer_clear(&buffer);
        route_write_methods(text_of(cases[i][0]), &buffer);
        assert_int_equal(buffer.length, strlen(cases[i][1]));
        assert_memory_equal(buffer.data, cases[i][1], buffer.length);
    }
    buffer_free(&buffer);
}

static bool takes_project(const struct route *route)
{
    return strncmp(route->path, "/v1/organization/projects/{project_id}",
                   strlen("/v1/organization/projects/{project_id}")) == 0;
}

/* What the calls rely on, without looking. */
static void rows_say_what_goes_together(void **state)
{
    size_t count;
    const struct route *table = routes(&count);
    (void)state;
    for (size_t i = 0; i < count; i++) {
        const struct route *route = &table[i];
        for (size_t other = 0; other < i; other++) {
            assert_string_not_equal(route->operation, table[other].operation);
        }
        assert_true(strlen(route->summary) > 0);
        assert_true((route->run == NULL) != (route->answer == NULL));
        if (route->answer != NULL) {
            continue;
        }
        assert_int_equal(route->effect == EFFECT_READ, strcmp(route->method, "GET") == 0);
        assert_int_equal(route->effect == EFFECT_CHANGE, route->event != AUDIT_NONE);
        assert_int_equal(route->is_list, route->query != NULL);
        assert_true(route->input == NULL || strcmp(route->method, "POST") == 0);
        assert_non_null(route->output);
        assert_int_equal(route->project != PROJECT_NONE, takes_project(route));
        assert_int_equal(route->access == ACCESS_ANYONE,
                         strcmp(route->operation, "accept-invite") == 0 ||
                             strcmp(route->operation, "create-session") == 0 ||
                             strcmp(route->operation, "set-password") == 0);
        assert_int_equal(route->access == ACCESS_MEMBER || route->access == ACCESS_PROJECT_OWNER,
                         takes_project(route) && strcmp(route->operation, "archive-project") != 0);
        if (route->is_list) {
            /* A page's first_id and last_id are read from the start of its items. */
            assert_string_equal(route->output->fields[0].name, "id");
            assert_int_equal(route->output->fields[0].offset, 0);
        }
    }
}

/* ---- Addresses of clients ---- */

enum { HEADERS_MAXIMUM = 3 };

static void the_client_is_the_last_one_that_is_no_trusted_proxy(void **state)
{
    static const char *const proxies[] = { "10.0.0.0/8", "192.0.2.1", "fd00::/8", "unix" };
    static const struct {
        const char *peer;
        const char *headers[HEADERS_MAXIMUM]; /* X-Forwarded-For, in their order */
        const char *address;
    } cases[] = {
        /* Whoever is no proxy can say what they like. */
        { "198.51.100.7", { NULL }, "198.51.100.7" },
        { "198.51.100.7", { "203.0.113.9" }, "198.51.100.7" },
        { "192.0.2.2", { "203.0.113.9" }, "192.0.2.2" },
        { "10.0.0.1", { NULL }, "10.0.0.1" },
        { "10.0.0.1", { "203.0.113.9" }, "203.0.113.9" },
        { "::ffff:10.0.0.1", { "203.0.113.9" }, "203.0.113.9" },
        { "unix", { "203.0.113.9" }, "203.0.113.9" },
        { "fd00::1", { "2001:db8::9" }, "2001:db8::9" },
        /* What stands left of the client is its own invention. */
        { "10.0.0.1", { "1.1.1.1, 203.0.113.9" }, "203.0.113.9" },
        { "10.0.0.1", { "10.9.9.9, 203.0.113.9" }, "203.0.113.9" },
        { "10.0.0.1", { "1.1.1.1,203.0.113.9,10.0.0.2, 192.0.2.1" }, "203.0.113.9" },
        { "10.0.0.1", { "1.1.1.1 ,\t203.0.113.9\t, 10.0.0.2 " }, "203.0.113.9" },
        /* Nothing but proxies: the furthest. */
        { "10.0.0.1", { "10.0.0.3, 10.0.0.2" }, "10.0.0.3" },
        /* Lines are one list. */
        { "10.0.0.1", { "1.1.1.1", "203.0.113.9, 10.0.0.2" }, "203.0.113.9" },
        { "10.0.0.1", { "1.1.1.1, 203.0.113.9", "10.0.0.3", "10.0.0.2" }, "203.0.113.9" },
        { "10.0.0.1", { "203.0.113.9", "" }, "203.0.113.9" },
        /* What is no address ends the search, where it stands. */
        { "10.0.0.1", { "" }, "10.0.0.1" },
        { "10.0.0.1", { "," }, "10.0.0.1" },
        { "10.0.0.1", { "unknown" }, "10.0.0.1" },
        { "10.0.0.1", { "203.0.113.9, unknown" }, "10.0.0.1" },
        { "10.0.0.1", { "203.0.113.9, , 10.0.0.2" }, "10.0.0.2" },
        { "10.0.0.1", { "203.0.113.9", "x, 10.0.0.2" }, "10.0.0.2" },
        { "10.0.0.1", { "203.0.113.9, _hidden, 10.0.0.2" }, "10.0.0.2" },
        { "10.0.0.1", { "203.0.113.9:443" }, "10.0.0.1" },
        { "10.0.0.1", { "[2001:db8::9]" }, "10.0.0.1" },
        { "10.0.0.1", { "203.0.113.0/24" }, "10.0.0.1" },
        { "10.0.0.1", { "unix" }, "10.0.0.1" },
        { "10.0.0.1", { "203.0.113.9 203.0.113.8" }, "10.0.0.1" },
        { "10.0.0.1", { "203.0.113.256" }, "10.0.0.1" },
        { "10.0.0.1", { "1.1.1.1<script>" }, "10.0.0.1" },
    };
    struct network trusted[ITEMS(proxies)];
    (void)state;
    for (size_t i = 0; i < ITEMS(proxies); i++) {
        assert_true(network_parse(text_of(proxies[i]), &trusted[i]));
    }
    for (size_t i = 0; i < ITEMS(cases); i++) {
        /* With strangers around them. */
        struct http_header headers[HEADERS_MAXIMUM + 2] = { { TEXT("Forwarded"),
                                                              TEXT("for=9.9.9.9") } };
        struct http_request request = { .headers = headers, .header_count = 1 };
        request.peer = text_of(cases[i].peer);
        for (size_t j = 0; j < HEADERS_MAXIMUM && cases[i].headers[j] != NULL; j++) {
            headers[request.header_count++] =
                (struct http_header){ j == 1 ? TEXT("x-forwarded-FOR") : TEXT("X-Forwarded-For"),
                                      text_of(cases[i].headers[j]) };
        }
        headers[request.header_count++] =
            (struct http_header){ TEXT("X-Real-IP"), TEXT("9.9.9.9") };
        struct text address = client_address(&request, trusted, ITEMS(trusted));
        if (!text_equal(address, text_of(cases[i].address))) {
            fail_msg("%s of %s: %.*s", cases[i].headers[0], cases[i].peer, TEXT_ARGUMENTS(address));
        }
        /* Without trusted proxies, nobody is believed. */
        assert_text_equal(client_address(&request, NULL, 0), cases[i].peer);
    }
}

/* ---- Ids of requests ---- */

static void requests_have_ids_of_their_own(void **state)
{
    enum { COUNT = 200 };
    static struct request_id ids[COUNT];
    (void)state;
    for (size_t i = 0; i < COUNT; i++) {
        ids[i] = request_id_make();
        assert_true(id_is_valid(ID_REQUEST, request_id_text(&ids[i])));
        for (size_t other = 0; other < i; other++) {
            /* Their random parts differ, not only their times. */
            assert_memory_not_equal(ids[i].characters + ids[i].length - ID_RANDOM_DIGITS,
                                    ids[other].characters + ids[other].length - ID_RANDOM_DIGITS,
                                    ID_RANDOM_DIGITS);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_route_finds_itself),
        cmocka_unit_test(a_path_that_is_almost_a_route_is_none),
        cmocka_unit_test(a_method_and_a_path_lead_to_one_answer),
        cmocka_unit_test(the_methods_of_a_path_are_listed),
        cmocka_unit_test(rows_say_what_goes_together),
        cmocka_unit_test(the_client_is_the_last_one_that_is_no_trusted_proxy),
        cmocka_unit_test(requests_have_ids_of_their_own),
    };
    return cmocka_run_group_tests(tests, initialize, forget);
}
