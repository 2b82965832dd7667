#include "domain/project_api_keys.h"

#include "domain/access.h"
#include "domain/audit.h"
#include "domain/project_users.h"
#include "domain/users.h"
#include "model/decode.h"
#include "model/introspection.h"

enum { SCOPES_JSON_MAXIMUM = 4096 };

/* Of members that do not manage the project, only their own keys are there. */
static struct result load(struct work *work, struct text id, struct project_api_key **ret_key)
{
    void *found = NULL;
    TRY(work_get(work, PROJECT_API_KEY_GET, VALUES(store_text(work->project->id), store_text(id)),
                 &project_api_key_type, ERROR_API_KEY_NOT_FOUND, &found));
    struct project_api_key *key = found;
    if (!access_manages_project(work) && !text_equal(key->owner.user.id, work->caller.user_id)) {
        return work_refuse(work, ERROR_API_KEY_NOT_FOUND, TEXT_NONE);
    }
    *ret_key = key;
    return RESULT_OK;
}

static struct result encode_scopes(struct work *work, const struct text_list *scopes,
                                   struct text *ret_json)
{
    struct buffer buffer;
    buffer_init(&buffer, SCOPES_JSON_MAXIMUM);
    model_encode_texts(&buffer, scopes);
    struct text json = buffer.failed ? TEXT_NONE : arena_copy(work->arena, buffer_text(&buffer));
    buffer_free(&buffer);
    *ret_json = json;
    return json.data != NULL ? RESULT_OK : fault(ERROR_INTERNAL, "no memory for scopes");
}

/* Fewer inactive keys of accounts are found and sorted for each page; more, by looking at all. */
enum { INACTIVE_MAXIMUM = 10000 };

struct key_count {
    int64_t count;
};
static const struct field key_count_fields[] = {
    { .name = "count", .kind = FIELD_INTEGER, .offset = offsetof(struct key_count, count) },
};
static const struct object_type key_count_type = { "KeyCount", "", sizeof(struct key_count),
                                                   FIELDS(key_count_fields) };

/* Where almost every key is active, looking at all of them finds the others too late. */
static struct result inactive_are_few(struct work *work, bool *ret_few)
{
    void *found = NULL;
    bool wanted = text_equal(work->query->owner_project_access, TEXT("inactive"));
    if (!wanted || work->project->archived_at != FIELD_ABSENT) {
        *ret_few = false;
        return RESULT_OK;
    }
    TRY(work_find(work, PROJECT_API_KEY_COUNT_INACTIVE,
                  VALUES(store_text(work->project->id), store_integer(INACTIVE_MAXIMUM)),
                  &key_count_type, &found));
    ASSERT(found != NULL);
    *ret_few = ((const struct key_count *)found)->count < INACTIVE_MAXIMUM;
    return RESULT_OK;
}

struct result project_api_key_list(struct work *work)
{
    struct text after;
    bool few;
    TRY(work_after(work, ID_KEY, TEXT(""), &after));
    if (!access_manages_project(work)) {
        return work_list(work, PROJECT_API_KEY_LIST_OF_USER,
                         VALUES(store_text(work->project->id), store_text(work->caller.user_id),
                                store_text(after), store_text(work->query->owner_project_access)),
                         &project_api_key_type);
    }
    TRY(inactive_are_few(work, &few));
    if (few) {
        return work_list(work, PROJECT_API_KEY_LIST_INACTIVE,
                         VALUES(store_text(work->project->id), store_text(after)),
                         &project_api_key_type);
    }
    return work_list(work, PROJECT_API_KEY_LIST,
                     VALUES(store_text(work->project->id), store_text(after),
                            store_text(work->query->owner_project_access)),
                     &project_api_key_type);
}

struct result project_api_key_retrieve(struct work *work)
{
    struct project_api_key *key = NULL;
    TRY(load(work, work->path[1], &key));
    work->output = key;
    return RESULT_OK;
}

struct result project_api_key_add(struct work *work, const struct project_api_key_issue *issue,
                                  const struct credential *credential, struct text *ret_id,
                                  int64_t *ret_created_at)
{
    struct text owner_type =
        issue->owner.is_service_account ? TEXT("service_account") : TEXT("user");
    struct text id;
    struct text scopes;
    int64_t created_at;
    TRY(work_new_id(work, ID_KEY, &id, &created_at));
    TRY(encode_scopes(work, issue->scopes, &scopes));
    TRY(work_change(work, PROJECT_API_KEY_INSERT,
                    VALUES(store_text(id), store_text(work->project->id),
                           store_text(work->caller.organization_id), store_text(owner_type),
                           store_text(issue->owner.id), store_text(issue->name),
                           store_text(credential->redacted_value), credential_digest(credential),
                           store_text(scopes), store_integer(created_at),
                           work_integer(issue->expires_at))));
    struct audit_detail detail = audit_of(id);
    detail.payload.scopes = (struct text_list){
        issue->scopes->items != NULL ? issue->scopes->items : &TEXT_NONE,
        issue->scopes->count,
    };
    TRY(audit(work, AUDIT_API_KEY_CREATED, &detail));
    TRY(work_follow(work, &(struct key_change){
                              .kind = KEY_ISSUED,
                              .digest = credential->digest,
                              .key_id = id,
                              .organization_id = work->caller.organization_id,
                              .project_id = work->project->id,
                              .owner = issue->owner,
                              .has_role = issue->has_role,
                              .scopes = *issue->scopes,
                              .expires_at = issue->expires_at,
                          }));
    *ret_id = id;
    *ret_created_at = created_at;
    return RESULT_OK;
}

