/* io/dvs/percent_header.c - lines of "% key value" before Prophesee's data. */
#include "io/dvs/percent_header.h"

#include <stdlib.h>
#include <string.h>

enum { LINE_MAX_BYTES = 1024, HEADER_MAX = 1 << 16 };

/* Length of a line with its end, or 0: data starts here. A first byte '%' of
 * data is told from a line by what comes after it. */
static size_t line_length(const uint8_t *b, size_t n)
{
    if (n < 3 || b[0] != '%' || b[1] != ' ') {
        return 0;
    }
    size_t most = n < LINE_MAX_BYTES ? n : LINE_MAX_BYTES;
    for (size_t k = 2; k < most; k++) {
        if (b[k] == '\n') {
            return k + 1;
        }
        if (b[k] < 0x20 && b[k] != '\t' && b[k] != '\r') {
            return 0;
        }
    }
    return 0;
}

static uint32_t side(const char *text)
{
    unsigned long n = strtoul(text, NULL, 10);
    return n <= 0xFFFF ? (uint32_t)n : 0;
}

/* Value of "name=" in "EVT3;height=720;width=1280". */
static uint32_t part(const char *value, const char *name)
{
    const char *at = strstr(value, name);
    return at ? side(at + strlen(name)) : 0;
}

static void copy(char *to, size_t room, const char *from)
{
    snprintf(to, room, "%.*s", (int)(room - 1), from);
}

/* Sensors of cameras whose files do not tell the size. */
static void take_system(struct ebb_percent_header *h, unsigned long id)
{
    if (h->width) {
        return;
    }
    if (id == 21) {
        h->width = 640;
        h->height = 480;
    } else if (id == 48 || id == 49) {
        h->width = 1280;
        h->height = 720;
    }
}

static void take_format(struct ebb_percent_header *h, const char *value)
{
    static const char *const names[][2] = {
        {"EVT21", "2.1"}, {"EVT2", "2.0"}, {"EVT3", "3.0"}};
    for (size_t k = 0; k < 3; k++) {
        size_t n = strlen(names[k][0]);
        if (strncmp(value, names[k][0], n) == 0 &&
            (value[n] == ';' || !value[n])) {
            copy(h->evt, sizeof(h->evt), names[k][1]);
        }
    }
    uint32_t width = part(value, "width="), height = part(value, "height=");
    if (width && height) {
        h->width = width;
        h->height = height;
    }
    const char *order = strstr(value, "endianness=");
    if (order) {
        copy(h->endianness, sizeof(h->endianness),
             strncmp(order + 11, "legacy", 6) == 0 ? "legacy" : "little");
    }
}

static void take(struct ebb_percent_header *h, const char *key,
                 const char *value)
{
    bool known = true;
    if (strcmp(key, "format") == 0) {
        take_format(h, value);
    } else if (strcmp(key, "evt") == 0) {
        copy(h->evt, sizeof(h->evt), value);
    } else if (strcmp(key, "geometry") == 0) {
        const char *x = strchr(value, 'x');
        h->width = side(value);
        h->height = x ? side(x + 1) : 0;
    } else if (strcmp(key, "endianness") == 0) {
        copy(h->endianness, sizeof(h->endianness), value);
    } else if (strcmp(key, "plugin_name") == 0) {
        copy(h->device, sizeof(h->device), value);
    } else if (strcmp(key, "system_ID") == 0) {
        take_system(h, strtoul(value, NULL, 10));
    } else if (strcmp(key, "Version") == 0) {
        h->version = side(value);
    } else if (strcmp(key, "Width") == 0) {
        h->width = side(value);
    } else if (strcmp(key, "Height") == 0) {
        h->height = side(value);
    } else {
        known = strcmp(key, "Date") == 0 || strcmp(key, "date") == 0 ||
                strcmp(key, "Data") == 0;
    }
    h->known = h->known || known;
}

void ebb_percent_header_parse(struct ebb_percent_header *out,
                              const uint8_t *bytes, size_t n)
{
    *out = (struct ebb_percent_header){.bytes = 0};
    for (size_t length; out->bytes < n; out->bytes += length) {
        length = line_length(bytes + out->bytes, n - out->bytes);
        if (length == 0) {
            return;
        }
        char line[LINE_MAX_BYTES];
        memcpy(line, bytes + out->bytes + 2, length - 2);
        line[length - 3] = '\0';
        line[strcspn(line, "\r")] = '\0';
        if (strcmp(line, "end") == 0) {
            out->bytes += length;
            out->ended = true;
            return;
        }
        char *value = line + strcspn(line, " ");
        if (*value) {
            *value++ = '\0';
        }
        take(out, line, value);
    }
}

/* Is all that is left the start of a line? */
static bool is_cut(const uint8_t *b, size_t n)
{
    size_t k = 2;
    while (k < n && b[k] >= 0x20 && b[k] < 0x7F) {
        k++;
    }
    return n >= 2 && n < LINE_MAX_BYTES && b[0] == '%' && b[1] == ' ' && k == n;
}

ebb_status ebb_percent_header_take(struct ebb_percent_header *out,
                                   struct ebb_dvs_reader *r)
{
    size_t have;
    const uint8_t *b = ebb_dvs_bytes_peek(&r->in, HEADER_MAX, &have);
    ebb_percent_header_parse(out, b, have);
    if (!out->ended && have < HEADER_MAX &&
        is_cut(b + out->bytes, have - out->bytes)) {
        return EBB_FAIL(EBB_ERR_FORMAT, "the file ends in its header");
    }
    ebb_dvs_bytes_skip(&r->in, out->bytes);
    r->about.width = out->width;
    r->about.height = out->height;
    copy(r->about.device, sizeof(r->about.device), out->device);
    return EBB_OK;
}

/* May this become a line, by line_length(), when more comes? */
static bool may_become_line(const uint8_t *b, size_t n)
{
    static const char start[] = "% ";
    if (n >= LINE_MAX_BYTES || memcmp(b, start, n < 2 ? n : 2) != 0) {
        return false;
    }
    for (size_t k = 2; k < n; k++) {
        if (b[k] < 0x20 && b[k] != '\t' && b[k] != '\r') {
            return false;
        }
    }
    return true;
}

bool ebb_percent_header_ready(struct ebb_dvs_reader *r)
{
    struct ebb_percent_header h;
    size_t have;
    const uint8_t *b = ebb_dvs_bytes_peek(&r->in, 0, &have);
    ebb_percent_header_parse(&h, b, have);
    return h.ended || have >= HEADER_MAX ||
           !may_become_line(b + h.bytes, have - h.bytes);
}
