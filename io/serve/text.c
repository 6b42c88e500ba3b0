/* io/serve/text.c - a text that grows. */
#include "io/serve/text.h"

#include "core/memory.h"

#include <math.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

/* Room for n more characters, or NULL. */
static char *reserve(struct ebb_text *text, size_t n)
{
    if (text->status != EBB_OK) {
        return NULL;
    }
    if (n > SIZE_MAX - text->n) {
        text->status = EBB_ERR_NOMEM;
        return NULL;
    }
    text->status = ebb_mem_grow(&text->chars, &text->capacity, text->n + n, 1);
    return text->status == EBB_OK ? text->chars + text->n : NULL;
}

void ebb_text_put(struct ebb_text *text, const void *chars, size_t n)
{
    char *to = reserve(text, n);
    if (to && n > 0) {
        memcpy(to, chars, n);
        text->n += n;
    }
}

void ebb_text_add(struct ebb_text *text, const char *format, ...)
{
    char *to = reserve(text, 128);
    if (!to) {
        return;
    }
    va_list values, again;
    va_start(values, format);
    va_copy(again, values);
    size_t room = text->capacity - text->n;
    int used = vsnprintf(to, room, format, values);
    va_end(values);
    if (used >= 0 && (size_t)used >= room) {
        room = (size_t)used + 1;
        to = reserve(text, room);
        used = to ? vsnprintf(to, room, format, again) : 0;
    }
    va_end(again);
    text->n += used > 0 ? (size_t)used : 0;
}

/* Bytes of the UTF-8 character at `s`, or 0 where there is none. */
static size_t character(const unsigned char *s)
{
    size_t n = s[0] < 0x80                    ? 1
               : s[0] >= 0xC2 && s[0] <= 0xDF ? 2
               : (s[0] & 0xF0) == 0xE0        ? 3
               : s[0] >= 0xF0 && s[0] <= 0xF4 ? 4
                                              : 0;
    for (size_t k = 1; k < n; k++) {
        if ((s[k] & 0xC0) != 0x80) {
            return 0;
        }
    }
    int overlong =
        (s[0] == 0xE0 && s[1] < 0xA0) || (s[0] == 0xF0 && s[1] < 0x90);
    int surrogate = s[0] == 0xED && s[1] > 0x9F;
    int beyond = s[0] == 0xF4 && s[1] > 0x8F;
    return overlong || surrogate || beyond ? 0 : n;
}

void ebb_text_add_json(struct ebb_text *text, const char *string)
{
    const unsigned char *s = (const unsigned char *)string;
    ebb_text_put(text, "\"", 1);
    while (*s) {
        size_t n = character(s);
        if (n == 0) {
            ebb_text_put(text, "\xEF\xBF\xBD", 3);
            n = 1;
        } else if (*s == '"' || *s == '\\') {
            ebb_text_add(text, "\\%c", *s);
        } else if (*s < ' ') {
            ebb_text_add(text, "\\u%04x", *s);
        } else {
            ebb_text_put(text, s, n);
        }
        s += n;
    }
    ebb_text_put(text, "\"", 1);
}

void ebb_text_add_number(struct ebb_text *text, double value)
{
    if (isfinite(value)) {
        ebb_text_add(text, "%.9g", value);
    } else {
        ebb_text_put(text, "null", 4);
    }
}

static void encode(char to[4], const uint8_t *from, size_t n)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                 "abcdefghijklmnopqrstuvwxyz0123456789+/";
    uint32_t bits = (uint32_t)from[0] << 16;
    bits |= n > 1 ? (uint32_t)from[1] << 8 : 0;
    bits |= n > 2 ? from[2] : 0;
    to[0] = digits[bits >> 18];
    to[1] = digits[bits >> 12 & 63];
    to[2] = digits[bits >> 6 & 63];
    to[3] = digits[bits & 63];
    memcpy(to + n + 1, "==", n < 3 ? 3 - n : 0);
}

void ebb_text_add_base64(struct ebb_text *text, const void *bytes, size_t n)
{
    const uint8_t *from = bytes;
    size_t groups = n / 3 + (n % 3 != 0);
    char *to = reserve(text, groups > SIZE_MAX / 4 ? SIZE_MAX : 4 * groups);
    if (!to) {
        return;
    }
    for (size_t k = 0; k < groups; k++) {
        encode(to + 4 * k, from + 3 * k, n - 3 * k < 3 ? n - 3 * k : 3);
    }
    text->n += 4 * groups;
}

void ebb_text_clear(struct ebb_text *text)
{
    text->n = 0;
    text->status = EBB_OK;
}

ebb_status ebb_text_status(const struct ebb_text *text)
{
    return text->status == EBB_OK
               ? EBB_OK
               : EBB_FAIL(text->status, "no memory for a text of %zu bytes",
                          text->n);
}

void ebb_text_finish(struct ebb_text *text)
{
    ebb_mem_free(text->chars);
    *text = (struct ebb_text){0};
}
