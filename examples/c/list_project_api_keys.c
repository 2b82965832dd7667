/* Prints the id and the name of every key of a project: list_project_api_keys PROJECT_ID */
#include <orgkeys/orgkeys.h>

#include <stdio.h>

int main(int argc, char **argv)
{
    orgkeys_client *client;
    orgkeys_project_api_key_iterator *keys;
    const orgkeys_project_api_key *key;
    if (argc != 2 || orgkeys_client_new(NULL, &client) != ORGKEYS_OK) {
        return 2;
    }
    orgkeys_status status = orgkeys_project_api_keys_list(client, argv[1], NULL, &keys);
    while (status == ORGKEYS_OK &&
           (status = orgkeys_project_api_key_iterator_next(keys, &key)) == ORGKEYS_OK) {
        printf("%s %s\n", orgkeys_project_api_key_id(key), orgkeys_project_api_key_name(key));
    }
    if (status != ORGKEYS_END) {
        fprintf(stderr, "%s\n", orgkeys_error_message(orgkeys_client_error(client)));
    }
    orgkeys_project_api_key_iterator_free(keys);
    orgkeys_client_free(client);
    return status == ORGKEYS_END ? 0 : 1;
}
