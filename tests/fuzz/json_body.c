/*
 * Bodies of requests: the first byte says of which operation (`bodies`), the rest is the body. What
 * is taken keeps the limits of its table, and is the same when it is written and read again. What
 * is not is the caller's mistake, and its message is text.
 */
#include <stdlib.h>

#include "api/call.h"
#include "api/route.h"
#include "fuzz.h"
#include "model/admin_api_key.h"
#include "model/decode.h"
#include "model/encode.h"
#include "model/invite.h"
#include "model/password.h"
#include "model/project.h"
#include "model/project_api_key.h"
#include "model/project_user.h"
#include "model/service_account.h"
#include "model/session.h"
#include "model/user.h"
#include "objects.h"

enum { ENCODED_MAXIMUM = 1024 * 1024, MESSAGE_MAXIMUM = 4096 };

static const struct object_type *const bodies[] = {
    ['a'] = &admin_api_key_create_type,
    ['b'] = &project_create_type,
    ['c'] = &project_update_type,
    ['d'] = &project_user_create_type,
    ['e'] = &project_user_update_type,
    ['f'] = &service_account_create_type,
    ['g'] = &service_account_update_type,
    ['h'] = &service_account_api_key_create_type,
    ['i'] = &project_api_key_create_type,
    ['j'] = &project_api_key_update_type,
    ['k'] = &user_update_type,
    ['l'] = &session_create_type,
    ['m'] = &password_set_type,
    ['n'] = &password_change_type,
    ['o'] = &invite_create_type,
    ['p'] = &invite_accept_type,
};
enum { BODY_COUNT = sizeof bodies / sizeof bodies[0] };

/* NOLINTNEXTLINE(readability-non-const-parameter): the type is libFuzzer's */
int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    size_t count = 0;
    const struct route *table = routes(&count);
    (void)argc;
    (void)argv;
    json_initialize();
    /* Every operation that takes JSON. */
    for (size_t i = 0; i < count; i++) {
        ASSERT(table[i].input == NULL || table[i].answer != NULL ||
               objects_include(bodies, BODY_COUNT, table[i].input));
    }
    return 0;
}

static void require_message(const struct problem *problem, struct result result)
{
    struct buffer message;
    ASSERT(error_describe(result.error)->status < 500);
    buffer_init(&message, MESSAGE_MAXIMUM);
    problem_write_message(problem, result.error, &message);
    ASSERT(!message.failed && message.length > 0);
    ASSERT(text_is_utf8(buffer_text(&message)) && !text_has_control(buffer_text(&message)));
    buffer_free(&message);
}

static struct result decode(struct arena *arena, const struct object_type *type, struct text body,
                            void **ret_object)
{
    struct problem problem = { .param = "" };
    struct decoder decoder = { arena, &problem };
    void *object = arena_allocate(arena, type->size);
    ASSERT(object != NULL);
    struct result result = decode_body(&decoder, type, body, object);
    if (result_failed(result)) {
        require_message(&problem, result);
    }
    *ret_object = object;
    return result;
}

static void require_round_trip(struct arena *arena, const struct object_type *type,
                               const void *object)
{
    struct buffer encoded;
    void *again = NULL;
    buffer_init(&encoded, ENCODED_MAXIMUM);
    model_encode(&encoded, type, object);
    ASSERT(!encoded.failed);
    ASSERT(!result_failed(decode(arena, type, buffer_text(&encoded), &again)));
    ASSERT(objects_equal(type, object, again));
    buffer_free(&encoded);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena arena;
    void *object = NULL;
    if (size == 0 || data[0] >= BODY_COUNT || bodies[data[0]] == NULL) {
        return 0;
    }
    const struct object_type *type = bodies[data[0]];
    struct text body = { (const char *)data + 1, size - 1 };
    arena_init(&arena, CALL_MEMORY_MAXIMUM);
    if (!result_failed(decode(&arena, type, body, &object))) {
        objects_require_limits(type, object);
        require_round_trip(&arena, type, object);
    }
    arena_reset(&arena);
    return 0;
}
