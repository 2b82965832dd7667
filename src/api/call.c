#include "api/call.h"

#include <stdlib.h>

#include "api/authentication.h"
#include "api/client_address.h"
#include "api/password_pool.h"
#include "api/reply.h"
#include "api/session_cookie.h"
#include "base/clock.h"
#include "codec/id.h"
#include "codec/key_text.h"
#include "codec/uri.h"
#include "domain/callers.h"
#include "domain/passwords.h"
#include "domain/project_users.h"
#include "domain/projects.h"
#include "domain/sessions.h"
#include "model/decode.h"
#include "model/limits.h"
#include "os/log.h"
#include "os/metrics.h"

struct call {
    struct store_job job; /* first, so that a job is its call */
    struct api *api;
    const struct route *route;
    struct http_request *request;
    struct text parameters[WORK_PATH_MAXIMUM]; /* still encoded */
    struct arena arena;
    struct digest key; /* the caller's, or their session's */
    bool is_signed_in; /* by a session, not by a key */
    struct work work;
    struct reply reply;
    struct text fault; /* what went wrong inside, for the log */
    enum error error;  /* of the operation itself; a batch may meet another */
};

static struct call *call_of(struct store_job *job)
{
    return (struct call *)job;
}

static void call_free(void *context)
{
    struct call *call = context;
    reply_free(&call->reply);
    arena_reset(&call->arena);
    free(call);
}

/* ---- The end of a call ---- */

static void log_call(const struct call *call, enum error error)
{
    const struct caller *caller = &call->work.caller;
    int64_t microseconds = clock_monotonic_microseconds() - call->request->received_at;
    bool is_anonymous =
        error != ERROR_NONE && caller->key_id.data == NULL && caller->session_id.data == NULL;
    metric_observe(METRIC_API_CALL_SECONDS, microseconds);
    if (is_anonymous && !log_admits_anonymous()) {
        return;
    }
    log_at(call->fault.data != NULL ? LOG_ERROR : LOG_INFO, "call",
           LOG_TEXT_FIELD("request_id", request_id_text(&call->reply.request_id)),
           LOG_TEXT_FIELD("operation", text_of(call->route->operation)),
           LOG_INTEGER_FIELD("status", call->reply.status),
           LOG_TEXT_FIELD("error", text_of(error_describe(error)->name)),
           LOG_TEXT_FIELD("organization", caller->organization_id),
           LOG_TEXT_FIELD("key", caller->key_id), LOG_TEXT_FIELD("session", caller->session_id),
           LOG_TEXT_FIELD("address", caller->address),
           LOG_INTEGER_FIELD("microseconds", microseconds), LOG_TEXT_FIELD("fault", call->fault));
}

static void finish(struct call *call, struct result outcome)
{
    /* A batch's error says nothing about the fields of the request. */
    static const struct problem no_problem;
    if (result_failed(outcome)) {
        /* What is not the caller's fault does not count as an attempt of theirs. */
        if (error_describe(outcome.error)->status >= 500) {
            password_give_back(&call->work);
        }
        const struct problem *problem =
            outcome.error == call->error ? &call->work.problem : &no_problem;
        reply_write_error(&call->reply, outcome.error, problem, call->work.caller.organization_id,
                          call->request->received_at);
    } else {
        reply_write_headers(&call->reply, TEXT("application/json"),
                            call->work.caller.organization_id, call->request->received_at);
        if (call->work.cookie.is_set) {
            session_cookie_write(&call->reply.headers, &call->work.cookie,
                                 call->work.settings->public_url);
        }
    }
    log_call(call, outcome.error);
    reply_send(&call->reply, call->request, call_free, call);
}

/* Keeps a fault's text while the thread still has it: the call goes on to another one. */
static struct result keep_fault(struct call *call, struct result result)
{
    if (result_failed(result)) {
        call->error = result.error;
        call->fault = arena_copy(&call->arena, fault_take());
    }
    return result;
}

