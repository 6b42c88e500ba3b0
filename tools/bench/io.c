/* tools/bench/io.c - recordings read from the page cache, against bare loops
 * that unpack the same records, in memory, into the same arrays. */
#include "tools/bench/bench.h"
#include "tools/bench/unpack_loop.h"
#include "tools/progress.h"

#include "core/memory.h"
#include "core/random.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* 4 million events of a small sensor within 8 s: nothing wraps. */
enum { BLOCKS = 64, SIDE = 200, ROW_RUN = 4, RUNS_MAX = 99 };

static const struct course {
    const char *name, *format;
    ebb_bare_unpack_fn *bare;
} courses[] = {{"io.dat", "dat", ebb_bare_unpack_dat},
               {"io.evt2", "evt2", ebb_bare_unpack_evt2},
               {"io.evt3", "evt3", ebb_bare_unpack_evt3},
               {"io.nmnist", "nmnist", ebb_bare_unpack_nmnist}};

/* A recording on the disk, and its records in memory. */
struct lane {
    const struct course *course;
    FILE *file;
    uint8_t *bytes;
    size_t n, records_at; /* where the header ends */
    uint64_t events;
    struct ebb_dvs_block ours, bare;
};

/* Events of a few neighbours at a time, as sensors are read out. */
static void draw(struct ebb_dvs_block *b, struct ebb_random *r, int64_t *t)
{
    for (b->n = 0; b->n < b->capacity; b->n++) {
        size_t k = b->n;
        bool same = k % ROW_RUN != 0;
        *t += ebb_random_below(r, 4) == 0;
        b->t[k] = *t;
        b->x[k] = (uint16_t)ebb_random_below(r, SIDE);
        b->y[k] = same ? b->y[k - 1] : (uint16_t)ebb_random_below(r, SIDE);
        b->p[k] = (uint8_t)ebb_random_below(r, 2);
    }
}

static ebb_status write_recording(struct lane *l)
{
    struct ebb_random r = ebb_random_stream(1, EBB_RANDOM_TEST, 0);
    struct ebb_dvs_writer *w;
    int64_t t = 0;
    EBB_TRY(ebb_dvs_writer_create(&w, l->file, l->course->format, NULL));
    ebb_status status = EBB_OK;
    for (size_t k = 0; k < BLOCKS && status == EBB_OK; k++) {
        draw(&l->ours, &r, &t);
        l->events += l->ours.n;
        status = ebb_dvs_write(w, &l->ours);
    }
    if (status == EBB_OK) {
        status = ebb_dvs_writer_end(w);
    }
    ebb_dvs_writer_destroy(w);
    if (status == EBB_OK && fflush(l->file) != 0) {
        status = EBB_FAIL(EBB_ERR_IO, "cannot write a recording: %s",
                          strerror(errno));
    }
    return status;
}

static ebb_status load(struct lane *l)
{
    long n = ftell(l->file);
    l->n = n > 0 ? (size_t)n : 0;
    l->bytes = ebb_mem_calloc(l->n, 1);
    if (!l->bytes) {
        return EBB_FAIL(EBB_ERR_NOMEM, "no memory for a recording");
    }
    rewind(l->file);
    if (fread(l->bytes, 1, l->n, l->file) != l->n) {
        return EBB_FAIL(EBB_ERR_IO, "cannot read a recording back");
    }
    static const char end[] = "% end\n";
    const uint8_t *at = memmem(l->bytes, l->n < 1000 ? l->n : 1000, end, 6);
    bool dat = strcmp(l->course->format, "dat") == 0;
    /* a line of DAT's version, then its type and size */
    l->records_at = at ? (size_t)(at - l->bytes) + 6 : (dat ? 14 : 0);
    return EBB_OK;
}

static ebb_status prepare(struct lane *l)
{
    l->file = tmpfile();
    if (!l->file) {
        return EBB_FAIL(EBB_ERR_IO, "no temporary file: %s", strerror(errno));
    }
    EBB_TRY(ebb_dvs_block_init(&l->ours, EBB_DVS_BLOCK));
    EBB_TRY(ebb_dvs_block_init(&l->bare, EBB_DVS_BLOCK));
    EBB_TRY(write_recording(l));
    return load(l);
}

