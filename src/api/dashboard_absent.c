#include "api/dashboard.h"

#define PAGE                                                                               \
    "<!doctype html>\n"                                                                    \
    "<html lang=\"en\">\n"                                                                 \
    "<meta charset=\"utf-8\">\n"                                                           \
    "<meta name=\"viewport\" content=\"width=device-width\">\n"                            \
    "<meta name=\"color-scheme\" content=\"light dark\">\n"                                \
    "<link rel=\"icon\" href=\"data:,\">\n"                                                \
    "<title>orgkeys: no dashboard</title>\n"                                               \
    "<h1>This server was built without its dashboard</h1>\n"                               \
    "<p>Everything else works: keys are checked, and the admin API, the SDKs and "         \
    "<code>orgkeys</code> on the command line do all that the dashboard does.</p>\n"       \
    "<p>To have it, install Node.js 18 or newer with npm where orgkeys is built "          \
    "(<code>apt install nodejs npm</code>), then run "                                     \
    "<code>make clean &amp;&amp; make build</code> there, and start the new server.</p>\n" \
    "</html>\n"

const struct dashboard_file dashboard_files[] = {
    {
        .path = { "/", 1 },
        .content_type = { "text/html; charset=utf-8", 24 },
        .tag = { "absent", 6 },
        .status = 404,
        .plain = { PAGE, sizeof PAGE - 1 },
    },
};
const size_t dashboard_file_count = 1;
