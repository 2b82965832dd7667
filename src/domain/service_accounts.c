#include "domain/service_accounts.h"

#include "domain/audit.h"
#include "domain/project_api_keys.h"

#define KEY_NAME TEXT("Secret Key") /* as in the contract's examples */

static struct result load(struct work *work, struct text id, struct service_account **ret_account)
{
    void *found = NULL;
    TRY(work_get(work, SERVICE_ACCOUNT_GET, VALUES(store_text(work->project->id), store_text(id)),
                 &service_account_type, ERROR_SERVICE_ACCOUNT_NOT_FOUND, &found));
    *ret_account = found;
    return RESULT_OK;
}

struct result service_account_list(struct work *work)
{
    struct text after;
    TRY(work_after(work, ID_SERVICE_ACCOUNT, TEXT(""), &after));
    return work_list(work, SERVICE_ACCOUNT_LIST,
                     VALUES(store_text(work->project->id), store_text(after)),
                     &service_account_type);
}

struct result service_account_retrieve(struct work *work)
{
    struct service_account *account = NULL;
    TRY(load(work, work->path[1], &account));
    work->output = account;
    return RESULT_OK;
}

static struct result add_account(struct work *work, struct text name, struct text role,
                                 struct service_account **ret_account)
{
    struct text id;
    int64_t created_at;
    TRY(work_new_id(work, ID_SERVICE_ACCOUNT, &id, &created_at));
    TRY(work_change(work, SERVICE_ACCOUNT_INSERT,
                    VALUES(store_text(id), store_text(work->project->id),
                           store_text(work->caller.organization_id), store_text(name),
                           store_text(role), store_integer(created_at))));
    struct audit_detail detail = audit_of(id, name);
    detail.payload.role = role;
    TRY(audit(work, AUDIT_SERVICE_ACCOUNT_CREATED, &detail));
    return load(work, id, ret_account);
}

static struct result add_key(struct work *work, const struct service_account *account,
                             const struct service_account_api_key_create *input,
                             const struct credential *credential,
                             struct service_account_api_key *ret_key)
{
    struct service_account_api_key key = {
        .value = credential->value,
        .name = input->name.data != NULL ? input->name : KEY_NAME,
        .expires_at = work_expiry(work, input->expires_in_seconds),
    };
    TRY(project_api_key_add(work,
                            &(struct project_api_key_issue){
                                .owner = { .id = account->id, .is_service_account = true },
                                .has_role = !text_equal(account->role, TEXT("none")),
                                .name = key.name,
                                .scopes = &input->scopes,
                                .expires_at = key.expires_at,
                            },
                            credential, &key.id, &key.created_at));
    *ret_key = key;
    return RESULT_OK;
}

struct result service_account_create(struct work *work)
{
    const struct service_account_create *input = work->input;
    bool only = input->create_service_account_only == 1;
    struct service_account *account = NULL;
    if (only && input->expires_in_seconds != FIELD_ABSENT) {
        return work_refuse_value(work, "expires_in_seconds",
                                 "it cannot be used when 'create_service_account_only' is true");
    }
    TRY(add_account(work, input->name, only ? TEXT("none") : TEXT("member"), &account));
    if (!only) {
        struct credential credential;
        struct service_account_api_key_create key_input = {
            .expires_in_seconds = input->expires_in_seconds,
        };
        TRY(credential_issue(work, KEY_TEXT_SERVICE_ACCOUNT, &credential));
        TRY(add_key(work, account, &key_input, &credential, &account->api_key));
    }
    work->output = account;
    return RESULT_OK;
}

/* An update can give a role, but not take it. */
static struct result follow_role(struct work *work, const struct service_account *account,
                                 struct text role)
{
    if (role.data == NULL) {
        return RESULT_OK;
    }
    return work_follow(work, &(struct key_change){
                                 .kind = MEMBERSHIP_CHANGED,
                                 .project_id = work->project->id,
                                 .owner = { .id = account->id },
                                 .has_role = true,
                             });
}

struct result service_account_update(struct work *work)
{
    const struct service_account_update *input = work->input;
    struct service_account *account = NULL;
    TRY(load(work, work->path[1], &account));
    if (input->name.data == NULL && input->role.data == NULL) {
        work->is_unchanged = true;
        work->output = account;
        return RESULT_OK;
    }
    TRY(work_change(work, SERVICE_ACCOUNT_UPDATE,
                    VALUES(store_text(work->project->id), store_text(account->id),
                           store_text(input->name), store_text(input->role))));
    struct audit_detail detail = audit_of(account->id, account->name);
    detail.payload.role = input->role;
    TRY(audit(work, AUDIT_SERVICE_ACCOUNT_UPDATED, &detail));
    TRY(follow_role(work, account, input->role));
    return service_account_retrieve(work);
}

struct result service_account_delete(struct work *work)
{
    struct service_account *account = NULL;
    TRY(load(work, work->path[1], &account));
    TRY(work_change(work, SERVICE_ACCOUNT_DELETE,
                    VALUES(store_text(work->project->id), store_text(account->id))));
    TRY(work_change(work, DEPARTURE_INSERT,
                    VALUES(store_text(account->id), store_text(TEXT("service_account")),
                           store_integer(work_time(work)))));
    struct audit_detail detail = audit_of(account->id, account->name);
    TRY(audit(work, AUDIT_SERVICE_ACCOUNT_DELETED, &detail));
    TRY(work_follow(work,
                    &(struct key_change){ .kind = OWNER_GONE, .owner = { .id = account->id } }));
    return work_deleted(work, account->id);
}

struct result service_account_api_key_create(struct work *work)
{
    const struct service_account_api_key_create *input = work->input;
    struct service_account *account = NULL;
    struct credential credential;
    void *memory = NULL;
    TRY(load(work, work->path[1], &account));
    if (input->value.data != NULL) {
        TRY(credential_import(work, input->value, &credential));
    } else {
        TRY(credential_issue(work, KEY_TEXT_SERVICE_ACCOUNT, &credential));
    }
    TRY(work_allocate(work, sizeof(struct service_account_api_key), &memory));
    TRY(add_key(work, account, input, &credential, memory));
    work->output = memory;
    return RESULT_OK;
}
