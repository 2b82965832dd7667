#include "model/project.h"

#include "model/limits.h"

static const char *const object_name[] = { "organization.project", NULL };
static const char *const statuses[] = { "active", "archived", NULL };
static const char *const residencies[] = {
    "GLOBAL",
    "US_STORAGE_PROCESSING",
    "EU_STORAGE_PROCESSING",
    "JP_STORAGE",
    "JP_STORAGE_PROCESSING",
    "KR_STORAGE",
    "CA_STORAGE",
    "SG_STORAGE",
    "IN_STORAGE",
    "IN_STORAGE_PROCESSING",
    "AU_STORAGE",
    "AU_STORAGE_PROCESSING",
    "GB_STORAGE",
    "AE_STORAGE",
    "AE_STORAGE_PROCESSING",
    NULL,
};

static const struct field fields[] = {
    { .name = "id",
      .kind = FIELD_TEXT,
      .flags = FIELD_REQUIRED,
      .offset = offsetof(struct project, id) },
    { .name = "object", .kind = FIELD_CONSTANT, .flags = FIELD_REQUIRED, .choices = object_name },
    { .name = "name",
      .kind = FIELD_TEXT,
      .flags = FIELD_NULLABLE,
      .offset = offsetof(struct project, name) },
    { .name = "created_at",
      .kind = FIELD_TIME,
      .flags = FIELD_REQUIRED,
      .offset = offsetof(struct project, created_at) },
    { .name = "archived_at",
      .kind = FIELD_TIME,
      .flags = FIELD_NULLABLE,
      .offset = offsetof(struct project, archived_at) },
    { .name = "status",
      .kind = FIELD_TEXT,
      .flags = FIELD_NULLABLE,
      .offset = offsetof(struct project, status),
      .choices = statuses },
    { .name = "external_key_id",
      .kind = FIELD_TEXT,
      .flags = FIELD_NULLABLE,
      .offset = offsetof(struct project, external_key_id),
      .description = "Always null: this server holds no external keys." },
    { .name = "residency",
      .kind = FIELD_TEXT,
      .offset = offsetof(struct project, residency),
      .choices = residencies,
      .description = "As given when the project was made; it changes nothing here." },
};

static const struct field create_fields[] = {
    { .name = "name",
      .kind = FIELD_TEXT,
      .flags = FIELD_REQUIRED,
      .offset = offsetof(struct project_create, name),
      .minimum = 1,
      .maximum = NAME_LENGTH_MAXIMUM },
    { .name = "residency",
      .kind = FIELD_TEXT,
      .flags = FIELD_NULLABLE,
      .offset = offsetof(struct project_create, residency),
      .choices = residencies },
    { .name = "external_key_id",
      .kind = FIELD_TEXT,
      .flags = FIELD_NULLABLE | FIELD_UNSUPPORTED,
      .offset = offsetof(struct project_create, external_key_id) },
    { .name = "geography",
      .kind = FIELD_TEXT,
      .flags = FIELD_NULLABLE | FIELD_DEPRECATED,
      .offset = offsetof(struct project_create, geography),
      .description = "Accepted for older clients, and not kept. Not together with `residency`." },
};

static const struct field update_fields[] = {
    { .name = "name",
      .kind = FIELD_TEXT,
      .flags = FIELD_NULLABLE,
      .offset = offsetof(struct project_update, name),
      .minimum = 1,
      .maximum = NAME_LENGTH_MAXIMUM },
    { .name = "external_key_id",
      .kind = FIELD_TEXT,
      .flags = FIELD_NULLABLE | FIELD_UNSUPPORTED,
      .offset = offsetof(struct project_update, external_key_id) },
    { .name = "geography",
      .kind = FIELD_TEXT,
      .flags = FIELD_NULLABLE | FIELD_DEPRECATED,
      .offset = offsetof(struct project_update, geography),
      .description = "Accepted for older clients, and not kept." },
};

const struct object_type project_type = { "Project", "A project: what keys belong to.",
                                          sizeof(struct project), FIELDS(fields) };
const struct object_type project_create_type = { "ProjectCreateRequest", "",
                                                 sizeof(struct project_create),
                                                 FIELDS(create_fields) };
const struct object_type project_update_type = { "ProjectUpdateRequest", "",
                                                 sizeof(struct project_update),
                                                 FIELDS(update_fields) };
