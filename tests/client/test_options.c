/* What a client takes from its options, and from the environment. */
#include "../unit/unit.h"

#include <orgkeys/orgkeys.h>

#include <stdlib.h>
#include <string.h>

#include "client/client.h"
#include "model/field.h"

static orgkeys_client *client_of(const orgkeys_client_options *options)
{
    orgkeys_client *client;
    assert_int_equal(orgkeys_client_new(options, &client), ORGKEYS_OK);
    return client;
}

static int forget_environment(void **state)
{
    (void)state;
    assert_int_equal(unsetenv("OPENAI_ADMIN_KEY"), 0);
    assert_int_equal(unsetenv("OPENAI_BASE_URL"), 0);
    return 0;
}

static void test_without_anything(void **state)
{
    (void)state;
    orgkeys_client *client = client_of(NULL);
    assert_null(client->admin_key.data);
    assert_text_equal(client->base_url, "https://api.openai.com/v1");
    assert_text_equal(client->auth_url, "https://api.openai.com/auth");
    assert_int_equal(client->max_retries, 2);
    assert_int_equal(client->timeout_ms, 600000);
    orgkeys_client_free(client);
}

static void test_the_environment(void **state)
{
    (void)state;
    assert_int_equal(setenv("OPENAI_ADMIN_KEY", " sk-admin-x ", 1), 0);
    assert_int_equal(setenv("OPENAI_BASE_URL", "http://[::1]:8080/v1/", 1), 0);
    orgkeys_client *client = client_of(NULL);
    assert_text_equal(client->admin_key, "sk-admin-x");
    assert_text_equal(client->base_url, "http://[::1]:8080/v1");
    assert_text_equal(client->auth_url, "http://[::1]:8080/auth");
    orgkeys_client_free(client);
}

static void test_an_empty_variable_is_none(void **state)
{
    (void)state;
    assert_int_equal(setenv("OPENAI_ADMIN_KEY", "", 1), 0);
    assert_int_equal(setenv("OPENAI_BASE_URL", "", 1), 0);
    orgkeys_client *client = client_of(NULL);
    assert_null(client->admin_key.data);
    assert_text_equal(client->base_url, "https://api.openai.com/v1");
    orgkeys_client_free(client);
}

static void test_options_come_first(void **state)
{
    orgkeys_client_options options = ORGKEYS_CLIENT_OPTIONS_INIT;
    (void)state;
    assert_int_equal(setenv("OPENAI_ADMIN_KEY", "sk-admin-x", 1), 0);
    assert_int_equal(setenv("OPENAI_BASE_URL", "http://elsewhere/v1", 1), 0);
    options.admin_key = "sk-admin-y";
    options.base_url = "https://keys.example.com/api";
    orgkeys_client *client = client_of(&options);
    assert_text_equal(client->admin_key, "sk-admin-y");
    assert_text_equal(client->base_url, "https://keys.example.com/api");
    assert_text_equal(client->auth_url, "https://keys.example.com/api/auth");
    orgkeys_client_free(client);
    options.auth_url = "http://127.0.0.1:9090/auth";
    client = client_of(&options);
    assert_text_equal(client->auth_url, "http://127.0.0.1:9090/auth");
    orgkeys_client_free(client);
}

static void test_an_empty_option_is_none(void **state)
{
    orgkeys_client_options options = ORGKEYS_CLIENT_OPTIONS_INIT;
    (void)state;
    assert_int_equal(setenv("OPENAI_ADMIN_KEY", "sk-admin-x", 1), 0);
    assert_int_equal(setenv("OPENAI_BASE_URL", "http://elsewhere/v1", 1), 0);
    options.admin_key = "";
    options.base_url = "";
    options.auth_url = "";
    options.ca_file = "";
    orgkeys_client *client = client_of(&options);
    assert_text_equal(client->admin_key, "sk-admin-x");
    assert_text_equal(client->base_url, "http://elsewhere/v1");
    assert_text_equal(client->auth_url, "http://elsewhere/auth");
    assert_null(client->ca_file);
    orgkeys_client_free(client);
}

static void refuses(orgkeys_client_options options)
{
    orgkeys_client *client;
    assert_int_equal(orgkeys_client_new(&options, &client), ORGKEYS_ERROR_ARGUMENT);
    assert_null(client);
}

static void test_options_out_of_range(void **state)
{
    const orgkeys_client_options good = ORGKEYS_CLIENT_OPTIONS_INIT;
    orgkeys_client_options bad = good;
    (void)state;
    bad.version = 0;
    refuses(bad);
    bad = good;
    bad.version = ORGKEYS_CLIENT_OPTIONS_VERSION + 1;
    refuses(bad);
    bad = good;
    bad.timeout_ms = 0;
    refuses(bad);
    bad.timeout_ms = INT64_MAX;
    refuses(bad);
    bad = good;
    bad.max_retries = -1;
    refuses(bad);
    bad.max_retries = 11;
    refuses(bad);
}