/* ---- Running the operation ---- */

/* Head and body: behind a commit no lack of memory may make another reply of it. */
static struct result encode(struct call *call)
{
    if (!buffer_reserve(&call->reply.headers, REPLY_HEADERS_MAXIMUM)) {
        return fault(ERROR_OVERLOADED, "no memory for a reply");
    }
    if (call->route->is_list) {
        model_encode_page(&call->reply.body, &call->work.page);
    } else {
        ASSERT(call->work.output != NULL);
        model_encode(&call->reply.body, call->route->output, call->work.output);
    }
    return call->reply.body.failed ? fault(ERROR_INTERNAL, "a reply is too large") : RESULT_OK;
}

static struct result authorize(struct call *call)
{
    const struct route *route = call->route;
    struct work *work = &call->work;
    if (route->project != PROJECT_NONE) {
        TRY(project_load(work, work->path[0], &work->project));
    }
    TRY(access_require(work, route->access));
    return route->project == PROJECT_ACTIVE ? project_require_active(work, work->project)
                                            : RESULT_OK;
}

static struct result run_operation(struct call *call)
{
    struct work *work = &call->work;
    TRY(authorize(call));
    TRY(call->route->run(work));
    return work->refusal == ERROR_NONE ? encode(call) : RESULT_OK;
}

/* In the snapshot, or the transaction, of what the caller wants. */
static struct result find_session(struct call *call)
{
    bool is_due = false;
    TRY(session_authenticate(&call->work, &call->key, &is_due));
    if (is_due) {
        keyring_note_session_use(call->api->options.keyring, &call->key, work_time(&call->work));
    }
    return RESULT_OK;
}

static struct result recheck_caller(struct call *call)
{
    if (call->route->access == ACCESS_ANYONE) {
        return RESULT_OK;
    }
    return call->is_signed_in ? find_session(call) : caller_recheck(&call->work);
}

static struct result change(struct store_job *job, struct store_session *session,
                            struct store_batch *batch)
{
    struct call *call = call_of(job);
    call->work.session = session;
    call->work.batch = batch;
    TRY(keep_fault(call, recheck_caller(call)));
    TRY(keep_fault(call, run_operation(call)));
    /* Promise 9: a change without its event is not committed. */
    if (call->work.events == 0 && !call->work.is_unchanged) {
        return keep_fault(call, fault(ERROR_INTERNAL, "a change wrote no audit event"));
    }
    return keep_fault(call, following_reserve(call->api->options.following, call->work.changes));
}

/* Promise 4: the keyring follows after the commit, before the reply goes out. */
static void change_kept(struct store_job *job)
{
    struct call *call = call_of(job);
    following_add(call->api->options.following, call->work.changes);
}

static void change_done(struct store_job *job, struct result outcome)
{
    struct call *call = call_of(job);
    if (!result_failed(outcome) && call->work.refusal != ERROR_NONE) {
        call->error = call->work.refusal;
        outcome = refuse(call->work.refusal);
        if (call->route->access == ACCESS_ANYONE) {
            /* The organization's id would tell that the address is known. */
            call->work.caller.organization_id = TEXT_NONE;
        }
    }
    finish(call, outcome);
}

/* ---- What every call goes through first ---- */

static struct text single_header(struct call *call, struct text name, size_t *ret_count)
{
    return http_request_header(call->request, name, ret_count);
}

/* Of any kind; what is none may be a key, of which the database would keep copies. */
static bool is_id(struct text text)
{
    bool found = text_equal(text, TEXT("current")); /* of sessions */
    for (unsigned kind = 0; kind < ID_KIND_COUNT && !found; kind++) {
        found = id_is_valid((enum id_kind)kind, text);
    }
    return found;
}

