/*
 * Says whether the key on standard input may come in, and whose it is. Ends with 0 for yes, 1 for
 * no, and 2 when that is not known.
 */
#include <orgkeys/orgkeys.h>

#include <stdio.h>
#include <string.h>

/* A text that is not there is NULL. */
static const char *shown(const char *text)
{
    return text != NULL ? text : "-";
}

static int verify(orgkeys_client *client, const char *key)
{
    orgkeys_verification *verification;
    const orgkeys_error *error = orgkeys_client_error(client);
    if (orgkeys_keys_verify(client, key, NULL, &verification) == ORGKEYS_OK) {
        printf("%s of %s in %s\n", orgkeys_verification_key_id(verification),
               orgkeys_verification_owner_id(verification),
               shown(orgkeys_verification_project_id(verification)));
        orgkeys_verification_free(verification);
        return 0;
    }
    fprintf(stderr, "%s\n", orgkeys_error_message(error));
    int status = orgkeys_error_http_status(error);
    return status == 401 || status == 403 ? 1 : 2;
}

int main(void)
{
    char key[512];
    orgkeys_client *client = NULL;
    if (fgets(key, sizeof key, stdin) == NULL || orgkeys_client_new(NULL, &client) != ORGKEYS_OK) {
        return 2;
    }
    key[strcspn(key, "\n")] = '\0';
    int answer = verify(client, key);
    orgkeys_client_free(client);
    return answer;
}
