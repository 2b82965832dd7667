#include "cli/flags.h"

#include <string.h>

#include "base/result.h"
#include "cli/run.h"

static const char *const formats[] = { "table", "json", "jsonl", NULL };

static const struct field settings_fields[] = {
    { .name = "timeout", .kind = FIELD_INTEGER, .offset = offsetof(struct settings, timeout) },
    { .name = "retries", .kind = FIELD_INTEGER, .offset = offsetof(struct settings, retries) },
    { .name = "all", .kind = FIELD_BOOLEAN, .offset = offsetof(struct settings, all) },
    { .name = "yes", .kind = FIELD_BOOLEAN, .offset = offsetof(struct settings, yes) },
    { .name = "follow", .kind = FIELD_BOOLEAN, .offset = offsetof(struct settings, follow) },
    { .name = "help", .kind = FIELD_BOOLEAN, .offset = offsetof(struct settings, help) },
};

const struct object_type settings_type = { "", "", sizeof(struct settings),
                                           FIELDS(settings_fields) };

/* Where a field's own name is not what people would type, and fields without a flag (NULL). */
static const struct {
    const char *field;
    const char *flag;
    enum flag_kind kind;
    const char *help; /* NULL: the field's */
} renamed[] = {
    { "actor_emails[]", "actor-email", FLAG_TEXTS,
      "Only events by the person of this address. Can be repeated." },
    { "actor_ids[]", "actor-id", FLAG_TEXTS,
      "Only events by this person, service account or key. Can be repeated." },
    { "created_at[lt]", "created-before", FLAG_TIME, "Only keys that were made before this." },
    { "effective_at[gt]", NULL, FLAG_TIME, NULL },
    { "effective_at[gte]", "since", FLAG_TIME, "Not earlier than this." },
    { "effective_at[lt]", "until", FLAG_TIME, "Earlier than this." },
    { "effective_at[lte]", NULL, FLAG_TIME, NULL },
    { "emails[]", "email", FLAG_TEXTS, "Only the person of this address. Can be repeated." },
    { "event_types[]", "event-type", FLAG_TEXTS,
      "Only events of this type, such as api_key.created. Can be repeated." },
    { "expires_at[gte]", "expires-from", FLAG_DEADLINE,
      "Only keys that expire, and not before this: in so long, such as 7d, or a time." },
    { "expires_at[lt]", "expires-before", FLAG_DEADLINE,
      "Only keys that expire before this: in so long, such as 7d, or a time." },
    { "expires_in_seconds", "expires-in", FLAG_DURATION, NULL },
    { "last_used_at[lt]", "last-used-before", FLAG_TIME,
      "Only keys that were used, and last before this." },
    { "password", NULL, FLAG_TEXT, NULL }, /* a secret; people choose theirs in a browser */
    { "project_ids[]", "project-id", FLAG_TEXTS, "Only events of this project. Can be repeated." },
    { "projects", "project", FLAG_ROLES,
      "A project to join, and the role in it: owner or member. Can be repeated. '' is no project; "
      "left out: the default project, as a member." },
    { "resource_ids[]", "resource-id", FLAG_TEXTS,
      "Only events about this object. Can be repeated." },
    { "scopes", "scope", FLAG_TEXTS,
      "What the key is restricted to. Can be repeated. '' is no restriction." },
    { "tenant_only", NULL, FLAG_SWITCH, NULL },
    { "token", "token-from-stdin", FLAG_SECRET,
      "Read from standard input what follows the `#` of the invite's link." },
    { "value", "value-from-stdin", FLAG_SECRET,
      "Bring in a key that exists already: it is read from standard input." },
};

/* For flags whose fields have no description of their own. */
static const struct {
    const char *flag;
    const char *help;
} helps[] = {
    { "api-key-id", "The key's id." },
    { "developer-persona", "What they say of their work." },
    { "email", "The person's e-mail address." },
    { "expires-in", "How long the key is good for. Left out: it does not expire." },
    { "invite-id", "The invite's id." },
    { "key-id", "The admin key's id." },
    { "name", "The name." },
    { "project-id", "The project's id." },
    { "residency", "Where data lies. It changes nothing on an orgkeys server." },
    { "role", "The role." },
    { "service-account-id", "The service account's id." },
    { "technical-level", "What they say of their knowledge." },
    { "user-id", "The person's id." },
};