/* A project that is none of the caller's is named like one that is not there. */
static struct result check_named_project(struct work *work, struct text project_id)
{
    struct project_user *membership = NULL;
    void *project = NULL;
    TRY(work_find(work, PROJECT_GET,
                  VALUES(store_text(work->caller.organization_id), store_text(project_id)),
                  &project_type, &project));
    if (project != NULL && !work->caller.is_owner) {
        work->project = project;
        TRY(project_user_find(work, work->caller.user_id, &membership));
        work->project = NULL;
    }
    return project != NULL && (work->caller.is_owner || membership != NULL)
               ? RESULT_OK
               : work_refuse(work, ERROR_MISMATCHED_PROJECT, TEXT_NONE);
}

/* The headers may name what the key belongs to anyway; anything else is somebody's mistake. */
static struct result check_named_tenants(struct call *call)
{
    struct work *work = &call->work;
    size_t organizations = 0;
    size_t projects = 0;
    struct text organization = single_header(call, TEXT("OpenAI-Organization"), &organizations);
    struct text project_id = single_header(call, TEXT("OpenAI-Project"), &projects);
    if (organizations > 1 ||
        (!text_is_empty(organization) && !text_equal(organization, work->caller.organization_id))) {
        return work_refuse(work, ERROR_MISMATCHED_ORGANIZATION, TEXT_NONE);
    }
    if (projects > 1) {
        return work_refuse(work, ERROR_MISMATCHED_PROJECT, TEXT_NONE);
    }
    if (text_is_empty(project_id)) {
        return RESULT_OK;
    }
    return check_named_project(work, is_id(project_id) ? project_id : TEXT("-"));
}

static bool is_json(struct text content_type)
{
    struct text type = text_trim(text_cut(&content_type, ';'));
    return text_equal_ignoring_case(type, TEXT("application/json"));
}

static struct result check_content_type(struct call *call)
{
    size_t types = 0;
    size_t codings = 0;
    struct text type = single_header(call, TEXT("Content-Type"), &types);
    (void)single_header(call, TEXT("Content-Encoding"), &codings);
    if (text_is_empty(call->request->body) || (types == 1 && codings == 0 && is_json(type))) {
        return RESULT_OK;
    }
    return problem_refuse(&call->work.problem, ERROR_UNSUPPORTED_MEDIA_TYPE, TEXT_NONE, TEXT_NONE,
                          "application/json");
}

/* What is no id is one that nothing has. */
static void decode_path(struct call *call)
{
    for (size_t i = 0; i < WORK_PATH_MAXIMUM; i++) {
        struct text decoded = TEXT("");
        if (call->parameters[i].data != NULL) {
            struct result result = uri_decode(&call->arena, call->parameters[i], false, &decoded);
            if (result_failed(result) || !is_id(decoded)) {
                decoded = TEXT("");
            }
        }
        call->work.path[i] = decoded;
    }
}

static struct result decode(struct call *call)
{
    static const struct object_type no_fields = { .name = "", .fields = NULL, .field_count = 0 };
    const struct object_type *input = call->route->input != NULL ? call->route->input : &no_fields;
    const struct object_type *query = call->route->query != NULL ? call->route->query : &no_fields;
    struct decoder decoder = { &call->arena, &call->work.problem };
    void *input_object = NULL;
    void *query_object = NULL;
    TRY(work_allocate(&call->work, input->size, &input_object));
    TRY(work_allocate(&call->work, query->size, &query_object));
    decode_path(call);
    struct result result = decode_query(&decoder, query, call->request->query, query_object);
    if (result.error == ERROR_MALFORMED_REQUEST) {
        return problem_refuse(&call->work.problem, ERROR_MALFORMED_REQUEST, TEXT_NONE, TEXT_NONE,
                              "the query is not percent-encoded UTF-8");
    }
    TRY(result);
    TRY(check_content_type(call));
    TRY(decode_body(&decoder, input, call->request->body, input_object));
    call->work.query = query_object;
    call->work.input = input_object;
    return RESULT_OK;
}

