/* tests/test_fuzz_h5.c - recordings and sets of spikes in HDF5, damaged at
 * random: whatever HDF5 does in its child process, reading ends with events
 * or with a message.
 *
 * EBB_MUTANTS of each file (300), the same ones in each run. */
#include "tests/mutate.h"
#include "tests/run_suite.h"
#include "tests/shd_file.h"

#include "io/file_kind.h"
#include "io/spike_set.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { SEED = 77 };

/* How files ended. */
struct ends {
    size_t good, refused, crashed, hung;
};

static char path[] = "/tmp/ebb_fuzz_h5_XXXXXX";

static void write_bytes(const struct dvs_bytes *b)
{
    FILE *file = fopen(path, "wb");
    ck_assert(file && fwrite(b->at, 1, b->n, file) == b->n);
    ck_assert_int_eq(fclose(file), 0);
}

/* A recording of 3000 events, compressed. */
static void make_recording(struct dvs_bytes *out)
{
    struct dvs_stream s = {.status = EBB_OK};
    struct ebb_random r = ebb_random_stream(SEED, EBB_RANDOM_TEST, 0);
    struct ebb_dvs_about about = {.width = 64, .height = 48};
    struct ebb_dvs_writer *w;
    for (int64_t k = 0; k < 3000; k++) {
        dvs_stream_add(&s, 7 * k, ebb_random_below(&r, 64),
                       ebb_random_below(&r, 48), ebb_random_below(&r, 2));
    }
    ck_assert(ebb_dvs_writer_create_file(&w, path, "dsec", &about) == EBB_OK);
    ck_assert(ebb_dvs_write(w, &s.all) == EBB_OK);
    ck_assert(ebb_dvs_writer_end(w) == EBB_OK);
    ebb_dvs_writer_destroy(w);
    ck_assert(dvs_bytes_load(out, path));
    dvs_stream_finish(&s);
}

static void make_spikes(struct dvs_bytes *out)
{
    shd_file(path, 30, NULL);
    ck_assert(dvs_bytes_load(out, path));
}

static ebb_status read_recording(void)
{
    struct dvs_stream s = {.status = EBB_OK};
    dvs_stream_read(&s, path, NULL, 1000);
    ebb_status status = s.status;
    for (size_t k = 0; k < s.all.n; k++) {
        CHECK_EACH(s.all.p[k] <= 1, "polarity %u", s.all.p[k]);
    }
    dvs_stream_finish(&s);
    return status;
}

static ebb_status read_spikes(void)
{
    struct ebb_spike_set *set;
    size_t n;
    ebb_status status = ebb_spike_set_open(&set, path, &n);
    for (size_t k = 0; status == EBB_OK && k < n; k++) {
        struct ebb_spike_set_sample s = {.n = 0};
        status = ebb_spike_set_read(set, &s);
        for (size_t i = 0; i < s.n; i++) {
            CHECK_EACH(s.time_s[i] >= 0 && s.unit[i] < 65536,
                       "sample %zu, spike %zu", k, i);
        }
    }
    ebb_spike_set_close(set);
    return status;
}

static void count(struct ends *e, ebb_status status, size_t mutant)
{
    const char *why = ebb_error_message();
    CHECK_EACH(status == EBB_OK || *why, "mutant %zu: no word", mutant);
    if (status == EBB_OK) {
        e->good++;
    } else if (strstr(why, "reading crashed")) {
        e->crashed++;
    } else if (strstr(why, "reading hung")) {
        e->hung++;
    } else {
        e->refused++;
    }
}

static void try_mutants(const char *name, const struct dvs_bytes *file,
                        ebb_status (*read)(void))
{
    const char *more = getenv("EBB_MUTANTS");
    size_t mutants = more ? strtoul(more, NULL, 10) : 300;
    struct dvs_bytes mutant = {.n = 0};
    struct ends ends = {.good = 0};
    for (size_t m = 0; m < mutants; m++) {
        struct ebb_random r = ebb_random_stream(SEED, EBB_RANDOM_TEST, m + 1);
        enum ebb_file_kind kind;
        mutate(&mutant, file, &r);
        write_bytes(&mutant);
        ebb_status found = ebb_file_kind_find(&kind, path);
        CHECK_EACH(found != EBB_OK || kind <= EBB_FILE_STATE,
                   "mutant %zu: kind %d", m, (int)kind);
        count(&ends, read(), m);
    }
    printf("%s: %zu mutants: %zu read, %zu refused, %zu crashed and %zu hung "
           "in their child\n",
           name, mutants, ends.good, ends.refused, ends.crashed, ends.hung);
    dvs_bytes_finish(&mutant);
}

START_TEST(read_of_damaged_files_ends)
{
    struct dvs_bytes file = {.n = 0};
    int fd = mkstemp(path);
    ck_assert_int_ge(fd, 0);
    close(fd);
    make_recording(&file);
    try_mutants("recording", &file, read_recording);
    make_spikes(&file);
    try_mutants("spikes", &file, read_spikes);
    dvs_bytes_finish(&file);
    unlink(path);
}
END_TEST

RUN_SUITE("io", "fuzz_h5", read_of_damaged_files_ends)