#define SETTING(flag_name, flag_kind, member, flag_help)                     \
    {                                                                        \
        .name = (flag_name), .kind = (flag_kind), .place = FLAG_OF_SETTINGS, \
        .offset = offsetof(struct settings, member), .help = (flag_help)     \
    }

static const struct flag list_flags[] = {
    SETTING("all", FLAG_SWITCH, all, "Go through all pages."),
};
static const struct flag question_flags[] = {
    SETTING("yes", FLAG_SWITCH, yes, "Do not ask."),
};
static const struct flag follow_flags[] = {
    SETTING("follow", FLAG_SWITCH, follow,
            "Oldest first, and go on with new events as they come. With --format, jsonl only."),
};
static const struct flag verify_flags[] = {
    SETTING("scope", FLAG_TEXTS, scopes, "A scope that the key must have. Can be repeated."),
    SETTING("project", FLAG_TEXT, project, "The project that the key must belong to."),
    SETTING("organization", FLAG_TEXT, organization,
            "An organization's id, or `any`. Left out: the server's oldest."),
    SETTING("auth-url", FLAG_TEXT, auth_url,
            "Where to ask. Left out: the base URL without /v1, and /auth. With --internal-listen a "
            "server has it at that address."),
};
static const struct flag common_flags[] = {
    { .name = "format",
      .kind = FLAG_TEXT,
      .place = FLAG_OF_SETTINGS,
      .offset = offsetof(struct settings, format),
      .choices = formats,
      .help = "For people (table), or for programs: the API's own JSON, whole or a line each." },
    SETTING("base-url", FLAG_TEXT, base_url, "Where the server is, instead of OPENAI_BASE_URL."),
    SETTING("ca-file", FLAG_TEXT, ca_file, "Certificates (PEM) to trust, instead of the system's."),
    SETTING("timeout", FLAG_DURATION, timeout, "For one attempt. Left out: 1m."),
    SETTING("retries", FLAG_INTEGER, retries, "How often it is tried again, 0 to 10. Left out: 2."),
    SETTING("help", FLAG_SWITCH, help, "Show this."),
};

struct flag_list {
    struct flag *items;
    size_t count;
};

static struct flag *add(struct flag_list *list, const struct flag *flag)
{
    ASSERT(list->count < FLAGS_MAXIMUM);
    list->items[list->count] = *flag;
    return &list->items[list->count++];
}

static void add_all(struct flag_list *list, const struct flag *flags, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        (void)add(list, &flags[i]);
    }
}

#define ADD_ALL(list, flags) add_all((list), (flags), sizeof(flags) / sizeof((flags)[0]))

/* "api_key_id" is --api-key-id. */
static void set_name(struct flag *flag, struct text name)
{
    ASSERT(name.length < FLAG_NAME_MAXIMUM);
    for (size_t i = 0; i < name.length; i++) {
        flag->name[i] = (char)(name.data[i] == '_' ? '-' : name.data[i]);
    }
    flag->name[name.length] = '\0';
}

static void set_help(struct flag *flag)
{
    for (size_t i = 0; flag->help == NULL && i < sizeof helps / sizeof helps[0]; i++) {
        if (strcmp(helps[i].flag, flag->name) == 0) {
            flag->help = helps[i].help;
        }
    }
    ASSERT(flag->help != NULL);
}

static void add_path(struct flag_list *list, const char *path)
{
    struct text rest = text_of(path);
    for (size_t number = 0; text_find(rest, '{') < rest.length; number++) {
        (void)text_cut(&rest, '{');
        struct flag flag = {
            .kind = FLAG_TEXT, .place = FLAG_OF_PATH, .offset = number, .is_required = true
        };
        set_name(&flag, text_cut(&rest, '}'));
        set_help(&flag);
        (void)add(list, &flag);
    }
}

static enum flag_kind kind_of(const struct field *field)
{
    switch (field->kind) {
    case FIELD_TEXT:
        return FLAG_TEXT;
    case FIELD_INTEGER:
        return FLAG_INTEGER;
    case FIELD_BOOLEAN:
        return FLAG_SWITCH;
    default:
        ASSERT(field->kind == FIELD_TEXT_LIST);
        return FLAG_TEXTS;
    }
}

