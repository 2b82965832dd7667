/* Prints every key of a project, page after page: list_all_project_api_keys PROJECT_ID */
#include <orgkeys/orgkeys.h>

#include <stdio.h>

/* A text that is not there is NULL. */
static const char *shown(const char *text)
{
    return text != NULL ? text : "-";
}

static void print_key(const orgkeys_project_api_key *key)
{
    const char *person = orgkeys_project_api_key_owner_user_name(key);
    const char *account = orgkeys_project_api_key_owner_service_account_name(key);
    printf("%s %s %s of %s\n", orgkeys_project_api_key_id(key),
           shown(orgkeys_project_api_key_redacted_value(key)),
           shown(orgkeys_project_api_key_name(key)), shown(person != NULL ? person : account));
}

int main(int argc, char **argv)
{
    orgkeys_client *client = NULL;
    orgkeys_project_api_key_iterator *keys = NULL;
    const orgkeys_project_api_key *key;
    if (argc != 2 || orgkeys_client_new(NULL, &client) != ORGKEYS_OK) {
        return 2;
    }
    orgkeys_project_api_key_list_options options = ORGKEYS_PROJECT_API_KEY_LIST_OPTIONS_INIT;
    options.limit = 100;
    orgkeys_status status = orgkeys_project_api_keys_list(client, argv[1], &options, &keys);
    while (status == ORGKEYS_OK) {
        status = orgkeys_project_api_key_iterator_next(keys, &key);
        if (status == ORGKEYS_OK) {
            print_key(key);
        }
    }
    if (status != ORGKEYS_END) {
        fprintf(stderr, "%s\n", orgkeys_error_message(orgkeys_client_error(client)));
    }
    orgkeys_project_api_key_iterator_free(keys);
    orgkeys_client_free(client);
    return status == ORGKEYS_END ? 0 : 1;
}
