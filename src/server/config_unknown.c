#include "server/config.h"

#include <stdio.h>

#include "base/suggest.h"
#include "server/config_value.h"
#include "server/options.h"

enum { NAME_MAXIMUM = 64, NAMES_MEMORY_MAXIMUM = OPTIONS_MAXIMUM * (NAME_MAXIMUM + 1) };

static const struct text prefix = TEXT("ORGKEYS_");

/* The variables of all commands. */
struct known {
    struct buffer memory;
    const char *names[OPTIONS_MAXIMUM]; /* without the prefix, which would count as likeness */
    size_t count;
};

static void list_known(struct known *known)
{
    *known = (struct known){ .count = 0 };
    buffer_init(&known->memory, NAMES_MEMORY_MAXIMUM);
    if (!buffer_reserve(&known->memory, NAMES_MEMORY_MAXIMUM)) {
        return;
    }
    for (size_t i = 0; i < option_count; i++) {
        size_t start = known->memory.length;
        if (option_has_variable(&options[i])) {
            option_write_variable(&options[i], &known->memory);
            buffer_append_byte(&known->memory, '\0');
            known->names[known->count++] = known->memory.data + start + prefix.length;
        }
    }
}

static bool is_known(const struct known *known, struct text name)
{
    for (size_t i = 0; i < known->count; i++) {
        if (text_equal(name, text_of(known->names[i]))) {
            return true;
        }
    }
    return false;
}

/*
 * Kubernetes tells every container where each service is: of one that is called orgkeys,
 * ORGKEYS_SERVICE_HOST, ORGKEYS_PORT=tcp://10.0.0.1:8080, ORGKEYS_PORT_8080_TCP_ADDR...
 */
static bool is_of_kubernetes(struct text name, struct text value)
{
    return text_starts_with(name, TEXT("SERVICE_")) || text_starts_with(name, TEXT("PORT_")) ||
           (text_equal(name, TEXT("PORT")) && text_starts_with(value, TEXT("tcp://")));
}

/* Of somebody else's, as whom it is shown to can read it. */
static struct text write_shown(struct text name, char shown[NAME_MAXIMUM])
{
    struct text cut = text_until(name, NAME_MAXIMUM);
    for (size_t i = 0; i < cut.length; i++) {
        shown[i] = (char)(cut.data[i] > ' ' && cut.data[i] <= '~' ? cut.data[i] : '?');
    }
    return (struct text){ shown, cut.length };
}

void config_find_unknown(char **environment, config_say_unknown *say, void *context)
{
    struct known known;
    list_known(&known);
    for (char **entry = environment; *entry != NULL && known.count > 0; entry++) {
        char shown[NAME_MAXIMUM];
        char nearest[NAME_MAXIMUM];
        struct text value = text_of(*entry);
        struct text whole = text_cut(&value, '=');
        struct text name = text_from(whole, prefix.length);
        if (!text_starts_with(whole, prefix) || is_known(&known, name) ||
            is_of_kubernetes(name, value)) {
            continue;
        }
        const char *found = suggest(name, known.names, known.count);
        (void)snprintf(nearest, sizeof nearest, "%.*s%s", TEXT_ARGUMENTS(prefix),
                       found != NULL ? found : "");
        say(context, write_shown(whole, shown), found != NULL ? text_of(nearest) : TEXT_NONE);
    }
    buffer_free(&known.memory);
}
