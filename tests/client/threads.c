/* Threads with a client each, at the same time, print how many keys each saw: threads PROJECT_ID */
#include <orgkeys/orgkeys.h>

#include <pthread.h>
#include <stdio.h>

enum { THREADS = 8, ROUNDS = 5 };

struct work {
    pthread_t thread;
    const char *project_id;
    int seen;
};

static int count_keys(orgkeys_client *client, const char *project_id)
{
    int count = 0;
    orgkeys_project_api_key_iterator *keys;
    const orgkeys_project_api_key *key;
    orgkeys_project_api_key_list_options options = ORGKEYS_PROJECT_API_KEY_LIST_OPTIONS_INIT;
    options.limit = 3;
    orgkeys_status status = orgkeys_project_api_keys_list(client, project_id, &options, &keys);
    while (status == ORGKEYS_OK) {
        status = orgkeys_project_api_key_iterator_next(keys, &key);
        count += status == ORGKEYS_OK;
    }
    orgkeys_project_api_key_iterator_free(keys);
    return status == ORGKEYS_END ? count : -1000;
}

static void *run(void *argument)
{
    struct work *work = argument;
    for (int i = 0; i < ROUNDS; i++) {
        orgkeys_client *client;
        if (orgkeys_client_new(NULL, &client) == ORGKEYS_OK) {
            work->seen += count_keys(client, work->project_id);
            orgkeys_client_free(client);
        }
    }
    return NULL;
}

int main(int argc, char **argv)
{
    struct work work[THREADS];
    if (argc != 2) {
        return 2;
    }
    for (int i = 0; i < THREADS; i++) {
        work[i] = (struct work){ .project_id = argv[1] };
        if (pthread_create(&work[i].thread, NULL, run, &work[i]) != 0) {
            return 2;
        }
    }
    for (int i = 0; i < THREADS; i++) {
        (void)pthread_join(work[i].thread, NULL);
        printf("%d\n", work[i].seen / ROUNDS);
    }
    return 0;
}
