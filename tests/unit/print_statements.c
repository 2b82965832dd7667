/* Prints every migration and every statement as JSON, for the test that prepares them on both
 * databases. */
#include <stdio.h>

#include "base/buffer.h"
#include "codec/json_writer.h"
#include "store/migrations.h"
#include "store/statements.h"

enum { OUTPUT_MAXIMUM = 1024 * 1024 };

static void write_member(struct buffer *buffer, const char *name, const char *value)
{
    json_write_name(buffer, text_of(name));
    json_write_text(buffer, text_of(value));
}

static void write_migration(struct buffer *buffer, const struct store_migration *migration)
{
    json_write_open(buffer, '{');
    json_write_name(buffer, TEXT("number"));
    json_write_integer(buffer, migration->number);
    write_member(buffer, "sqlite", migration->sqlite);
    write_member(buffer, "postgres", migration->postgres);
    json_write_close(buffer, '}');
}

int main(void)
{
    struct buffer buffer;
    size_t count;
    const struct store_migration *migrations = store_migrations(&count);
    buffer_init(&buffer, OUTPUT_MAXIMUM);
    json_write_open(&buffer, '{');
    json_write_name(&buffer, TEXT("migrations"));
    json_write_open(&buffer, '[');
    write_migration(&buffer, store_migration_table());
    for (size_t i = 0; i < count; i++) {
        write_migration(&buffer, &migrations[i]);
    }
    json_write_close(&buffer, ']');
    json_write_name(&buffer, TEXT("statements"));
    json_write_open(&buffer, '[');
    for (enum statement i = 0; i < STATEMENT_COUNT; i++) {
        json_write_open(&buffer, '{');
        write_member(&buffer, "name", statements[i].name);
        write_member(&buffer, "sql", statements[i].sql);
        json_write_close(&buffer, '}');
    }
    json_write_close(&buffer, ']');
    json_write_close(&buffer, '}');
    (void)printf("%.*s\n", TEXT_ARGUMENTS(buffer_text(&buffer)));
    buffer_free(&buffer);
    return buffer.failed ? 1 : 0;
}