static void test_texts_that_are_too_long(void **state)
{
    static char text[CLIENT_OPTION_MAXIMUM + 2];
    orgkeys_client_options options = ORGKEYS_CLIENT_OPTIONS_INIT;
    const char **const texts[] = { &options.admin_key, &options.base_url, &options.auth_url,
                                   &options.ca_file };
    (void)state;
    memset(text, 'x', CLIENT_OPTION_MAXIMUM);
    for (size_t i = 0; i < ITEMS(texts); i++) {
        *texts[i] = text;
    }
    orgkeys_client_free(client_of(&options));
    text[CLIENT_OPTION_MAXIMUM] = 'x';
    for (size_t i = 0; i < ITEMS(texts); i++) {
        options = (orgkeys_client_options)ORGKEYS_CLIENT_OPTIONS_INIT;
        *texts[i] = text;
        refuses(options);
    }
    assert_int_equal(setenv("OPENAI_BASE_URL", text, 1), 0);
    refuses((orgkeys_client_options)ORGKEYS_CLIENT_OPTIONS_INIT);
}

/* Accessors, and options, hand on what the model has. */
static void test_what_is_not_there_is_the_same_in_the_model(void **state)
{
    (void)state;
    assert_true(ORGKEYS_NONE == FIELD_ABSENT);
}

static void test_options_that_nobody_initialized(void **state)
{
    orgkeys_project *project;
    orgkeys_project_iterator *projects;
    orgkeys_project_create_options create = { 0 };
    orgkeys_project_list_options list = { 0 };
    orgkeys_client *client = client_of(NULL);
    (void)state;
    assert_int_equal(orgkeys_projects_create(client, "a", &create, &project),
                     ORGKEYS_ERROR_ARGUMENT);
    assert_int_equal(orgkeys_projects_list(client, &list, &projects), ORGKEYS_ERROR_ARGUMENT);
    assert_null(project);
    assert_null(projects);
    assert_non_null(strstr(orgkeys_error_message(orgkeys_client_error(client)), "initialize"));
    orgkeys_client_free(client);
}

static void test_a_scope_that_is_null(void **state)
{
    static const char *const scopes[] = { "models.read", NULL };
    orgkeys_verify_options options = ORGKEYS_VERIFY_OPTIONS_INIT;
    orgkeys_verification *verification;
    orgkeys_client *client = client_of(NULL);
    (void)state;
    options.scopes = scopes;
    options.scope_count = ITEMS(scopes);
    assert_int_equal(orgkeys_keys_verify(client, "sk-x", &options, &verification),
                     ORGKEYS_ERROR_ARGUMENT);
    assert_null(verification);
    assert_non_null(strstr(orgkeys_error_message(orgkeys_client_error(client)), "NULL"));
    orgkeys_client_free(client);
}

static void test_projects_of_an_invite_have_an_id_and_a_role(void **state)
{
    static const char *const two[] = { "proj_1", "member" };
    static const char *const half[] = { "proj_1", NULL };
    static const struct {
        const char *const *ids;
        const char *const *roles;
        size_t count;
    } bad[] = {
        { two, NULL, 2 }, { NULL, two, 2 }, { half, two, 2 }, { two, half, 2 }, { two, two, 101 }
    };
    orgkeys_client *client = client_of(NULL);
    (void)state;
    for (size_t i = 0; i < ITEMS(bad); i++) {
        orgkeys_invite *invite;
        orgkeys_invite_create_options options = ORGKEYS_INVITE_CREATE_OPTIONS_INIT;
        options.project_ids = bad[i].ids;
        options.project_roles = bad[i].roles;
        options.project_count = bad[i].count;
        assert_int_equal(orgkeys_invites_create(client, "a@b.example", "reader", &options, &invite),
                         ORGKEYS_ERROR_ARGUMENT);
        assert_null(invite);
        assert_null(strstr(orgkeys_error_message(orgkeys_client_error(client)), "admin key"));
    }
    orgkeys_client_free(client);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_without_anything, forget_environment),
        cmocka_unit_test_setup(test_the_environment, forget_environment),
        cmocka_unit_test_setup(test_an_empty_variable_is_none, forget_environment),
        cmocka_unit_test_setup(test_options_come_first, forget_environment),
        cmocka_unit_test_setup(test_an_empty_option_is_none, forget_environment),
        cmocka_unit_test_setup(test_options_out_of_range, forget_environment),
        cmocka_unit_test_setup(test_texts_that_are_too_long, forget_environment),
        cmocka_unit_test(test_what_is_not_there_is_the_same_in_the_model),
        cmocka_unit_test_setup(test_a_scope_that_is_null, forget_environment),
        cmocka_unit_test_setup(test_projects_of_an_invite_have_an_id_and_a_role,
                               forget_environment),
        cmocka_unit_test_setup(test_options_that_nobody_initialized, forget_environment),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
