#include "server/public_url.h"

/* A wildcard and a Unix socket are no addresses to connect to. */
static struct text reachable_address(struct text address, struct arena *arena)
{
    static const struct text wildcards[] = { { "0.0.0.0", 7 }, { "[::]", 4 } };
    for (size_t i = 0; i < sizeof wildcards / sizeof wildcards[0]; i++) {
        if (text_starts_with(address, wildcards[i])) {
            return arena_format(arena, "localhost%.*s",
                                TEXT_ARGUMENTS(text_from(address, wildcards[i].length)));
        }
    }
    return text_starts_with(address, TEXT("unix:")) ? TEXT("localhost") : address;
}

struct text url_of_address(struct text address, struct arena *arena)
{
    struct text reachable = reachable_address(address, arena);
    return reachable.data == NULL ? TEXT_NONE
                                  : arena_format(arena, "http://%.*s", TEXT_ARGUMENTS(reachable));
}

struct text public_url(const struct config *config, struct text address, struct arena *arena)
{
    return config->public_url.data != NULL ? config->public_url : url_of_address(address, arena);
}
