#include "server/config_value.h"

#include <inttypes.h>
#include <limits.h>
#include <sys/un.h>

#include "os/networks.h"
#include "server/config.h"
#include "server/public_url.h"
#include "store/store.h"

struct unit {
    struct text word;
    int64_t factor;
};

/* The largest first, so that a bound is written in the largest unit that divides it. */
static const struct unit duration_units[] = {
    { TEXT("d"), INT64_C(86400000000) }, { TEXT("h"), INT64_C(3600000000) },
    { TEXT("m"), INT64_C(60000000) },    { TEXT("s"), INT64_C(1000000) },
    { TEXT("ms"), INT64_C(1000) },
};
static const struct unit size_units[] = {
    { TEXT("GiB"), INT64_C(1073741824) },
    { TEXT("MiB"), INT64_C(1048576) },
    { TEXT("KiB"), INT64_C(1024) },
    { TEXT(""), 1 },
};
enum {
    DURATION_UNIT_COUNT = sizeof duration_units / sizeof duration_units[0],
    SIZE_UNIT_COUNT = sizeof size_units / sizeof size_units[0],
};

static struct text leading_digits(struct text text)
{
    size_t length = 0;
    while (length < text.length && text.data[length] >= '0' && text.data[length] <= '9') {
        length++;
    }
    return text_until(text, length);
}

static bool read_quantity(const struct option *option, struct text value, const struct unit *units,
                          size_t unit_count, int64_t *ret_quantity)
{
    struct text digits = leading_digits(value);
    struct text word = text_from(value, digits.length);
    int64_t quantity;
    if (!text_to_integer(digits, 0, INT64_MAX, &quantity)) {
        return false;
    }
    for (size_t i = 0; i < unit_count; i++) {
        /* Zero of anything is zero. */
        if ((text_equal(word, units[i].word) || (quantity == 0 && word.length == 0)) &&
            !__builtin_mul_overflow(quantity, units[i].factor, &quantity) &&
            quantity >= option->minimum && quantity <= option->maximum) {
            *ret_quantity = quantity;
            return true;
        }
    }
    return false;
}

static void write_quantity(struct buffer *buffer, int64_t quantity, const struct unit *units,
                           size_t unit_count)
{
    size_t i = 0;
    while (i < unit_count - 1 && quantity % units[i].factor != 0) {
        i++;
    }
    buffer_append_integer(buffer, quantity / units[i].factor);
    if (quantity != 0) {
        buffer_append(buffer, units[i].word);
    }
}

static bool read_duration(const struct option *option, struct text value, struct arena *arena,
                          void *field)
{
    (void)arena;
    return read_quantity(option, value, duration_units, DURATION_UNIT_COUNT, field);
}

static void write_duration(struct buffer *buffer, int64_t microseconds)
{
    write_quantity(buffer, microseconds, duration_units, DURATION_UNIT_COUNT);
}

static bool read_size(const struct option *option, struct text value, struct arena *arena,
                      void *field)
{
    (void)arena;
    return read_quantity(option, value, size_units, SIZE_UNIT_COUNT, field);
}

static void write_size(struct buffer *buffer, int64_t bytes)
{
    write_quantity(buffer, bytes, size_units, SIZE_UNIT_COUNT);
}

static bool read_integer(const struct option *option, struct text value, struct arena *arena,
                         void *field)
{
    (void)arena;
    return text_to_integer(value, option->minimum, option->maximum, field);
}

static bool read_choice(const struct option *option, struct text value, struct arena *arena,
                        void *field)
{
    unsigned *choice = field;
    (void)arena;
    for (unsigned i = 0; option->choices[i] != NULL; i++) {
        if (text_equal(value, text_of(option->choices[i]))) {
            *choice = i;
            return true;
        }
    }
    return false;
}

static bool keep_text(struct text value, struct arena *arena, struct text *field)
{
    *field = arena_copy(arena, value);
    return field->data != NULL;
}