static void finish(struct lane *l)
{
    if (l->file) {
        fclose(l->file);
    }
    ebb_mem_free(l->bytes);
    ebb_dvs_block_finish(&l->ours);
    ebb_dvs_block_finish(&l->bare);
}

/* What blocks hold, in a number that does not tell where they end. */
static uint64_t sum(uint64_t s, const struct ebb_dvs_block *b)
{
    for (size_t k = 0; k < b->n; k++) {
        s = 31 * s + (uint64_t)b->t[k] + b->x[k] + 7U * b->y[k] + b->p[k];
    }
    return s;
}

static ebb_status check(const struct lane *l, uint64_t ours, uint64_t bare)
{
    if (ours == bare) {
        return EBB_OK;
    }
    return EBB_FAIL(EBB_ERR_DIVERGED,
                    "%s: the reader and the bare loop do not unpack the same "
                    "events",
                    l->course->name);
}

/* Seconds to read all; *all sums up the events where it is not NULL. */
static ebb_status read_ours(struct lane *l, double *seconds, uint64_t *all)
{
    struct ebb_dvs_options as = ebb_dvs_options_default();
    struct ebb_dvs_reader *reader;
    int fd = dup(fileno(l->file));
    FILE *again = fd >= 0 ? fdopen(fd, "rb") : NULL;
    if (!again || fseek(again, 0, SEEK_SET) != 0) {
        return EBB_FAIL(EBB_ERR_IO, "cannot read again: %s", strerror(errno));
    }
    as.format = l->course->format;
    double start = ebb_seconds_now();
    EBB_TRY(ebb_dvs_open_stream(&reader, again, "recording", &as));
    ebb_status status;
    do {
        status = ebb_dvs_read(reader, &l->ours);
        if (all) {
            *all = sum(*all, &l->ours);
        }
    } while (status == EBB_OK && l->ours.n > 0);
    *seconds = ebb_seconds_now() - start;
    ebb_dvs_close(reader);
    return status;
}

static void read_bare(struct lane *l, double *seconds, uint64_t *all)
{
    struct ebb_bare_unpack s = {.at = l->bytes + l->records_at,
                                .end = l->bytes + l->n};
    double start = ebb_seconds_now();
    do {
        l->course->bare(&s, &l->bare);
        if (all) {
            *all = sum(*all, &l->bare);
        }
    } while (l->bare.n > 0);
    *seconds = ebb_seconds_now() - start;
}

static ebb_status race(struct lane *l, struct ebb_bench *bench)
{
    double ours[RUNS_MAX], bare[RUNS_MAX], ratio[RUNS_MAX], warm;
    size_t n = bench->runs < RUNS_MAX ? bench->runs : RUNS_MAX;
    uint64_t all = 0, all_bare = 0;
    EBB_TRY(read_ours(l, &warm, &all));
    read_bare(l, &warm, &all_bare);
    EBB_TRY(check(l, all, all_bare));
    for (size_t k = 0; k < n; k++) {
        read_bare(l, &bare[k], NULL);
        EBB_TRY(read_ours(l, &ours[k], NULL));
        ratio[k] = bare[k] / ours[k];
    }
    const double none = (double)NAN, million = 1e-6 * (double)l->events;
    char name[64];
    snprintf(name, sizeof(name), "%s.bare", l->course->name);
    const struct ebb_bench_figure figures[] = {
        {name, million / ebb_bench_median(bare, n), "M/s", none, none, false},
        {l->course->name, million / ebb_bench_median(ours, n), "M/s",
         ebb_bench_median(ratio, n), .25, true}};
    ebb_bench_report(bench, &figures[0]);
    ebb_bench_report(bench, &figures[1]);
    return EBB_OK;
}

static ebb_status run(struct ebb_bench *bench)
{
    ebb_status status = EBB_OK;
    for (size_t k = 0; k < 4 && status == EBB_OK; k++) {
        struct lane l = {.course = &courses[k]};
        status = prepare(&l);
        if (status == EBB_OK) {
            status = race(&l, bench);
        }
        finish(&l);
    }
    return status;
}

const struct ebb_bench_suite ebb_bench_io = {
    .name = "io",
    .summary = "recordings against bare loops that unpack them",
    .run = run};
