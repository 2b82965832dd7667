/* Prints one key of a project: retrieve_project_api_key PROJECT_ID KEY_ID */
#include <orgkeys/orgkeys.h>

#include <stdio.h>

/* A text that is not there is NULL. */
static const char *shown(const char *text)
{
    return text != NULL ? text : "-";
}

int main(int argc, char **argv)
{
    orgkeys_client *client = NULL;
    orgkeys_project_api_key *key = NULL;
    if (argc != 3 || orgkeys_client_new(NULL, &client) != ORGKEYS_OK) {
        return 2;
    }
    orgkeys_status status = orgkeys_project_api_keys_retrieve(client, argv[1], argv[2], &key);
    if (status == ORGKEYS_OK) {
        printf("%s %s %s\n", orgkeys_project_api_key_id(key),
               shown(orgkeys_project_api_key_name(key)),
               shown(orgkeys_project_api_key_redacted_value(key)));
    } else {
        const orgkeys_error *error = orgkeys_client_error(client);
        fprintf(stderr, "HTTP %d: %s\n", orgkeys_error_http_status(error),
                orgkeys_error_message(error));
    }
    orgkeys_project_api_key_free(key);
    orgkeys_client_free(client);
    return status == ORGKEYS_OK ? 0 : 1;
}