static bool length_is_allowed(const struct option *option, struct text value)
{
    int64_t characters = (int64_t)text_characters(value);
    return characters >= option->minimum && characters <= option->maximum;
}

static bool read_text(const struct option *option, struct text value, struct arena *arena,
                      void *field)
{
    return text_is_utf8(value) && !text_has_control(value) && length_is_allowed(option, value) &&
           keep_text(value, arena, field);
}

static bool read_secret(const struct option *option, struct text value, struct arena *arena,
                        void *field)
{
    return text_is_visible(value) && length_is_allowed(option, value) &&
           keep_text(value, arena, field);
}

static bool read_email(const struct option *option, struct text value, struct arena *arena,
                       void *field)
{
    struct text domain = value;
    struct text local = text_cut(&domain, '@');
    return local.length > 0 && domain.length > 0 && text_find(domain, '@') == domain.length &&
           text_find(value, ' ') == value.length && read_text(option, value, arena, field);
}

static bool read_path(const struct option *option, struct text value, struct arena *arena,
                      void *field)
{
    (void)option;
    return value.length > 0 && value.length < PATH_MAX && !text_has_control(value) &&
           keep_text(value, arena, field);
}

/* "[::1]:8080" or "host:8080": an IPv6 address without brackets could end anywhere. */
static bool is_host_and_port(struct text value)
{
    enum { PORT_MAXIMUM = 65535 };
    bool bracketed = value.length > 0 && value.data[0] == '[';
    size_t host_end = bracketed ? text_find(value, ']') + 1 : text_find(value, ':');
    struct text port = text_from(value, host_end);
    int64_t number;
    return host_end > (bracketed ? 2 : 0) && text_starts_with(port, TEXT(":")) &&
           text_to_integer(text_from(port, 1), 0, PORT_MAXIMUM, &number);
}

static bool is_unix_address(struct text value)
{
    static const struct text scheme = TEXT("unix:");
    struct text path = text_from(value, scheme.length);
    return text_starts_with(value, scheme) && path.length > 0 &&
           path.length < sizeof((struct sockaddr_un *)NULL)->sun_path;
}

static bool read_address(const struct option *option, struct text value, struct arena *arena,
                         void *field)
{
    (void)option;
    return text_is_visible(value) && (is_unix_address(value) || is_host_and_port(value)) &&
           keep_text(value, arena, field);
}

static bool read_network(const struct option *option, struct text value, struct arena *arena,
                         void *field)
{
    (void)option;
    (void)arena;
    return network_parse(value, field);
}

static bool read_database(const struct option *option, struct text value, struct arena *arena,
                          void *field)
{
    (void)option;
    return text_is_visible(value) && store_url_is_valid(value) && keep_text(value, arena, field);
}

static bool read_sqlite(const struct option *option, struct text value, struct arena *arena,
                        void *field)
{
    static const struct text scheme = TEXT("sqlite:");
    return text_starts_with(value, scheme) &&
           read_path(option, text_from(value, scheme.length), arena, field);
}

static bool read_url(const struct option *option, struct text value, struct arena *arena,
                     void *field)
{
    (void)option;
    return url_normalize(value, arena, field);
}

static bool read_switch(const struct option *option, struct text value, struct arena *arena,
                        void *field)
{
    bool *on = field;
    (void)option;
    (void)value;
    (void)arena;
    *on = true;
    return true;
}