/* ---- What members may do with their own keys ---- */

static bool names(const struct text_list *scopes, struct text wanted)
{
    for (size_t i = 0; i < scopes->count; i++) {
        if (text_equal(scopes->items[i], wanted)) {
            return true;
        }
    }
    return false;
}

/* As a check of the key reads them (DESIGN 5). */
static bool covers(const struct text_list *held, struct text wanted)
{
    return names(held, wanted) ||
           (held->count == 0 && !text_equal(wanted, INTROSPECT_SCOPE)) ||
           (text_ends_with(wanted, TEXT(".read")) && names(held, TEXT("api.all.read")));
}

/* Whether a key of `wanted` has no scope that one of `held` has not. */
static bool is_within(const struct text_list *held, const struct text_list *wanted)
{
    for (size_t i = 0; i < wanted->count; i++) {
        if (!covers(held, wanted->items[i])) {
            return false;
        }
    }
    return wanted->count > 0 || held->count == 0;
}

/* An owner may have restricted it: a member restricts it further, and never less. */
static struct result require_narrower(struct work *work, const struct project_api_key *key)
{
    const struct project_api_key_update *input = work->input;
    struct decoder decoder = { work->arena, &work->problem };
    int64_t expires_at = work_expiry(work, input->expires_in_seconds);
    struct text_list held;
    TRY(decode_stored_texts(&decoder, key->scopes, &held));
    bool is_wider = input->scopes.items != NULL && !is_within(&held, &input->scopes);
    bool is_later = key->expires_at != FIELD_ABSENT && expires_at > key->expires_at;
    return is_wider || is_later ? access_require_manager(work) : RESULT_OK;
}

struct result project_api_key_create(struct work *work)
{
    const struct project_api_key_create *input = work->input;
    struct text owner_id = input->user_id.data != NULL ? input->user_id : work->caller.user_id;
    struct project_user *owner = NULL;
    struct user *user = NULL;
    struct credential credential;
    struct project_api_key *key = NULL;
    struct text_list no_restriction = { NULL, 0 };
    struct text id;
    int64_t created_at;
    /* Whoever manages a project has service accounts; a person's key speaks for that person. */
    TRY(access_require_self(work, owner_id));
    if (!is_within(&no_restriction, &input->scopes)) {
        TRY(access_require_manager(work));
    }
    TRY(user_load(work, owner_id, &user));
    TRY(project_user_find(work, owner_id, &owner));
    if (owner == NULL) {
        return problem_refuse(&work->problem, ERROR_USER_NOT_IN_PROJECT, TEXT("user_id"),
                              work->project->id, NULL);
    }
    TRY(credential_issue(work, KEY_TEXT_USER, &credential));
    TRY(project_api_key_add(work,
                            &(struct project_api_key_issue){
                                .owner = user_key_owner(user),
                                .has_role = owner->is_member == 1,
                                .name = input->name,
                                .scopes = &input->scopes,
                                .expires_at = work_expiry(work, input->expires_in_seconds),
                            },
                            &credential, &id, &created_at));
    TRY(load(work, id, &key));
    key->value = credential.value;
    work->output = key;
    return RESULT_OK;
}

static struct result find_digest(struct work *work, const struct project_api_key *key,
                                 struct digest *ret_digest)
{
    return work_digest(work, PROJECT_API_KEY_DIGEST,
                       VALUES(store_text(work->project->id), store_text(key->id)), ret_digest);
}

struct result project_api_key_update(struct work *work)
{
    const struct project_api_key_update *input = work->input;
    struct project_api_key *key = NULL;
    struct text scopes = TEXT_NONE;
    if (input->scopes.items == NULL && input->expires_in_seconds == FIELD_ABSENT) {
        return work_refuse(work, ERROR_MISSING_PARAMETER, TEXT("scopes"));
    }
    TRY(load(work, work->path[1], &key));
    TRY(require_narrower(work, key));
    if (input->scopes.items != NULL) {
        TRY(encode_scopes(work, &input->scopes, &scopes));
    }
    TRY(work_change(work, PROJECT_API_KEY_UPDATE,
                    VALUES(store_text(work->project->id), store_text(key->id), store_text(scopes),
                           work_integer(work_expiry(work, input->expires_in_seconds)))));
    struct audit_detail detail = audit_of(key->id);
    detail.payload.scopes = input->scopes;
    detail.payload.expires_in_seconds = input->expires_in_seconds;
    TRY(audit(work, AUDIT_API_KEY_UPDATED, &detail));
    struct key_change change = {
        .kind = KEY_UPDATED,
        .scopes = input->scopes,
        .expires_at = work_expiry(work, input->expires_in_seconds),
    };
    TRY(find_digest(work, key, &change.digest));
    TRY(work_follow(work, &change));
    return project_api_key_retrieve(work);
}

struct result project_api_key_delete(struct work *work)
{
    struct project_api_key *key = NULL;
    struct key_change change = { .kind = KEY_ENDED };
    TRY(load(work, work->path[1], &key));
    TRY(find_digest(work, key, &change.digest));
    TRY(work_follow(work, &change));
    TRY(work_change(work, PROJECT_API_KEY_DELETE,
                    VALUES(store_text(work->project->id), store_text(key->id))));
    struct audit_detail detail = audit_of(key->id);
    TRY(audit(work, AUDIT_API_KEY_DELETED, &detail));
    return work_deleted(work, key->id);
}