static struct result prepare_and_read(struct call *call)
{
    if (call->is_signed_in) {
        TRY(find_session(call));
    }
    if (call->route->access != ACCESS_ANYONE) {
        TRY(check_named_tenants(call));
    }
    TRY(decode(call));
    if (call->route->effect == EFFECT_READ) {
        return run_operation(call);
    }
    /* Who may not do it takes no place in the writer's queue. Owners may do anything. */
    if (call->is_signed_in && !call->work.caller.is_owner) {
        TRY(authorize(call));
    }
    return call->route->check != NULL ? call->route->check(&call->work) : RESULT_OK;
}

/*
 * What was read of a database that is not known to be the one that all nodes change may be of the
 * past: then nothing is said.
 */
static struct result check_database(struct call *call)
{
    return keyring_is_in_touch(call->api->options.keyring) ? RESULT_OK
                                                           : refuse(ERROR_STORE_UNAVAILABLE);
}

/*
 * Promise 4: a key that was revoked while its call waited, or read, is told nothing more. A session
 * was found in the same snapshot as what it reads.
 */
static struct result check_key_again(struct call *call)
{
    if (call->route->access == ACCESS_ANYONE || call->is_signed_in) {
        return RESULT_OK;
    }
    return authenticate_again(&call->work, call->api->options.keyring, &call->key,
                              call->route->effect == EFFECT_CHANGE);
}

static struct result prepare(struct store_job *job, struct store_session *session,
                             struct store_batch *batch)
{
    struct call *call = call_of(job);
    (void)batch;
    call->work.session = session;
    struct result result = prepare_and_read(call);
    if (result.error == ERROR_QUERY_TIMEOUT && atomic_load(&call->api->is_stopping)) {
        result = refuse(ERROR_SHUTTING_DOWN);
    }
    struct result allowed = check_key_again(call);
    if (!result_failed(allowed)) {
        allowed = check_database(call);
    }
    return keep_fault(call, result_failed(allowed) ? allowed : result);
}

/* A page of another site must neither use a session nor begin one. */
static struct result require_own_page(struct call *call)
{
    struct text public_url = call->work.settings->public_url;
    if (call->route->effect == EFFECT_READ ||
        session_origin_is_ours(call->request, public_url, call->is_signed_in)) {
        return RESULT_OK;
    }
    return problem_refuse(&call->work.problem, ERROR_WRONG_ORIGIN, TEXT_NONE, TEXT_NONE, "%.*s",
                          TEXT_ARGUMENTS(session_origin_of(public_url)));
}

static struct result identify_by_session(struct call *call, struct text token)
{
    if (!key_text_is_kind(KEY_TEXT_SESSION, token)) {
        return work_refuse(&call->work, ERROR_INVALID_SESSION, TEXT_NONE);
    }
    call->is_signed_in = true;
    TRY(require_own_page(call));
    return digest_of(token, &call->key);
}

/* Who is signed in and signs in again signs out. */
static struct result admit_anyone(struct call *call, struct text token)
{
    struct work *work = &call->work;
    TRY(require_own_page(call));
    work->has_former_session = key_text_is_kind(KEY_TEXT_SESSION, token);
    return work->has_former_session ? digest_of(token, &work->former_session) : RESULT_OK;
}

/* Beside an Authorization header a cookie counts for nothing. */
static struct result identify(struct call *call)
{
    size_t credentials = 0;
    (void)single_header(call, TEXT("Authorization"), &credentials);
    struct text token = session_cookie_find(call->request, call->work.settings->public_url);
    if (call->route->access == ACCESS_ANYONE) {
        return credentials == 0 ? admit_anyone(call, token) : RESULT_OK;
    }
    return credentials == 0 && token.data != NULL
               ? identify_by_session(call, token)
               : authenticate(&call->work, call->api->options.keyring, call->request,
                              call->route->effect == EFFECT_CHANGE, &call->key);
}

