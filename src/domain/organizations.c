#include "domain/organizations.h"

#include "domain/admin_api_keys.h"
#include "domain/audit.h"
#include "domain/invites.h"
#include "domain/passwords.h"
#include "domain/projects.h"
#include "domain/users.h"

#define DEFAULT_PROJECT_NAME TEXT("Default project")
#define FIRST_KEY_NAME TEXT("First admin key")
#define RECOVERY_KEY_NAME TEXT("Recovery key")

static const struct field organization_fields[] = {
    { .name = "id", .kind = FIELD_TEXT, .offset = offsetof(struct organization, id) },
    { .name = "name", .kind = FIELD_TEXT, .offset = offsetof(struct organization, name) },
    { .name = "default_project_id",
      .kind = FIELD_TEXT,
      .offset = offsetof(struct organization, default_project_id) },
};
static const struct object_type organization_type = { "Organization", "",
                                                      sizeof(struct organization),
                                                      FIELDS(organization_fields) };

struct result organization_load(struct work *work, struct organization **ret_organization)
{
    void *organization = NULL;
    TRY(work_find(work, ORGANIZATION_GET, VALUES(store_text(work->caller.organization_id)),
                  &organization_type, &organization));
    if (organization == NULL) {
        return fault(ERROR_INTERNAL, "the caller's organization is gone");
    }
    *ret_organization = organization;
    return RESULT_OK;
}

struct result organization_find_first(struct work *work, struct organization **ret_organization)
{
    void *organization = NULL;
    TRY(work_find(work, ORGANIZATION_FIRST, NULL, 0, &organization_type, &organization));
    *ret_organization = organization;
    return RESULT_OK;
}

static struct result add_organization(struct work *work, struct text name)
{
    struct text id;
    struct text project_id;
    struct project *project = NULL;
    int64_t created_at;
    TRY(work_new_id(work, ID_ORGANIZATION, &id, &created_at));
    TRY(work_new_id(work, ID_PROJECT, &project_id, &created_at));
    TRY(work_change(work, ORGANIZATION_INSERT,
                    VALUES(store_text(id), store_text(name), store_text(project_id),
                           store_integer(created_at))));
    work->caller = (struct caller){ .organization_id = id };
    struct audit_detail detail = audit_of(id, name);
    detail.payload.name = name;
    TRY(audit(work, AUDIT_ORGANIZATION_UPDATED, &detail));
    return project_add(work,
                       &(struct project){
                           .id = project_id,
                           .name = DEFAULT_PROJECT_NAME,
                           .created_at = created_at,
                       },
                       &project);
}

struct result organization_found(struct work *work, const struct organization_founding *founding,
                                 struct text *ret_admin_key, struct text *ret_owner_id)
{
    struct user *owner = NULL;
    struct admin_api_key *key = NULL;
    TRY(add_organization(work, founding->name));
    work->project = NULL;
    TRY(user_add(work,
                 &(struct user){
                     .email = founding->owner_email,
                     .name = founding->owner_name,
                     .role = TEXT("owner"),
                     .is_default = 1,
                 },
                 &owner));
    struct key_owner key_owner = user_key_owner(owner);
    TRY(admin_api_key_add(work, &key_owner, FIRST_KEY_NAME, FIELD_ABSENT, founding->admin_key,
                          &key));
    *ret_admin_key = key->value;
    *ret_owner_id = owner->id;
    return RESULT_OK;
}

static struct result find_owner(struct work *work, struct text email, struct user **ret_owner)
{
    const struct store_value organization = store_text(work->caller.organization_id);
    struct user *owner = NULL;
    void *first = NULL;
    if (email.data != NULL) {
        TRY(user_find_by_email(work, email, &owner));
    } else {
        TRY(work_find(work, USER_FIRST_OWNER, &organization, 1, &user_type, &first));
        owner = first;
    }
    if (owner == NULL || !user_is_owner(owner)) {
        return work_refuse_value(work, "owner-email",
                                 "no owner of the organization has this address");
    }
    *ret_owner = owner;
    return RESULT_OK;
}

static struct result revoke_all(struct work *work)
{
    struct text organization_id = work->caller.organization_id;
    TRY(admin_api_key_end_all(work));
    TRY(password_end_of_owners(work));
    TRY(invite_withdraw_of_owners(work));
    struct audit_detail detail = audit_of(organization_id, TEXT_NONE);
    detail.payload.description = TEXT("All admin API keys, and the owners' passwords, password "
                                      "links, sessions and open invites, were revoked.");
    return audit(work, AUDIT_ORGANIZATION_UPDATED, &detail);
}

static struct result find_organization(struct work *work, struct text id,
                                       struct organization **ret_organization)
{
    const struct store_value value = store_text(id);
    void *found = NULL;
    TRY(work_find(work, id.data != NULL ? ORGANIZATION_GET : ORGANIZATION_FIRST, &value,
                  id.data != NULL ? 1 : 0, &organization_type, &found));
    if (found == NULL) {
        return work_refuse_value(work, "organization", "there is no such organization here");
    }
    *ret_organization = found;
    return RESULT_OK;
}

struct result organization_recover(struct work *work, const struct organization_recovery *recovery,
                                   struct text *ret_admin_key)
{
    struct organization *organization = NULL;
    struct user *owner = NULL;
    struct admin_api_key *key = NULL;
    TRY(find_organization(work, recovery->organization_id, &organization));
    work->caller = (struct caller){ .organization_id = organization->id };
    if (recovery->revoke_others) {
        TRY(revoke_all(work));
    }
    TRY(find_owner(work, recovery->owner_email, &owner));
    struct key_owner key_owner = user_key_owner(owner);
    TRY(admin_api_key_add(work, &key_owner, RECOVERY_KEY_NAME, FIELD_ABSENT, TEXT_NONE, &key));
    *ret_admin_key = key->value;
    return RESULT_OK;
}
