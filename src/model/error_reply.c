#include "model/error_reply.h"

static const struct field error_body_fields[] = {
    { .name = "message",
      .kind = FIELD_TEXT,
      .flags = FIELD_REQUIRED,
      .offset = offsetof(struct error_body, message),
      .description = "For people." },
    { .name = "type",
      .kind = FIELD_TEXT,
      .flags = FIELD_REQUIRED,
      .offset = offsetof(struct error_body, type),
      .description = "`invalid_request_error` or `server_error`." },
    { .name = "param",
      .kind = FIELD_TEXT,
      .flags = FIELD_REQUIRED | FIELD_NULLABLE,
      .offset = offsetof(struct error_body, param),
      .description = "The field or parameter that the error is about." },
    { .name = "code",
      .kind = FIELD_TEXT,
      .flags = FIELD_REQUIRED | FIELD_NULLABLE,
      .offset = offsetof(struct error_body, code),
      .description = "For programs; see docs/errors.md." },
};

static const struct object_type error_body_type = { "Error", "", sizeof(struct error_body),
                                                    FIELDS(error_body_fields) };

static const struct field error_reply_fields[] = {
    { .name = "error",
      .kind = FIELD_OBJECT,
      .flags = FIELD_REQUIRED,
      .offset = offsetof(struct error_reply, error),
      .type = &error_body_type },
};

const struct object_type error_reply_type = { "ErrorResponse", "Every reply that is not 200.",
                                              sizeof(struct error_reply),
                                              FIELDS(error_reply_fields) };
