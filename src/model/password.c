#include "model/password.h"

#include "model/limits.h"

static const char *const object_name[] = { "organization.password_link", NULL };

static const struct field link_fields[] = {
    { .name = "object", .kind = FIELD_CONSTANT, .flags = FIELD_REQUIRED, .choices = object_name },
    { .name = "user_id",
      .kind = FIELD_TEXT,
      .flags = FIELD_REQUIRED,
      .offset = offsetof(struct password_link, user_id) },
    { .name = "url",
      .kind = FIELD_TEXT,
      .flags = FIELD_REQUIRED | FIELD_SECRET,
      .offset = offsetof(struct password_link, url),
      .description = "The link to hand over, for one use. Shown in this reply and never again." },
    { .name = "expires_at",
      .kind = FIELD_TIME,
      .flags = FIELD_REQUIRED,
      .offset = offsetof(struct password_link, expires_at) },
};

#define NEW_PASSWORD(member)                                                            \
    {                                                                                   \
        .name = "password", .kind = FIELD_TEXT, .flags = FIELD_REQUIRED | FIELD_SECRET, \
        .offset = (member), .minimum = PASSWORD_LENGTH_MINIMUM,                         \
        .maximum = PASSWORD_LENGTH_MAXIMUM,                                             \
    }

static const struct field set_fields[] = {
    { .name = "token",
      .kind = FIELD_TEXT,
      .flags = FIELD_REQUIRED | FIELD_SECRET,
      .offset = offsetof(struct password_set, token),
      .minimum = 1,
      .maximum = 128,
      .description = "What follows the `#` of the link." },
    NEW_PASSWORD(offsetof(struct password_set, password)),
};

static const struct field change_fields[] = {
    { .name = "current_password",
      .kind = FIELD_TEXT,
      .flags = FIELD_REQUIRED | FIELD_SECRET,
      .offset = offsetof(struct password_change, current_password),
      .minimum = 1,
      .maximum = PASSWORD_LENGTH_MAXIMUM },
    NEW_PASSWORD(offsetof(struct password_change, password)),
};

const struct object_type password_link_type = { "PasswordLink", "", sizeof(struct password_link),
                                                FIELDS(link_fields) };
const struct object_type password_set_type = { "PasswordSetRequest", "",
                                               sizeof(struct password_set), FIELDS(set_fields) };
const struct object_type password_change_type = { "PasswordChangeRequest", "",
                                                  sizeof(struct password_change),
                                                  FIELDS(change_fields) };
