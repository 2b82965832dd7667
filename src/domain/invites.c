#include "domain/invites.h"

#include "domain/audit.h"
#include "domain/credential.h"
#include "domain/emails.h"
#include "domain/organizations.h"
#include "domain/passwords.h"
#include "domain/project_users.h"
#include "domain/projects.h"
#include "domain/sessions.h"
#include "domain/users.h"
#include "model/decode.h"

enum { PROJECTS_JSON_MAXIMUM = 16384 };

static struct result load(struct work *work, struct text id, struct invite **ret_invite)
{
    void *found = NULL;
    TRY(work_get(work, INVITE_GET,
                 VALUES(store_text(work->caller.organization_id), store_integer(work_time(work)),
                        store_text(id)),
                 &invite_type, ERROR_INVITE_NOT_FOUND, &found));
    *ret_invite = found;
    return RESULT_OK;
}

struct result invite_list(struct work *work)
{
    bool descending = text_equal(work->query->order, TEXT("desc"));
    struct text after;
    /* '~' sorts behind every id. */
    TRY(work_after(work, ID_INVITE, descending ? TEXT("~") : TEXT(""), &after));
    return work_list(work, descending ? INVITE_LIST_DESCENDING : INVITE_LIST_ASCENDING,
                     VALUES(store_text(work->caller.organization_id),
                            store_integer(work_time(work)), store_text(after),
                            store_text(work->query->status)),
                     &invite_type);
}

struct result invite_retrieve(struct work *work)
{
    struct invite *invite = NULL;
    TRY(load(work, work->path[0], &invite));
    work->output = invite;
    return RESULT_OK;
}

/* ---- Making one ---- */

/* Neither a user nor, but for the invite `but_for`, invited. */
static struct result require_new_email(struct work *work, struct text email, struct text but_for)
{
    struct user *user = NULL;
    struct text email_key;
    bool invited = false;
    TRY(email_fold(work, email, &email_key));
    TRY(user_find_by_email(work, email, &user));
    if (user != NULL) {
        return work_refuse(work, ERROR_USER_ALREADY_IN_ORGANIZATION, TEXT("email"));
    }
    TRY(work_exists(work, INVITE_PENDING_BY_EMAIL,
                    VALUES(store_text(work->caller.organization_id), store_integer(work_time(work)),
                           store_text(email_key), store_text(but_for)),
                    &invited));
    return invited ? work_refuse(work, ERROR_INVITE_ALREADY_EXISTS, TEXT("email")) : RESULT_OK;
}

static bool is_repeated(const struct invite_project *projects, size_t index)
{
    for (size_t i = 0; i < index; i++) {
        if (text_equal(projects[i].id, projects[index].id)) {
            return true;
        }
    }
    return false;
}

static struct result check_projects(struct work *work, const struct object_list *list)
{
    const struct invite_project *projects = list->items;
    struct project *project = NULL;
    for (size_t i = 0; i < list->count; i++) {
        if (is_repeated(projects, i)) {
            return work_refuse_value(work, "projects", "a project is named twice");
        }
        TRY(project_load(work, projects[i].id, &project));
        TRY(project_require_active(work, project));
    }
    return RESULT_OK;
}

/* The projects as they are stored: those given, or, for older clients, the default project. */
static struct result encode_projects(struct work *work, const struct object_list *given,
                                     struct text *ret_json)
{
    struct object_list list = *given;
    struct invite_project default_project = { .role = TEXT("member") };
    struct organization *organization = NULL;
    struct buffer buffer;
    if (given->items == NULL) {
        TRY(organization_load(work, &organization));
        default_project.id = organization->default_project_id;
        list = (struct object_list){ &default_project, 1 };
    }
    TRY(check_projects(work, &list));
    buffer_init(&buffer, PROJECTS_JSON_MAXIMUM);
    model_encode_objects(&buffer, &invite_project_type, &list);
    struct text json = buffer.failed ? TEXT_NONE : arena_copy(work->arena, buffer_text(&buffer));
    buffer_free(&buffer);
    *ret_json = json;
    return json.data != NULL ? RESULT_OK : fault(ERROR_INTERNAL, "no memory for projects");
}

