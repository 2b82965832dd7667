#include "domain/project_api_keys.h"

#include "domain/access.h"
#include "domain/audit.h"
#include "domain/project_users.h"
#include "domain/users.h"
#include "model/decode.h"
#include "model/introspection.h"

enum {
    SCOPES_JSON_MAXIMUM = 4096,
    PATTERN_MAXIMUM = 1024, /* a search of four-byte characters, or of escaped ones */
    FILTER_VALUES = 9,      /* that all statements of list_filtered take */
};

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

static bool is_filtered(const struct list_query *query)
{
    return query->search.data != NULL || query->never_used == 1 ||
           query->expires_from != FIELD_ABSENT || query->expires_before != FIELD_ABSENT ||
           query->last_used_before != FIELD_ABSENT || query->created_before != FIELD_ABSENT;
}

/* Where almost every key is active, looking at all of them finds the others too late. */
static struct result inactive_are_few(struct work *work, bool *ret_few)
{
    const struct list_query *query = work->query;
    void *found = NULL;
    bool wanted = text_equal(query->owner_project_access, TEXT("inactive")) &&
                  text_equal(query->order, TEXT("asc")) && !is_filtered(query);
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

static char ascii_lower(char character)
{
    return (char)(character >= 'A' && character <= 'Z' ? character - 'A' + 'a' : character);
}

/* The pattern of LIKE for what contains `search`, in small letters; TEXT_NONE for none. */
static struct result search_pattern(struct work *work, struct text search, struct text *ret_pattern)
{
    struct buffer buffer;
    if (search.data == NULL) {
        *ret_pattern = TEXT_NONE;
        return RESULT_OK;
    }
    buffer_init(&buffer, PATTERN_MAXIMUM);
    buffer_append_byte(&buffer, '%');
    for (size_t i = 0; i < search.length; i++) {
        char character = search.data[i];
        if (character == '%' || character == '_' || character == '\\') {
            buffer_append_byte(&buffer, '\\');
        }
        buffer_append_byte(&buffer, ascii_lower(character));
    }
    buffer_append_byte(&buffer, '%');
    struct text pattern = buffer.failed ? TEXT_NONE : arena_copy(work->arena, buffer_text(&buffer));
    buffer_free(&buffer);
    *ret_pattern = pattern;
    return pattern.data != NULL ? RESULT_OK : fault(ERROR_INTERNAL, "no memory for a search");
}

/*
 * Keys of `parent`, a project or the organization, by a statement that takes the filters, and
 * behind them its `own` values.
 */
static struct result list_filtered(struct work *work, enum statement statement, struct text parent,
                                   const struct store_value *own, size_t own_count)
{
    const struct list_query *query = work->query;
    bool descending = text_equal(query->order, TEXT("desc"));
    bool any_access = text_equal(query->owner_project_access, TEXT("any"));
    struct text after;
    struct text pattern;
    /* '~' sorts behind every id. */
    TRY(work_after(work, ID_KEY, descending ? TEXT("~") : TEXT(""), &after));
    TRY(search_pattern(work, query->search, &pattern));
    struct store_value values[STORE_VALUES_MAXIMUM] = {
        store_text(parent),
        store_text(after),
        any_access ? STORE_NULL_VALUE : store_text(query->owner_project_access),
        store_text(pattern),
        work_integer(query->expires_from),
        work_integer(query->expires_before),
        work_integer(query->last_used_before),
        work_integer(query->created_before),
        query->never_used == 1 ? store_integer(1) : STORE_NULL_VALUE,
    };
    ASSERT(FILTER_VALUES + own_count < STORE_VALUES_MAXIMUM);
    for (size_t i = 0; i < own_count; i++) {
        values[FILTER_VALUES + i] = own[i];
    }
    if (descending) {
        statement += PROJECT_API_KEY_LIST_DESCENDING - PROJECT_API_KEY_LIST;
    }
    return work_list(work, statement, values, FILTER_VALUES + own_count, &project_api_key_type);
}

struct result project_api_key_list(struct work *work)
{
    struct text after;
    bool few;
    if (!access_manages_project(work)) {
        return list_filtered(work, PROJECT_API_KEY_LIST_OF_USER, work->project->id,
                             VALUES(store_text(work->caller.user_id)));
    }
    TRY(inactive_are_few(work, &few));
    if (few) {
        TRY(work_after(work, ID_KEY, TEXT(""), &after));
        return work_list(work, PROJECT_API_KEY_LIST_INACTIVE,
                         VALUES(store_text(work->project->id), store_text(after)),
                         &project_api_key_type);
    }
    return list_filtered(work, PROJECT_API_KEY_LIST, work->project->id, NULL, 0);
}

/* Whoever does not own the organization finds here what the lists of their projects have. */
struct result project_api_key_list_of_organization(struct work *work)
{
    struct text person = work->caller.is_owner ? TEXT_NONE : work->caller.user_id;
    return list_filtered(
        work, PROJECT_API_KEY_LIST_OF_ORGANIZATION, work->caller.organization_id,
        VALUES(store_integer(work->query->include_archived == 1), store_text(person)));
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
    struct audit_detail detail = audit_of(id, issue->name);
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

/* As a check of the key reads them. */
static bool covers(const struct text_list *held, struct text wanted)
{
    return names(held, wanted) || (held->count == 0 && !text_equal(wanted, INTROSPECT_SCOPE)) ||
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
    struct audit_detail detail = audit_of(key->id, key->name);
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
    struct audit_detail detail = audit_of(key->id, key->name);
    TRY(audit(work, AUDIT_API_KEY_DELETED, &detail));
    return work_deleted(work, key->id);
}
