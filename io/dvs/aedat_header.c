/* io/dvs/aedat_header.c - the lines of text before AEDAT's data. */
#include "io/dvs/aedat_header.h"

#include <string.h>
#include <strings.h>

/* Preferences in XML make long lines; data soon has a byte that is no text. */
enum { LONGEST = 1 << 16 };

/* Characters of text before the first that is none, or ends a line. */
static size_t text_length(const uint8_t *b, size_t n)
{
    size_t k = 0;
    while (k < n && k < LONGEST &&
           (b[k] >= 0x20 || b[k] == '\t' || b[k] == '\r')) {
        k++;
    }
    return k;
}

bool ebb_aedat_line(struct ebb_dvs_bytes *in, char line[EBB_AEDAT_LINE])
{
    size_t have;
    const uint8_t *b = ebb_dvs_bytes_peek(in, LONGEST, &have);
    size_t n = text_length(b, have);
    if (n == 0 || n == have || b[0] != '#' || b[n] != '\n') {
        return false;
    }
    size_t copied = n < EBB_AEDAT_LINE - 1 ? n : EBB_AEDAT_LINE - 1;
    memcpy(line, b, copied);
    line[copied] = '\0';
    line[strcspn(line, "\r")] = '\0';
    ebb_dvs_bytes_skip(in, n + 1);
    return true;
}

bool ebb_aedat_is_cut(struct ebb_dvs_bytes *in)
{
    size_t have;
    const uint8_t *b = ebb_dvs_bytes_peek(in, LONGEST, &have);
    return have > 0 && have < LONGEST && b[0] == '#' &&
           text_length(b, have) == have;
}

bool ebb_aedat_starts(const struct ebb_dvs_start *start, const char *word)
{
    size_t n = strlen(word);
    return start->n >= n && memcmp(start->bytes, word, n) == 0;
}

void ebb_aedat_sensor(struct ebb_dvs_about *about, const char *chip)
{
    static const struct {
        const char *name;
        uint32_t width, height;
    } sensors[] = {{"DVS128", 128, 128},    {"DAVIS128", 128, 128},
                   {"DAVIS240", 240, 180},  {"DAVIS208", 208, 192},
                   {"DAVIS346", 346, 260},  {"DAVIS640", 640, 480},
                   {"DVXplorer", 640, 480}, {"ATIS304", 304, 240}};
    const char *last = strrchr(chip, '.'); /* a class of Java */
    chip = last ? last + 1 : chip;
    snprintf(about->device, sizeof(about->device), "%.*s",
             (int)sizeof(about->device) - 1, chip);
    for (size_t k = 0; k < sizeof(sensors) / sizeof(sensors[0]); k++) {
        if (strncasecmp(chip, sensors[k].name, strlen(sensors[k].name)) == 0) {
            about->width = sensors[k].width;
            about->height = sensors[k].height;
        }
    }
}