/* The token stands behind a '#', so it is in no log of a server and in no Referer. */
static struct result show_link(struct work *work, struct invite *invite,
                               const struct credential *token)
{
    invite->invite_url =
        arena_format(work->arena, "%.*s/invite#%.*s", TEXT_ARGUMENTS(work->settings->public_url),
                     TEXT_ARGUMENTS(token->value));
    work->output = invite;
    return invite->invite_url.data != NULL ? RESULT_OK
                                           : fault(ERROR_INTERNAL, "no memory for a link");
}

static struct result audit_sent(struct work *work, const struct invite *invite)
{
    struct audit_detail detail = audit_of(invite->id, invite->email);
    detail.payload.email = invite->email;
    detail.payload.role = invite->role;
    return audit(work, AUDIT_INVITE_SENT, &detail);
}

struct result invite_create(struct work *work)
{
    const struct invite_create *input = work->input;
    struct text email_key;
    struct text projects;
    struct text id;
    struct credential token;
    struct invite *invite = NULL;
    int64_t created_at;
    TRY(email_fold(work, input->email, &email_key));
    TRY(require_new_email(work, input->email, TEXT("")));
    TRY(encode_projects(work, &input->projects, &projects));
    TRY(credential_issue(work, KEY_TEXT_INVITE, &token));
    TRY(work_new_id(work, ID_INVITE, &id, &created_at));
    TRY(work_change(work, INVITE_INSERT,
                    VALUES(store_text(id), store_text(work->caller.organization_id),
                           store_text(input->email), store_text(email_key), store_text(input->role),
                           store_text(projects), credential_digest(&token),
                           store_integer(created_at),
                           store_integer(work_expiry(work, work->settings->invite_lifetime)))));
    TRY(load(work, id, &invite));
    TRY(audit_sent(work, invite));
    return show_link(work, invite, &token);
}

/* ---- Changing one ---- */

static struct result load_open(struct work *work, struct invite **ret_invite)
{
    TRY(load(work, work->path[0], ret_invite));
    return (*ret_invite)->accepted_at != FIELD_ABSENT
               ? work_refuse(work, ERROR_INVITE_ALREADY_ACCEPTED, TEXT_NONE)
               : RESULT_OK;
}

struct result invite_link(struct work *work)
{
    struct invite *invite = NULL;
    struct credential token;
    TRY(load_open(work, &invite));
    TRY(require_new_email(work, invite->email, invite->id));
    TRY(credential_issue(work, KEY_TEXT_INVITE, &token));
    TRY(work_change(work, INVITE_RENEW,
                    VALUES(store_text(work->caller.organization_id), store_text(invite->id),
                           credential_digest(&token),
                           store_integer(work_expiry(work, work->settings->invite_lifetime)))));
    TRY(load(work, invite->id, &invite));
    TRY(audit_sent(work, invite));
    return show_link(work, invite, &token);
}

struct result invite_delete(struct work *work)
{
    struct invite *invite = NULL;
    TRY(load_open(work, &invite));
    TRY(work_change(work, INVITE_DELETE,
                    VALUES(store_text(work->caller.organization_id), store_text(invite->id))));
    struct audit_detail detail = audit_of(invite->id, invite->email);
    TRY(audit(work, AUDIT_INVITE_DELETED, &detail));
    return work_deleted(work, invite->id);
}

struct result invite_withdraw_of_owners(struct work *work)
{
    return store_execute(work->session, INVITE_DELETE_OF_OWNERS,
                         VALUES(store_text(work->caller.organization_id)), NULL);
}

/* ---- Accepting one ---- */

struct invite_owner {
    struct text organization_id;
    struct text id;
};

static const struct field invite_owner_fields[] = {
    { .name = "organization_id",
      .kind = FIELD_TEXT,
      .offset = offsetof(struct invite_owner, organization_id) },
    { .name = "id", .kind = FIELD_TEXT, .offset = offsetof(struct invite_owner, id) },
};
static const struct object_type invite_owner_type = { "InviteOwner", "",
                                                      sizeof(struct invite_owner),
                                                      FIELDS(invite_owner_fields) };