/* How long a page may be is the field's. */
static const char *help_of_limit(const struct field *field)
{
    static const struct {
        int64_t maximum;
        const char *help;
    } helps_of_limit[] = {
        { 100, "How many objects a page has, 1 to 100. Left out: 20; with --all, 100." },
        { 1000, "How many objects a page has, 1 to 1000. Left out: 20; with --all, 100." },
    };
    for (size_t i = 0; i < sizeof helps_of_limit / sizeof helps_of_limit[0]; i++) {
        if (helps_of_limit[i].maximum == field->maximum) {
            return helps_of_limit[i].help;
        }
    }
    return field->description;
}

/* False: the field has no flag. */
static bool describe_field(const struct field *field, struct flag *flag)
{
    flag->help = strcmp(field->name, "limit") == 0 ? help_of_limit(field) : field->description;
    for (size_t i = 0; i < sizeof renamed / sizeof renamed[0]; i++) {
        if (strcmp(renamed[i].field, field->name) == 0) {
            flag->kind = renamed[i].kind;
            flag->help = renamed[i].help != NULL ? renamed[i].help : flag->help;
            set_name(flag, text_of(renamed[i].flag));
            return renamed[i].flag != NULL;
        }
    }
    flag->kind = kind_of(field);
    set_name(flag, text_of(field->name));
    return true;
}

static void add_fields(struct flag_list *list, const struct object_type *type,
                       enum flag_place place)
{
    for (size_t i = 0; type != NULL && i < type->field_count; i++) {
        const struct field *field = &type->fields[i];
        struct flag flag = { .place = place,
                             .offset = field->offset,
                             .choices = field->choices,
                             .is_required =
                                 place == FLAG_OF_INPUT && (field->flags & FIELD_REQUIRED) != 0 };
        if ((field->flags & (FIELD_UNSUPPORTED | FIELD_DEPRECATED)) == 0 &&
            describe_field(field, &flag)) {
            set_help(&flag);
            (void)add(list, &flag);
        }
    }
}

size_t command_flags(const struct command *command, struct flag ret_flags[FLAGS_MAXIMUM])
{
    struct flag_list list = { ret_flags, 0 };
    if (command->operation != OPERATION_COUNT) {
        const struct operation_description *operation = operation_describe(command->operation);
        add_path(&list, operation->path);
        add_fields(&list, operation->input, FLAG_OF_INPUT);
        add_fields(&list, operation->query, FLAG_OF_QUERY);
    }
    if (command->columns != NULL) {
        ADD_ALL(&list, list_flags);
    }
    if (command->question != NULL) {
        ADD_ALL(&list, question_flags);
    }
    if (command->run == run_audit_logs) {
        ADD_ALL(&list, follow_flags);
    }
    if (command->run == run_verify) {
        ADD_ALL(&list, verify_flags);
    }
    ADD_ALL(&list, common_flags);
    return list.count;
}

bool flag_takes_value(const struct flag *flag)
{
    return flag->kind != FLAG_SWITCH && flag->kind != FLAG_SECRET;
}

const char *flag_value_name(const struct flag *flag)
{
    static const struct {
        const char *flag;
        const char *value;
    } names[] = {
        { "after", "ID" },        { "before", "ID" },         { "auth-url", "URL" },
        { "base-url", "URL" },    { "ca-file", "FILE" },      { "email", "EMAIL" },
        { "name", "NAME" },       { "actor-email", "EMAIL" }, { "scope", "SCOPE" },
        { "event-type", "TYPE" }, { "project", "ID" },        { "organization", "ID" },
    };
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        if (strcmp(names[i].flag, flag->name) == 0) {
            return names[i].value;
        }
    }
    switch (flag->kind) {
    case FLAG_SWITCH:
    case FLAG_SECRET:
        return NULL;
    case FLAG_INTEGER:
        return "NUMBER";
    case FLAG_DURATION:
        return "DURATION";
    case FLAG_TIME:
    case FLAG_DEADLINE:
        return "TIME";
    case FLAG_ROLES:
        return "PROJECT_ID:ROLE";
    default:
        return text_ends_with(text_of(flag->name), TEXT("id")) ? "ID" : "TEXT";
    }
}
