#include "domain/organizations.h"

#include "domain/admin_api_keys.h"
#include "domain/audit.h"
#include "domain/emails.h"
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
    struct audit_detail detail = audit_of(id);
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
                                 struct text *ret_admin_key)
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
    return RESULT_OK;
}

static struct result find_owner(struct work *work, struct text email, struct user **ret_owner)
{
    struct text key;
    void *found = NULL;
    TRY(email_fold(work, email, &key));
    TRY(work_get(
        work, email.data != NULL ? USER_BY_EMAIL : USER_FIRST_OWNER,
        (const struct store_value[]){ store_text(work->caller.organization_id), store_text(key) },
        email.data != NULL ? 2 : 1, &user_type, ERROR_USER_NOT_FOUND, &found));
    struct user *owner = found;
    if (!text_equal(owner->role, TEXT("owner"))) {
        return work_refuse_value(work, "owner-email", "that user is not an owner");
    }
    *ret_owner = owner;
    return RESULT_OK;
}

struct result organization_recover(struct work *work, struct text owner_email, bool revoke_others,
                                   struct text *ret_admin_key)
{
    struct organization *organization = NULL;
    struct user *owner = NULL;
    struct admin_api_key *key = NULL;
    TRY(organization_find_first(work, &organization));
    if (organization == NULL) {
        return work_refuse(work, ERROR_USER_NOT_FOUND, TEXT_NONE);
    }
    work->caller = (struct caller){ .organization_id = organization->id };
    TRY(find_owner(work, owner_email, &owner));
    if (revoke_others) {
        TRY(admin_api_key_revoke_all(work));
    }
    struct key_owner key_owner = user_key_owner(owner);
    TRY(admin_api_key_add(work, &key_owner, RECOVERY_KEY_NAME, FIELD_ABSENT, TEXT_NONE, &key));
    *ret_admin_key = key->value;
    return RESULT_OK;
}
