#include "client/call.h"
#include "client/resources.h"

enum { FILTERS = 5 }; /* that are lists */

static const struct field own_fields[] = {
    { .name = "actor",
      .kind = FIELD_OBJECT,
      .offset = offsetof(struct orgkeys_audit_log, actor),
      .type = &audit_actor_type },
};
static const struct object_type own_type = { "the audit log", "", sizeof(struct orgkeys_audit_log),
                                             FIELDS(own_fields) };

const struct resource audit_log_resource = { &audit_log_type, &own_type };

orgkeys_status orgkeys_audit_logs_list(orgkeys_client *client,
                                       const orgkeys_audit_log_list_options *options,
                                       orgkeys_audit_log_iterator **ret_iterator)
{
    struct call call = { LIST_AUDIT_LOGS, { NULL }, NULL };
    struct list_query query = call_query(0, NULL);
    struct text texts[FILTERS][CALL_TEXTS_MAXIMUM];
    *ret_iterator = NULL;
    if (options != NULL) {
        if (!call_knows(client, options->version, ORGKEYS_AUDIT_LOG_LIST_OPTIONS_VERSION)) {
            return ORGKEYS_ERROR_ARGUMENT;
        }
        query = call_query(options->limit, options->after);
        query.before = text_of(options->before);
        query.effective_after = options->effective_after;
        query.effective_from = options->effective_from;
        query.effective_before = options->effective_before;
        query.effective_to = options->effective_to;
        query.tenant_only = call_boolean(options->tenant_only);
        if (!call_texts(client, options->project_ids, options->project_id_count, texts[0],
                        &query.project_ids) ||
            !call_texts(client, options->event_types, options->event_type_count, texts[1],
                        &query.event_types) ||
            !call_texts(client, options->actor_ids, options->actor_id_count, texts[2],
                        &query.actor_ids) ||
            !call_texts(client, options->actor_emails, options->actor_email_count, texts[3],
                        &query.actor_emails) ||
            !call_texts(client, options->resource_ids, options->resource_id_count, texts[4],
                        &query.resource_ids)) {
            return ORGKEYS_ERROR_ARGUMENT;
        }
    }
    *ret_iterator = iterator_new(client, &call, &query);
    return client->error.status;
}

orgkeys_status orgkeys_audit_log_iterator_next(orgkeys_audit_log_iterator *iterator,
                                               const orgkeys_audit_log **ret_log)
{
    orgkeys_status status;
    *ret_log = iterator_next(iterator, &status);
    return status;
}

void orgkeys_audit_log_iterator_free(orgkeys_audit_log_iterator *iterator)
{
    iterator_free(iterator);
}

const char *orgkeys_audit_log_id(const orgkeys_audit_log *log)
{
    return log->model.id.data;
}

const char *orgkeys_audit_log_type(const orgkeys_audit_log *log)
{
    return log->model.type.data;
}

int64_t orgkeys_audit_log_effective_at(const orgkeys_audit_log *log)
{
    return log->model.effective_at;
}

const char *orgkeys_audit_log_project_id(const orgkeys_audit_log *log)
{
    return log->model.project.id.data;
}

const char *orgkeys_audit_log_project_name(const orgkeys_audit_log *log)
{
    return log->model.project.name.data;
}

const char *orgkeys_audit_log_detail(const orgkeys_audit_log *log)
{
    return log->model.detail.data;
}

const char *orgkeys_audit_log_actor_type(const orgkeys_audit_log *log)
{
    return log->actor.type.data;
}

const char *orgkeys_audit_log_actor_session_user_id(const orgkeys_audit_log *log)
{
    return log->actor.session.user.id.data;
}

const char *orgkeys_audit_log_actor_session_user_email(const orgkeys_audit_log *log)
{
    return log->actor.session.user.email.data;
}

const char *orgkeys_audit_log_actor_session_ip_address(const orgkeys_audit_log *log)
{
    return log->actor.session.ip_address.data;
}

const char *orgkeys_audit_log_actor_session_id(const orgkeys_audit_log *log)
{
    return log->actor.session.id.data;
}

const char *orgkeys_audit_log_actor_session_admin_api_key_id(const orgkeys_audit_log *log)
{
    return log->actor.session.admin_api_key_id.data;
}

const char *orgkeys_audit_log_actor_api_key_id(const orgkeys_audit_log *log)
{
    return log->actor.api_key.id.data;
}

const char *orgkeys_audit_log_actor_api_key_type(const orgkeys_audit_log *log)
{
    return log->actor.api_key.type.data;
}

const char *orgkeys_audit_log_actor_api_key_user_id(const orgkeys_audit_log *log)
{
    return log->actor.api_key.user.id.data;
}

const char *orgkeys_audit_log_actor_api_key_user_email(const orgkeys_audit_log *log)
{
    return log->actor.api_key.user.email.data;
}

const char *orgkeys_audit_log_actor_api_key_ip_address(const orgkeys_audit_log *log)
{
    return log->actor.api_key.ip_address.data;
}
