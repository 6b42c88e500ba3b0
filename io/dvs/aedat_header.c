/* io/dvs/aedat_header.c - the lines of text before AEDAT's data. */
#include "io/dvs/aedat_header.h"

#include <string.h>
#include <strings.h>

/* Preferences in XML make long lines; data soon has a byte that is no text. */
enum { LONGEST = 1 << 16 };

bool ebb_aedat_line(struct ebb_dvs_bytes *in, char line[EBB_AEDAT_LINE])
{
    size_t have, n = 0;
    const uint8_t *b = ebb_dvs_bytes_peek(in, LONGEST, &have);
    if (have == 0 || b[0] != '#') {
        return false;
    }
    while (n < have && n < LONGEST && b[n] != '\n') {
        if (b[n] < 0x20 && b[n] != '\t' && b[n] != '\r') {
            return false;
        }
        n++;
    }
    if (n == have || n == LONGEST) {
        return false;
    }
    size_t copied = n < EBB_AEDAT_LINE - 1 ? n : EBB_AEDAT_LINE - 1;
    memcpy(line, b, copied);
    line[copied] = '\0';
    line[strcspn(line, "\r")] = '\0';
    ebb_dvs_bytes_skip(in, n + 1);
    return true;
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