/* Finds the invite of a token; the caller then belongs to its organization. */
static struct result load_by_token(struct work *work, struct text token, struct invite **ret_invite)
{
    struct digest digest;
    void *found = NULL;
    if (key_text_is_kind(KEY_TEXT_INVITE, token)) {
        TRY(digest_of(token, &digest));
        TRY(work_find(work, INVITE_BY_TOKEN, VALUES(store_blob(digest.bytes, sizeof digest.bytes)),
                      &invite_owner_type, &found));
    }
    const struct invite_owner *owner = found;
    if (owner == NULL) {
        return work_refuse(work, ERROR_INVALID_INVITE_TOKEN, TEXT("token"));
    }
    work->caller.organization_id = owner->organization_id;
    TRY(load(work, owner->id, ret_invite));
    if ((*ret_invite)->accepted_at != FIELD_ABSENT) {
        return work_refuse(work, ERROR_INVALID_INVITE_TOKEN, TEXT("token"));
    }
    return work_has_passed(work, (*ret_invite)->expires_at)
               ? work_refuse(work, ERROR_INVITE_EXPIRED, TEXT("token"))
               : RESULT_OK;
}

/* Projects that were archived in the meantime are passed over. */
static struct result join_projects(struct work *work, const struct invite *invite,
                                   struct text user_id)
{
    struct decoder decoder = { work->arena, &work->problem };
    struct object_list list;
    TRY(decode_stored_objects(&decoder, &invite_project_type, invite->projects, &list));
    const struct invite_project *projects = list.items;
    for (size_t i = 0; i < list.count; i++) {
        TRY(project_load(work, projects[i].id, &work->project));
        if (work->project->archived_at == FIELD_ABSENT) {
            TRY(project_user_add(work, user_id, invite->email, projects[i].role));
        }
    }
    work->project = NULL;
    return RESULT_OK;
}

static struct result load_acceptable(struct work *work, struct invite **ret_invite)
{
    const struct invite_accept *input = work->input;
    struct invite *invite = NULL;
    struct user *existing = NULL;
    TRY(load_by_token(work, input->token, &invite));
    TRY(user_find_by_email(work, invite->email, &existing));
    if (existing != NULL) {
        return work_refuse(work, ERROR_USER_ALREADY_IN_ORGANIZATION, TEXT("token"));
    }
    *ret_invite = invite;
    return RESULT_OK;
}

/* Whoever cannot join costs no password. */
struct result invite_check_token(struct work *work)
{
    const struct invite_accept *input = work->input;
    struct invite *invite = NULL;
    TRY(load_acceptable(work, &invite));
    work->password.chosen = input->password;
    return input->password.data != NULL ? password_try_link(work) : RESULT_OK;
}

/* Who chose a password. */
static struct result sign_in(struct work *work, struct text user_id)
{
    if (work->password.chosen_hash.data == NULL) {
        return RESULT_OK;
    }
    TRY(password_keep(work, user_id));
    password_was_right(work);
    return session_begin(work, user_id);
}

struct result invite_accept(struct work *work)
{
    const struct invite_accept *input = work->input;
    struct invite *invite = NULL;
    struct text user_id;
    int64_t now;
    TRY(load_acceptable(work, &invite));
    TRY(work_new_id(work, ID_USER, &user_id, &now));
    TRY(work_change(work, INVITE_SET_ACCEPTED,
                    VALUES(store_text(work->caller.organization_id), store_text(invite->id),
                           store_integer(now))));
    work->caller.user_id = user_id;
    work->caller.user_email = invite->email;
    struct audit_detail detail = audit_of(invite->id, invite->email);
    TRY(audit(work, AUDIT_INVITE_ACCEPTED, &detail));
    struct user *user = NULL;
    TRY(user_add(work,
                 &(struct user){
                     .id = user_id,
                     .email = invite->email,
                     .name = input->name,
                     .role = invite->role,
                 },
                 &user));
    TRY(join_projects(work, invite, user->id));
    TRY(sign_in(work, user->id));
    work->output = user;
    return RESULT_OK;
}
