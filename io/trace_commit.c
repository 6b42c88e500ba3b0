/* io/trace_commit.c - how far a trace is safe. */
#include "io/trace_commit.h"

#include <string.h>

enum { HEAD = 2, MARK = 3 };

static size_t record_words(const struct ebb_trace_commit *c)
{
    return HEAD + MARK * c->n_streams + 1;
}

/* FNV-1a over whole words: sees a record that is half old, half new. */
static uint64_t checksum(const uint64_t *word, size_t n)
{
    uint64_t sum = 0xcbf29ce484222325;
    for (size_t k = 0; k < n; k++) {
        sum = (sum ^ word[k]) * 0x100000001b3;
        sum ^= sum >> 29;
    }
    return sum;
}

ebb_status ebb_trace_commit_init(struct ebb_trace_commit *c,
                                 struct ebb_arena *arena, size_t n_streams)
{
    *c = (struct ebb_trace_commit){
        .records = -1, .committed = -1, .n_streams = n_streams};
    c->mark = ebb_arena_calloc(arena, n_streams, sizeof(*c->mark));
    c->words = ebb_arena_calloc(arena, 2 * record_words(c), sizeof(*c->words));
    return c->mark && c->words
               ? EBB_OK
               : EBB_FAIL(EBB_ERR_NOMEM, "no memory for a trace");
}

/* In one piece and there from the start: its address never changes. */
static hid_t create(hid_t run, const char *name, hid_t space)
{
    hid_t plan = H5Pcreate(H5P_DATASET_CREATE);
    H5Pset_obj_track_times(plan, false);
    H5Pset_layout(plan, H5D_CONTIGUOUS);
    H5Pset_alloc_time(plan, H5D_ALLOC_TIME_EARLY);
    hid_t dataset = H5Dcreate2(run, name, H5T_STD_U64LE, space, H5P_DEFAULT,
                               plan, H5P_DEFAULT);
    H5Pclose(plan);
    H5Sclose(space);
    return dataset;
}

ebb_status ebb_trace_commit_create(struct ebb_trace_commit *c, hid_t run)
{
    hsize_t size[2] = {2, record_words(c)};
    c->records = create(run, "commits", H5Screate_simple(2, size, NULL));
    c->committed = create(run, "committed_ticks", H5Screate(H5S_SCALAR));
    return c->records >= 0 && c->committed >= 0
               ? EBB_OK
               : EBB_FAIL(EBB_ERR_IO, "cannot write '/run'");
}

static void fill(const struct ebb_trace_commit *c, uint64_t *word)
{
    size_t n = record_words(c);
    word[0] = c->number;
    word[1] = c->ticks;
    for (size_t k = 0; k < c->n_streams; k++) {
        uint64_t *at = word + HEAD + MARK * k;
        at[0] = c->mark[k].in_main;
        at[1] = c->mark[k].staged;
        at[2] = c->mark[k].slot;
    }
    word[n - 1] = checksum(word, n - 1);
}

static herr_t write_record(struct ebb_trace_commit *c)
{
    size_t n = record_words(c);
    uint64_t *word = c->words + (c->number % 2) * n;
    hsize_t start[2] = {c->number % 2, 0}, count[2] = {1, n};
    fill(c, word);
    hid_t space = H5Dget_space(c->records);
    hid_t memory = H5Screate_simple(2, count, NULL);
    H5Sselect_hyperslab(space, H5S_SELECT_SET, start, NULL, count, NULL);
    herr_t result = H5Dwrite(c->records, H5T_NATIVE_UINT64, memory, space,
                             H5P_DEFAULT, word);
    H5Sclose(memory);
    H5Sclose(space);
    return result < 0 ? result : H5Dflush(c->records);
}

ebb_status ebb_trace_commit_write(struct ebb_trace_commit *c)
{
    c->number++;
    herr_t result = write_record(c);
    if (result >= 0) {
        result = H5Dwrite(c->committed, H5T_NATIVE_UINT64, H5S_ALL, H5S_ALL,
                          H5P_DEFAULT, &c->ticks);
    }
    result = result < 0 ? result : H5Dflush(c->committed);
    return result >= 0 ? EBB_OK
                       : EBB_FAIL(EBB_ERR_IO, "cannot write '/run/commits'");
}

ebb_status ebb_trace_commit_open(struct ebb_trace_commit *c, hid_t run)
{
    struct ebb_h5_shape shape;
    EBB_TRY(ebb_h5_shape(&shape, run, "commits"));
    if (shape.rank != 2 || shape.size[0] != 2 ||
        shape.size[1] != record_words(c)) {
        return EBB_FAIL(EBB_ERR_FORMAT,
                        "'/run/commits' does not fit %zu series and "
                        "populations",
                        c->n_streams);
    }
    c->records = H5Dopen2(run, "commits", H5P_DEFAULT);
    return c->records >= 0
               ? EBB_OK
               : EBB_FAIL(EBB_ERR_FORMAT, "'/run/commits' cannot be read");
}

static void take(struct ebb_trace_commit *c, const uint64_t *word)
{
    c->number = word[0];
    c->ticks = word[1];
    for (size_t k = 0; k < c->n_streams; k++) {
        const uint64_t *at = word + HEAD + MARK * k;
        c->mark[k] = (struct ebb_stream_mark){at[0], at[1], at[2]};
    }
}

ebb_status ebb_trace_commit_read(struct ebb_trace_commit *c)
{
    size_t n = record_words(c);
    const uint64_t *best = NULL;
    if (H5Drefresh(c->records) < 0 ||
        H5Dread(c->records, H5T_NATIVE_UINT64, H5S_ALL, H5S_ALL, H5P_DEFAULT,
                c->words) < 0) {
        return EBB_FAIL(EBB_ERR_FORMAT, "'/run/commits' cannot be read");
    }
    for (size_t k = 0; k < 2; k++) {
        const uint64_t *word = c->words + k * n;
        bool whole = word[0] > 0 && word[n - 1] == checksum(word, n - 1);
        best = whole && (!best || word[0] > best[0]) ? word : best;
    }
    if (!best) {
        return EBB_FAIL(EBB_ERR_FORMAT, "'/run/commits' has no whole record");
    }
    take(c, best);
    return EBB_OK;
}

void ebb_trace_commit_close(struct ebb_trace_commit *c)
{
    if (c->records >= 0) {
        H5Dclose(c->records);
    }
    if (c->committed >= 0) {
        H5Dclose(c->committed);
    }
    c->records = c->committed = -1;
}
