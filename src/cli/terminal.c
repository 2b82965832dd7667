#include "cli/terminal.h"

#include <errno.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>
#include <wchar.h>

void terminal_describe(struct terminal *ret_terminal)
{
    struct winsize size;
    const char *no_color = getenv("NO_COLOR");
    const char *kind = getenv("TERM");
    bool is_dumb = kind == NULL || strcmp(kind, "dumb") == 0;
    *ret_terminal = (struct terminal){
        .in_is_terminal = isatty(STDIN_FILENO) == 1,
        .out_is_terminal = isatty(STDOUT_FILENO) == 1,
        .error_is_terminal = isatty(STDERR_FILENO) == 1,
        .has_color = !is_dumb && (no_color == NULL || no_color[0] == '\0'),
    };
    if (ret_terminal->out_is_terminal && ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0) {
        ret_terminal->width = size.ws_col;
    }
    /* Of the thread, and of characters alone: numbers and times stay as they are. */
    locale_t locale = newlocale(LC_CTYPE_MASK, "C.UTF-8", NULL);
    if (locale != NULL) {
        (void)uselocale(locale);
    }
}

/* ---- Characters ---- */

/* Cuts the first character off a text; what is not UTF-8 is one byte, and 0xfffd. */
static wchar_t cut_character(struct text *rest, struct text *ret_bytes)
{
    mbstate_t state = { 0 };
    wchar_t character = 0;
    size_t length = mbrtowc(&character, rest->data, rest->length, &state);
    if (length == 0 || length > rest->length) {
        character = length == 0 ? L'\0' : 0xfffd;
        length = 1;
    }
    *ret_bytes = text_until(*rest, length);
    *rest = text_from(*rest, length);
    return character;
}

/* Control characters (C0, DEL, C1), line separators, and what turns the direction of a text. */
static bool is_harmful(wchar_t character)
{
    static const struct {
        wchar_t first;
        wchar_t last;
    } ranges[] = { { 0x00, 0x1f },     { 0x7f, 0x9f },     { 0x061c, 0x061c }, { 0x200e, 0x200f },
                   { 0x2028, 0x202e }, { 0x2066, 0x2069 }, { 0xfffd, 0xfffd } };
    for (size_t i = 0; i < sizeof ranges / sizeof ranges[0]; i++) {
        if (character >= ranges[i].first && character <= ranges[i].last) {
            return true;
        }
    }
    return false;
}

static size_t columns_of(wchar_t character)
{
    int columns = wcwidth(character);
    return columns >= 0 ? (size_t)columns : 1;
}

size_t text_width(struct text text)
{
    size_t width = 0;
    while (text.length > 0) {
        struct text bytes;
        width += columns_of(cut_character(&text, &bytes));
    }
    return width;
}

struct text text_fitting(struct text text, size_t width)
{
    struct text rest = text;
    size_t used = 0;
    size_t length = 0;
    while (rest.length > 0 && used <= width) {
        struct text bytes;
        length = text.length - rest.length;
        used += columns_of(cut_character(&rest, &bytes));
    }
    return used <= width ? text : text_until(text, length);
}

void append_harmless(struct buffer *buffer, struct text text)
{
    while (text.length > 0) {
        struct text bytes;
        if (is_harmful(cut_character(&text, &bytes))) {
            buffer_append_byte(buffer, '?');
        } else {
            buffer_append(buffer, bytes);
        }
    }
}

/* Between the texts of JSON there is white space at most, and that is harmless. */
void append_harmless_json(struct buffer *buffer, struct text json)
{
    while (json.length > 0) {
        struct text bytes;
        wchar_t character = cut_character(&json, &bytes);
        if (is_harmful(character) && character >= 0x20) {
            buffer_append_format(buffer, "\\u%04x", (unsigned)character);
        } else {
            buffer_append(buffer, bytes);
        }
    }
}

/* ---- Talking ---- */

/* Who reads may have had enough, as `head` has: that is not worth a word. */
bool print(const struct buffer *buffer)
{
    struct text text = buffer_text(buffer);
    if (buffer->failed) {
        (void)fputs("orgkeys: there is not enough memory for what is to be printed\n", stderr);
        return false;
    }
    if (fwrite(text.data, 1, text.length, stdout) == text.length && fflush(stdout) == 0) {
        return true;
    }
    if (errno != EPIPE) {
        (void)fprintf(stderr, "orgkeys: cannot write to standard output: %s\n", strerror(errno));
    }
    return false;
}

bool confirm(const char *question)
{
    char answer[16];
    (void)fprintf(stderr, "%s [y/N] ", question);
    return fgets(answer, sizeof answer, stdin) != NULL && (answer[0] == 'y' || answer[0] == 'Y');
}
