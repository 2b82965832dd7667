#include "domain/audit.h"

#include "domain/emails.h"

enum { AUDIT_JSON_MAXIMUM = 16384 };

struct audit_detail audit_of(struct text id, struct text name)
{
    return (struct audit_detail){
        .id = id,
        .name = name,
        .payload = { .expires_in_seconds = FIELD_ABSENT },
    };
}

static struct audit_actor actor_of(const struct caller *caller)
{
    struct audit_actor_user user = { caller->user_id, caller->user_email };
    if (caller->key_id.data != NULL) {
        return (struct audit_actor){
            .type = TEXT("api_key"),
            .api_key = { caller->key_id, TEXT("user"), user, caller->address },
        };
    }
    return (struct audit_actor){
        .type = TEXT("session"),
        .session = { user, caller->address, caller->session_id, caller->session_key_id },
    };
}

/* By which a filter finds it: a session that began with a key acts for it. */
static struct text key_of(const struct caller *caller)
{
    return caller->key_id.data != NULL ? caller->key_id : caller->session_key_id;
}

static struct result encode(struct work *work, const struct object_type *type, const void *object,
                            struct text *ret_json)
{
    struct buffer buffer;
    buffer_init(&buffer, AUDIT_JSON_MAXIMUM);
    model_encode(&buffer, type, object);
    struct text json = buffer.failed ? TEXT_NONE : arena_copy(work->arena, buffer_text(&buffer));
    buffer_free(&buffer);
    if (json.data == NULL) {
        return fault(ERROR_INTERNAL, "an audit event is too large");
    }
    *ret_json = json;
    return RESULT_OK;
}

/* Nobody is known by an id when the change was made from the command line. */
static struct result encode_actor(struct work *work, struct text *ret_json)
{
    struct audit_actor actor = actor_of(&work->caller);
    if (work->caller.user_id.data == NULL) {
        *ret_json = TEXT_NONE;
        return RESULT_OK;
    }
    return encode(work, &audit_actor_type, &actor, ret_json);
}

struct result audit(struct work *work, enum audit_event event, const struct audit_detail *detail)
{
    const struct audit_event_description *description = audit_event_describe(event);
    const struct project *project = work->project;
    struct text id;
    struct text actor_json;
    struct text detail_json;
    struct text email_key;
    int64_t effective_at;
    TRY(work_new_id(work, ID_AUDIT_LOG, &id, &effective_at));
    TRY(encode_actor(work, &actor_json));
    TRY(encode(work, description->detail, detail, &detail_json));
    TRY(email_fold(work, work->caller.user_email, &email_key));
    TRY(work_change(
        work, AUDIT_LOG_INSERT,
        VALUES(store_text(id), store_text(work->caller.organization_id),
               store_text(text_of(description->type)), store_integer(effective_at),
               store_text(project != NULL ? project->id : TEXT_NONE),
               store_text(project != NULL ? project->name : TEXT_NONE), store_text(actor_json),
               store_text(work->caller.user_id), store_text(key_of(&work->caller)),
               store_text(email_key),
               store_text(detail->principal_id.data != NULL ? detail->principal_id : detail->id),
               store_text(detail_json))));
    work->events++;
    return RESULT_OK;
}

struct result audit_role_assignment(struct work *work, enum audit_event event, struct text user_id,
                                    struct text email, struct text role)
{
    struct text project_id = work->project->id;
    struct audit_detail detail =
        audit_of(arena_format(work->arena, "role-api-project-%.*s__api-project__%.*s",
                              TEXT_ARGUMENTS(role), TEXT_ARGUMENTS(project_id)),
                 email);
    detail.principal_id = user_id;
    detail.principal_type = TEXT("user");
    detail.resource_id = project_id;
    detail.resource_type = TEXT("api.project");
    return audit(work, event, &detail);
}
