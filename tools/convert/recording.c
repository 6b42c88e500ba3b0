/* tools/convert/recording.c - a recording in another format. */
#include "tools/convert/recording.h"

#include "tools/convert/step_options.h"
#include "tools/out_file.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

static ebb_status take_sensor(const struct ebb_args *args, struct ebb_steps *s)
{
    uint32_t sensor[2] = {0, 0};
    const char *size = ebb_args_text(args, "sensor");
    if (size &&
        (!ebb_step_numbers(size, 'x', sensor, 2) || !sensor[0] || !sensor[1])) {
        return EBB_FAIL(EBB_ERR_ARG,
                        "--sensor is '%.40s'; it must be width and height, "
                        "such as 346x260",
                        size);
    }
    s->width = sensor[0];
    s->height = sensor[1];
    return EBB_OK;
}

static ebb_status take_steps(const struct ebb_args *args, struct ebb_steps *s)
{
    int64_t begin = -1;
    EBB_TRY(ebb_step_options_take(s, args));
    EBB_TRY(take_sensor(args, s));
    EBB_TRY(ebb_step_time(args, "begin", &begin));
    EBB_TRY(ebb_step_time(args, "end", &s->end));
    s->begin = begin < 0 ? s->begin : begin;
    s->zero = ebb_args_has(args, "zero");
    s->monotone = ebb_args_has(args, "monotone");
    if (s->begin >= s->end) {
        return EBB_FAIL(EBB_ERR_ARG, "--end must be later than --begin");
    }
    return EBB_OK;
}

/* Name of B's format. */
static ebb_status find_target(const struct ebb_args *args, const char **out)
{
    const char *name = args->operand[1];
    *out = ebb_args_text(args, "to");
    if (!*out) {
        *out = ebb_dvs_format_of_name(name);
    }
    if (*out) {
        return EBB_OK;
    }
    char list[128] = "";
    const char *format;
    for (size_t k = 0, at = 0; (format = ebb_dvs_format_name(k)); k++) {
        if (ebb_dvs_format_writes(format) && at < sizeof(list)) {
            at += (size_t)snprintf(list + at, sizeof(list) - at, "%s%s",
                                   at ? ", " : "", format);
        }
    }
    return EBB_FAIL(
        EBB_ERR_ARG,
        "the name '%.60s' tells no format of recordings; end it "
        "with .raw, .dat, .bin, .es, .h5 or .csv, or give --to (%s)",
        name, list);
}

static ebb_status copy(struct ebb_dvs_writer *w, struct ebb_dvs_reader *r,
                       struct ebb_steps *steps)
{
    struct ebb_dvs_block block;
    EBB_TRY(ebb_dvs_block_init(&block, EBB_DVS_BLOCK));
    bool more = true;
    ebb_status status = EBB_OK;
    while (status == EBB_OK && more) {
        status = ebb_dvs_read(r, &block);
        if (status != EBB_OK || block.n == 0) {
            break;
        }
        status = ebb_steps_take(steps, &block, &more);
        if (status == EBB_OK) {
            status = ebb_dvs_write(w, &block);
        }
    }
    ebb_dvs_block_finish(&block);
    return status == EBB_OK ? ebb_dvs_writer_end(w) : status;
}

/* The pass before the first, for pixels that are too busy. */
static ebb_status count(struct ebb_steps *steps, const char *path,
                        const struct ebb_dvs_options *how)
{
    struct ebb_dvs_reader *r;
    struct ebb_dvs_block block;
    EBB_TRY(ebb_dvs_block_init(&block, EBB_DVS_BLOCK));
    ebb_status status = ebb_dvs_open(&r, path, how);
    if (status == EBB_OK) {
        do {
            status = ebb_dvs_read(r, &block);
            if (status == EBB_OK) {
                status = ebb_steps_count(steps, &block);
            }
        } while (status == EBB_OK && block.n > 0);
        ebb_dvs_close(r);
    }
    ebb_dvs_block_finish(&block);
    return status;
}

