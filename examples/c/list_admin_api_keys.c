/* Prints every admin key of the organization. */
#include <orgkeys/orgkeys.h>

#include <inttypes.h>
#include <stdio.h>

/* A text that is not there is NULL. */
static const char *shown(const char *text)
{
    return text != NULL ? text : "-";
}

int main(void)
{
    orgkeys_client *client = NULL;
    orgkeys_admin_api_key_iterator *keys = NULL;
    const orgkeys_admin_api_key *key;
    if (orgkeys_client_new(NULL, &client) != ORGKEYS_OK) {
        return 2;
    }
    orgkeys_status status = orgkeys_admin_api_keys_list(client, NULL, &keys);
    while (status == ORGKEYS_OK) {
        status = orgkeys_admin_api_key_iterator_next(keys, &key);
        if (status == ORGKEYS_OK) {
            printf("%s %s %s %" PRId64 "\n", orgkeys_admin_api_key_id(key),
                   shown(orgkeys_admin_api_key_redacted_value(key)),
                   shown(orgkeys_admin_api_key_name(key)), orgkeys_admin_api_key_created_at(key));
        }
    }
    if (status != ORGKEYS_END) {
        fprintf(stderr, "%s\n", orgkeys_error_message(orgkeys_client_error(client)));
    }
    orgkeys_admin_api_key_iterator_free(keys);
    orgkeys_client_free(client);
    return status == ORGKEYS_END ? 0 : 1;
}
