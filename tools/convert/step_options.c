/* tools/convert/step_options.c - options for what is done to events. */
#include "tools/convert/step_options.h"

#include <math.h>
#include <stdlib.h>

enum { SIDE_MAX = 65536 };

bool ebb_step_numbers(const char *text, char between, uint32_t *out, size_t n)
{
    for (size_t k = 0; k < n; k++) {
        char *end = NULL;
        unsigned long x = strtoul(text, &end, 10);
        if (*text < '0' || *text > '9' || x > SIDE_MAX ||
            *end != (k + 1 < n ? between : '\0')) {
            return false;
        }
        out[k] = (uint32_t)x;
        text = end + 1;
    }
    return true;
}

ebb_status ebb_step_time(const struct ebb_args *args, const char *name,
                         int64_t *us)
{
    double seconds = -1;
    EBB_TRY(ebb_args_seconds(args, name, &seconds));
    if (seconds > 9e12) {
        return EBB_FAIL(EBB_ERR_ARG, "--%s is '%.40s', 285000 years or more",
                        name, ebb_args_text(args, name));
    }
    if (seconds >= 0) {
        *us = llround(1e6 * seconds);
    }
    return EBB_OK;
}

static ebb_status take_picture(struct ebb_steps *s, const struct ebb_args *args)
{
    static const char *const flips[] = {"x", "y", "xy"};
    size_t flip = 3;
    uint64_t shrink = 1;
    const char *crop = ebb_args_text(args, "crop");
    if (crop && (!ebb_step_numbers(crop, ',', s->crop, 4) || !s->crop[2] ||
                 !s->crop[3])) {
        return EBB_FAIL(EBB_ERR_ARG,
                        "--crop is '%.40s'; it must be column, row, width and "
                        "height, such as 10,20,64,64",
                        crop);
    }
    EBB_TRY(ebb_args_word(args, "flip", flips, 3, &flip));
    s->flip_x = flip == 0 || flip == 2;
    s->flip_y = flip == 1 || flip == 2;
    EBB_TRY(ebb_args_count(args, "shrink", 1, 1024, &shrink));
    s->shrink = (uint32_t)shrink;
    return EBB_OK;
}

ebb_status ebb_step_options_take(struct ebb_steps *s,
                                 const struct ebb_args *args)
{
    static const char *const which[] = {"brighter", "darker", "merge"};
    size_t polarity = 3;
    /* the first event need not be the earliest */
    *s = (struct ebb_steps){
        .begin = INT64_MIN, .end = INT64_MAX, .first = INT64_MIN};
    EBB_TRY(take_picture(s, args));
    EBB_TRY(ebb_step_time(args, "refractory", &s->refractory_us));
    EBB_TRY(ebb_args_number(args, "hot", 1, 1e9, &s->hot));
    EBB_TRY(ebb_args_word(args, "polarity", which, 3, &polarity));
    s->polarity =
        polarity == 3 ? EBB_STEP_BOTH : (enum ebb_step_polarity)(polarity + 1);
    return EBB_OK;
}
