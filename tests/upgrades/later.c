/*
 * The migrations of a release that comes later: today's and one that changes what is there. Where
 * LATER_MIGRATION=broken, it fails after it has changed and deleted some.
 */
#include <stdlib.h>
#include <string.h>

#include "base/result.h"
#include "store/migrations.h"

const struct store_migration *__real_store_migrations(size_t *ret_count);
const struct store_migration *__wrap_store_migrations(size_t *ret_count);

enum { MIGRATIONS_MAXIMUM = 100 };

#define WHOLE                                        \
    "ALTER TABLE projects ADD COLUMN label TEXT;"    \
    "UPDATE projects SET label = 'label of ' || id;" \
    "CREATE INDEX projects_by_label ON projects (organization_id, label);"
#define BROKEN                                 \
    WHOLE "UPDATE projects SET name = 'lost';" \
          "DELETE FROM project_api_keys;"      \
          "INSERT INTO no_such_table VALUES (1);"

static struct store_migration migrations[MIGRATIONS_MAXIMUM];
static size_t count;

/* Before there are threads. */
__attribute__((constructor)) static void add_one(void)
{
    const struct store_migration *today = __real_store_migrations(&count);
    const char *wanted = getenv("LATER_MIGRATION");
    const char *text = wanted != NULL && strcmp(wanted, "broken") == 0 ? BROKEN : WHOLE;
    ASSERT(count < MIGRATIONS_MAXIMUM);
    memcpy(migrations, today, count * sizeof *today);
    migrations[count] = (struct store_migration){ (int)count + 1, text, text };
    count++;
}

const struct store_migration *__wrap_store_migrations(size_t *ret_count)
{
    *ret_count = count;
    return migrations;
}
