/* Prints the id of a project's first key: list_project_api_keys PROJECT_ID */
#include <orgkeys/orgkeys.h>

#include <stdio.h>

int main(int argc, char **argv)
{
    orgkeys_client *client = NULL;
    orgkeys_project_api_key_iterator *keys = NULL;
    const orgkeys_project_api_key *key;
    if (argc != 2 || orgkeys_client_new(NULL, &client) != ORGKEYS_OK) {
        return 2;
    }
    orgkeys_status status = orgkeys_project_api_keys_list(client, argv[1], NULL, &keys);
    if (status == ORGKEYS_OK) {
        status = orgkeys_project_api_key_iterator_next(keys, &key);
    }
    if (status == ORGKEYS_OK) {
        printf("%s\n", orgkeys_project_api_key_id(key));
    } else {
        fprintf(stderr, "%s\n", orgkeys_error_message(orgkeys_client_error(client)));
    }
    orgkeys_project_api_key_iterator_free(keys);
    orgkeys_client_free(client);
    return status == ORGKEYS_OK ? 0 : 1;
}