/* clang-format off */
static const struct option_traits traits[OPTION_KIND_COUNT] = {
    [OPTION_ADDRESSES] = { .value_name = "ADDRESS", .read = read_address,
        .item_size = sizeof(struct text),
        .expected = "host:port, [host]:port or unix:PATH" },
    [OPTION_CHOICE] = { .value_name = "WORD", .read = read_choice,
        .expected = "one of" },
    [OPTION_DATABASE] = { .value_name = "URL", .read = read_database,
        .variable_end = "_URL",
        .expected = "a URL such as postgresql://user@host/name, with libpq's parameters" },
    [OPTION_DIRECTORY] = { .value_name = "DIRECTORY", .read = read_path,
        .expected = "a path" },
    [OPTION_DURATION] = { .value_name = "DURATION", .read = read_duration,
        .expected = "a duration such as 500ms, 10s, 5m, 24h or 7d,",
        .write_bound = write_duration },
    [OPTION_EMAIL] = { .value_name = "EMAIL", .read = read_email,
        .expected = "an e-mail address" },
    [OPTION_FILE] = { .value_name = "FILE", .read = read_path,
        .expected = "a path" },
    [OPTION_INTEGER] = { .value_name = "NUMBER", .read = read_integer,
        .expected = "an integer",
        .write_bound = buffer_append_integer },
    [OPTION_NETWORKS] = { .value_name = "NETWORK", .read = read_network,
        .item_size = sizeof(struct network),
        .expected = "a network such as 10.0.0.0/8 without bits beyond its prefix, an address, or "
                    "the word unix" },
    [OPTION_SECRET] = { .value_name = "SECRET", .read = read_secret,
        .expected = "visible ASCII text,",
        .write_bound = buffer_append_integer, .range_end = "characters long" },
    [OPTION_SECRET_FILE] = { .value_name = "FILE", .read = read_secret,
        .expected = "a file of visible ASCII text,",
        .write_bound = buffer_append_integer, .range_end = "characters long" },
    [OPTION_SIZE] = { .value_name = "SIZE", .read = read_size,
        .expected = "a number of bytes such as 65536, 16KiB or 1MiB,",
        .write_bound = write_size },
    [OPTION_SQLITE] = { .value_name = "sqlite:DIRECTORY", .read = read_sqlite,
        .expected = "sqlite: and the path of a directory" },
    [OPTION_SWITCH] = { .read = read_switch,
        .expected = "a flag without a value" },
    [OPTION_TEXT] = { .value_name = "TEXT", .read = read_text,
        .expected = "UTF-8 text without control characters,",
        .write_bound = buffer_append_integer, .range_end = "characters long" },
    [OPTION_URL] = { .value_name = "URL", .read = read_url,
        .expected = "an http:// or https:// URL without user, query or fragment" },
};
/* clang-format on */

const struct option_traits *option_traits(enum option_kind kind)
{
    ASSERT(kind < OPTION_KIND_COUNT);
    return &traits[kind];
}

void option_write_expected(const struct option *option, struct buffer *buffer)
{
    const struct option_traits *kind = option_traits(option->kind);
    buffer_append(buffer, text_of(kind->expected));
    if (kind->write_bound != NULL) {
        buffer_append(buffer, TEXT(" from "));
        kind->write_bound(buffer, option->minimum);
        buffer_append(buffer, TEXT(" to "));
        kind->write_bound(buffer, option->maximum);
    }
    if (kind->range_end != NULL) {
        buffer_append_format(buffer, " %s", kind->range_end);
    }
    for (size_t i = 0; option->choices != NULL && option->choices[i] != NULL; i++) {
        buffer_append_format(buffer, "%s%s", i > 0 ? ", " : " ", option->choices[i]);
    }
}

bool option_has_variable(const struct option *option)
{
    return option->use != OPTION_USE_FLAG && option->use != OPTION_USE_REQUIRED;
}

void option_write_variable(const struct option *option, struct buffer *buffer)
{
    buffer_append(buffer, TEXT("ORGKEYS_"));
    for (const char *byte = option->name; *byte != '\0'; byte++) {
        char upper = *byte >= 'a' && *byte <= 'z' ? (char)(*byte - ('a' - 'A')) : *byte;
        buffer_append_byte(buffer, upper == '-' ? '_' : upper);
    }
    buffer_append(buffer, text_of(option_traits(option->kind)->variable_end));
}