/* Times are given after A's first event: find it, to let the reader go to
 * where `begin` is. A pipe is read once, from its start. */
static ebb_status find_begin(struct ebb_steps *steps, const char *path,
                             struct ebb_dvs_options *how)
{
    struct ebb_dvs_reader *r;
    struct ebb_dvs_block block;
    struct stat info;
    if (steps->begin == INT64_MIN || stat(path, &info) != 0 ||
        !S_ISREG(info.st_mode)) {
        return EBB_OK;
    }
    EBB_TRY(ebb_dvs_block_init(&block, 0));
    ebb_status status = ebb_dvs_open(&r, path, how);
    if (status == EBB_OK) {
        status = ebb_dvs_read(r, &block);
        ebb_dvs_close(r);
    }
    if (status == EBB_OK && block.n > 0) {
        steps->first = block.t[0];
        if (__builtin_add_overflow(block.t[0], steps->begin, &how->begin)) {
            how->begin = INT64_MAX;
        }
    }
    ebb_dvs_block_finish(&block);
    return status;
}

/* The sensor as B is to tell it. */
static struct ebb_dvs_about about_target(const struct ebb_dvs_about *from,
                                         const struct ebb_steps *s)
{
    struct ebb_dvs_about about = *from;
    about.width = (s->width + s->shrink - 1) / s->shrink;
    about.height = (s->height + s->shrink - 1) / s->shrink;
    return about;
}

/* Into a stream that replaces B at the end; HDF5 sees to that itself. */
static ebb_status write_events(const char *path, const char *format,
                               struct ebb_dvs_reader *r,
                               struct ebb_steps *steps)
{
    struct ebb_dvs_about about = about_target(ebb_dvs_about(r), steps);
    struct ebb_out_file out = {.file = NULL};
    struct ebb_dvs_writer *w = NULL;
    ebb_status status;
    if (ebb_dvs_format_in_file(format)) {
        status = ebb_dvs_writer_create_file(&w, path, format, &about);
    } else {
        EBB_TRY(ebb_out_file_begin(&out, path));
        status = ebb_dvs_writer_create(&w, out.file, format, &about);
    }
    if (status == EBB_OK) {
        status = copy(w, r, steps);
    }
    ebb_dvs_writer_destroy(w);
    return ebb_out_file_end(&out, status);
}

static ebb_status write_target(const struct ebb_args *args,
                               struct ebb_dvs_reader *r,
                               const struct ebb_dvs_options *how,
                               struct ebb_steps *steps)
{
    const char *format;
    EBB_TRY(find_target(args, &format));
    if (!steps->width) {
        steps->width = ebb_dvs_about(r)->width;
        steps->height = ebb_dvs_about(r)->height;
    }
    EBB_TRY(ebb_steps_begin(steps));
    if (steps->hot > 0) {
        EBB_TRY(count(steps, args->operand[0], how));
    }
    return write_events(args->operand[1], format, r, steps);
}

ebb_status ebb_convert_recording(const struct ebb_args *args,
                                 const char *format)
{
    struct ebb_steps steps;
    struct ebb_dvs_reader *r;
    struct ebb_dvs_options how = ebb_dvs_options_default();
    how.format = format;
    how.columns = ebb_args_text(args, "columns");
    how.chip = ebb_args_text(args, "chip");
    EBB_TRY(take_steps(args, &steps));
    EBB_TRY(find_begin(&steps, args->operand[0], &how));
    EBB_TRY(ebb_dvs_open(&r, args->operand[0], &how));
    ebb_status status = write_target(args, r, &how, &steps);
    const struct ebb_dvs_about *about = ebb_dvs_about(r);
    if (status == EBB_OK && about->left_over) {
        fprintf(stderr,
                "ebb convert: %s was cut: its last %" PRIu64
                " bytes are no whole record, all before them is converted\n",
                args->operand[0], about->left_over);
    }
    ebb_dvs_close(r);
    ebb_steps_finish(&steps);
    return status;
}
