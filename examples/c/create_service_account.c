/*
 * Makes a project and a service account in it, and prints the account's key, alone, so that it can
 * be piped to where secrets are kept: create_service_account NAME
 */
#include <orgkeys/orgkeys.h>

#include <stdio.h>

/* NULL after a failure, which the client's error describes. */
static orgkeys_service_account *create(orgkeys_client *client, const char *name)
{
    orgkeys_project *project;
    orgkeys_service_account *account = NULL;
    if (orgkeys_projects_create(client, name, NULL, &project) == ORGKEYS_OK) {
        (void)orgkeys_service_accounts_create(client, orgkeys_project_id(project), name, NULL,
                                              &account);
    }
    orgkeys_project_free(project);
    return account;
}

int main(int argc, char **argv)
{
    orgkeys_client *client = NULL;
    if (argc != 2 || orgkeys_client_new(NULL, &client) != ORGKEYS_OK) {
        return 2;
    }
    orgkeys_service_account *account = create(client, argv[1]);
    int failed = account == NULL;
    if (account != NULL) {
        const orgkeys_service_account_api_key *key = orgkeys_service_account_issued_key(account);
        fprintf(stderr, "%s\n", orgkeys_service_account_id(account));
        failed = printf("%s\n", orgkeys_service_account_api_key_value(key)) < 0;
    } else {
        fprintf(stderr, "%s\n", orgkeys_error_message(orgkeys_client_error(client)));
    }
    orgkeys_service_account_free(account);
    orgkeys_client_free(client);
    return failed;
}