static void refuse_overloaded(struct call *call, const char *what)
{
    struct result result = atomic_load(&call->api->is_stopping)
                               ? refuse(ERROR_SHUTTING_DOWN)
                               : problem_refuse(&call->work.problem, ERROR_OVERLOADED, TEXT_NONE,
                                                TEXT_NONE, "%s", what);
    call->error = result.error;
    finish(call, result);
}

static void submit_change(struct call *call)
{
    call->job = (struct store_job){ .run = change, .done = change_done, .kept = change_kept };
    if (!store_writer_submit(call->api->options.writer, &call->job)) {
        refuse_overloaded(call, "too many changes are waiting");
    }
}

static struct result run_password(struct store_job *job, struct store_session *session,
                                  struct store_batch *batch)
{
    struct call *call = call_of(job);
    (void)session;
    (void)batch;
    /* All that wait would take longer than they have. */
    return keep_fault(call, atomic_load(&call->api->is_stopping) ? refuse(ERROR_SHUTTING_DOWN)
                                                                 : password_work(&call->work));
}

static void password_done(struct store_job *job, struct result outcome)
{
    struct call *call = call_of(job);
    if (result_failed(outcome)) {
        finish(call, outcome);
    } else {
        submit_change(call);
    }
}

static void submit_password(struct call *call)
{
    call->job = (struct store_job){ .run = run_password, .done = password_done };
    if (!password_pool_submit(call->api->password_pool, &call->job)) {
        refuse_overloaded(call, "too many passwords are waiting");
    }
}

static void prepare_done(struct store_job *job, struct result outcome)
{
    struct call *call = call_of(job);
    const struct password_task *password = &call->work.password;
    call->work.session = NULL;
    if (result_failed(outcome) || call->route->effect == EFFECT_READ) {
        finish(call, outcome);
    } else if (password->given.data != NULL || password->chosen.data != NULL) {
        submit_password(call);
    } else {
        submit_change(call);
    }
}

/* ---- The beginning ---- */

/* Only shown to the person themselves; what is not plain is left out. */
static struct text user_agent_of(const struct http_request *request)
{
    struct text value = http_request_header(request, TEXT("User-Agent"), NULL);
    struct text start = value.length > USER_AGENT_LENGTH_MAXIMUM
                            ? text_until(value, USER_AGENT_LENGTH_MAXIMUM)
                            : value;
    return !text_is_empty(start) && text_is_utf8(start) && !text_has_control(start) ? start
                                                                                    : TEXT_NONE;
}

void call_begin(struct api *api, const struct route *route,
                const struct text parameters[WORK_PATH_MAXIMUM], struct http_request *request)
{
    static const struct problem no_problem;
    struct call *call = calloc(1, sizeof *call);
    if (call == NULL) {
        reply_send_error(request, ERROR_INTERNAL, &no_problem);
        return;
    }
    call->api = api;
    call->route = route;
    call->request = request;
    for (size_t i = 0; i < WORK_PATH_MAXIMUM; i++) {
        call->parameters[i] = parameters[i];
    }
    arena_init(&call->arena, CALL_MEMORY_MAXIMUM);
    reply_init(&call->reply);
    call->work = (struct work){
        .arena = &call->arena,
        .settings = api->options.settings,
        .login_limits = api->login_limits,
        .caller = { .address = client_address(request, api->options.trusted_proxies,
                                              api->options.trusted_proxy_count),
                    .user_agent = user_agent_of(request) },
    };
    struct result identified = keep_fault(call, identify(call));
    if (result_failed(identified)) {
        finish(call, identified);
        return;
    }
    call->job = (struct store_job){
        .run = prepare,
        .done = prepare_done,
        .stopping = &api->is_stopping,
    };
    if (!store_readers_submit(api->options.readers, &call->job)) {
        refuse_overloaded(call, "too many calls are waiting");
    }
}
