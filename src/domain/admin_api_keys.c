#include "domain/admin_api_keys.h"

#include "domain/audit.h"
#include "domain/credential.h"
#include "domain/users.h"

static struct result load(struct work *work, struct text id, struct admin_api_key **ret_key)
{
    void *found = NULL;
    TRY(work_get(work, ADMIN_API_KEY_GET,
                 VALUES(store_text(work->caller.organization_id), store_text(id)),
                 &admin_api_key_type, ERROR_API_KEY_NOT_FOUND, &found));
    *ret_key = found;
    return RESULT_OK;
}

struct result admin_api_key_list(struct work *work)
{
    bool descending = text_equal(work->query->order, TEXT("desc"));
    struct text after;
    /* '~' sorts behind every id. */
    TRY(work_after(work, ID_KEY, descending ? TEXT("~") : TEXT(""), &after));
    return work_list(
        work, descending ? ADMIN_API_KEY_LIST_DESCENDING : ADMIN_API_KEY_LIST_ASCENDING,
        VALUES(store_text(work->caller.organization_id), store_text(after)), &admin_api_key_type);
}

struct result admin_api_key_retrieve(struct work *work)
{
    struct admin_api_key *key = NULL;
    TRY(load(work, work->path[0], &key));
    work->output = key;
    return RESULT_OK;
}

struct result admin_api_key_add(struct work *work, const struct key_owner *owner, struct text name,
                                int64_t expires_at, struct text value,
                                struct admin_api_key **ret_key)
{
    struct credential credential;
    struct text id;
    int64_t created_at;
    if (value.data != NULL) {
        TRY(credential_import(work, value, &credential));
    } else {
        TRY(credential_issue(work, KEY_TEXT_ADMIN, &credential));
    }
    TRY(work_new_id(work, ID_KEY, &id, &created_at));
    TRY(work_change(work, ADMIN_API_KEY_INSERT,
                    VALUES(store_text(id), store_text(work->caller.organization_id),
                           store_text(owner->id), store_text(name),
                           store_text(credential.redacted_value), credential_digest(&credential),
                           store_integer(created_at), work_integer(expires_at))));
    struct audit_detail detail = audit_of(id, name);
    TRY(audit(work, AUDIT_API_KEY_CREATED, &detail));
    TRY(work_follow(work, &(struct key_change){
                              .kind = KEY_ISSUED,
                              .digest = credential.digest,
                              .is_admin_key = true,
                              .key_id = id,
                              .organization_id = work->caller.organization_id,
                              .owner = *owner,
                              .expires_at = expires_at,
                          }));
    TRY(load(work, id, ret_key));
    (*ret_key)->value = credential.value;
    return RESULT_OK;
}

struct result admin_api_key_create(struct work *work)
{
    const struct admin_api_key_create *input = work->input;
    struct user *user = NULL;
    struct admin_api_key *key = NULL;
    TRY(user_load(work, work->caller.user_id, &user));
    struct key_owner owner = user_key_owner(user);
    TRY(admin_api_key_add(work, &owner, input->name, work_expiry(work, input->expires_in_seconds),
                          TEXT_NONE, &key));
    work->output = key;
    return RESULT_OK;
}

static struct result revoke(struct work *work, const struct admin_api_key *key)
{
    struct key_change change = { .kind = KEY_ENDED };
    TRY(work_digest(work, ADMIN_API_KEY_DIGEST,
                    VALUES(store_text(work->caller.organization_id), store_text(key->id)),
                    &change.digest));
    TRY(work_follow(work, &change));
    TRY(work_change(work, ADMIN_API_KEY_DELETE,
                    VALUES(store_text(work->caller.organization_id), store_text(key->id))));
    struct audit_detail detail = audit_of(key->id, key->name);
    return audit(work, AUDIT_API_KEY_DELETED, &detail);
}

struct result admin_api_key_delete(struct work *work)
{
    struct admin_api_key *key = NULL;
    TRY(load(work, work->path[0], &key));
    TRY(revoke(work, key));
    return work_deleted(work, key->id);
}

struct result admin_api_key_end_all(struct work *work)
{
    struct text organization_id = work->caller.organization_id;
    int64_t changes = 0;
    struct text bound = id_lower_bound(work->arena, ID_KEY, store_batch_issue(work->batch));
    TRY(store_execute(work->session, USER_END_ADMIN_KEYS,
                      VALUES(store_text(organization_id), store_text(bound)), &changes));
    return store_execute(work->session, USER_OWNERS_DEPART,
                         VALUES(store_text(organization_id), store_integer(work_time(work))),
                         &changes);
}
