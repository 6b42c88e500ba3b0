/* io/state_open.c - checkpoints, read. */
#include "io/state_parts.h"

#include "core/memory.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
    SHARES_MAX = 4096, /* of a file */
    PIECE = 1 << 16    /* numbers that are summed up at a time */
};

/* One file. */
struct state_file {
    hid_t file;
    struct ebb_state_about about;
    char name[STATE_PATH_BYTES + 8];
};

struct ebb_state_set {
    struct state_file *file; /* [n] */
    size_t n;
};

static ebb_status get_hash(uint64_t *out, hid_t run, const char *name)
{
    char text[32], *end;
    EBB_TRY(ebb_h5_get_text(text, sizeof(text), run, name));
    *out = strtoull(text, &end, 16);
    return *end == '\0' && end != text
               ? EBB_OK
               : EBB_FAIL(EBB_ERR_FORMAT, "'%s' is '%s', no hash", name, text);
}

static ebb_status read_run(struct ebb_state_about *a, hid_t run)
{
    uint64_t rank, ranks, shares;
    EBB_TRY(ebb_h5_get_count(&a->tick, run, "tick"));
    EBB_TRY(ebb_h5_get_count(&a->intended, run, "intended_ticks"));
    EBB_TRY(ebb_h5_get_count(&a->input_events, run, "input_events"));
    EBB_TRY(ebb_h5_get_count(&rank, run, "rank"));
    EBB_TRY(ebb_h5_get_count(&ranks, run, "ranks"));
    EBB_TRY(ebb_h5_get_count(&shares, run, "shares"));
    EBB_TRY(ebb_h5_get_number(&a->tick_s, run, "tick_s"));
    EBB_TRY(get_hash(&a->network_hash, run, "network_hash"));
    EBB_TRY(get_hash(&a->run, run, "run"));
    EBB_TRY(get_hash(&a->input_hash, run, "input_hash"));
    EBB_TRY(ebb_h5_get_text(a->origin, sizeof(a->origin), run, "origin"));
    if (rank >= ranks || shares == 0 || shares > SHARES_MAX) {
        return EBB_FAIL(EBB_ERR_FORMAT,
                        "rank %llu of %llu with %llu shares: it is damaged",
                        (unsigned long long)rank, (unsigned long long)ranks,
                        (unsigned long long)shares);
    }
    a->rank = rank;
    a->ranks = ranks;
    a->shares = shares;
    return EBB_OK;
}

static ebb_status read_about(struct ebb_state_about *a, hid_t file)
{
    char format[32];
    uint64_t version;
    hid_t run;
    EBB_TRY(ebb_h5_get_text(format, sizeof(format), file, "format"));
    if (strcmp(format, "ebb state") != 0) {
        return EBB_FAIL(EBB_ERR_FORMAT,
                        "format '%s'; a checkpoint has 'ebb state'", format);
    }
    EBB_TRY(ebb_h5_get_count(&version, file, "version"));
    if (version != STATE_FILE_VERSION) {
        return EBB_FAIL(EBB_ERR_FORMAT,
                        "version %llu of a checkpoint; this ebb knows %d",
                        (unsigned long long)version, STATE_FILE_VERSION);
    }
    EBB_TRY(ebb_h5_group(&run, file, "run"));
    ebb_status status = read_run(a, run);
    H5Gclose(run);
    return status;
}

static ebb_status open_file(struct state_file *f)
{
    EBB_TRY(ebb_h5_open(&f->file, f->name));
    ebb_status status = read_about(&f->about, f->file);
    if (status != EBB_OK) {
        H5Fclose(f->file);
        f->file = -1;
    }
    return ebb_error_prefix(status, "%s: ", f->name);
}

ebb_status ebb_state_file_about(struct ebb_state_about *out, const char *path)
{
    struct state_file f = {.file = -1};
    snprintf(f.name, sizeof(f.name), "%s", path);
    EBB_TRY(open_file(&f));
    H5Fclose(f.file);
    *out = f.about;
    return EBB_OK;
}

/* The file of a rank, or the one before: whichever is of that tick;
 * EBB_TICK_NEVER: the newer one. */
static ebb_status open_rank(struct state_file *f, const char *path, size_t rank,
                            size_t ranks, ebb_tick tick)
{
    char name[STATE_PATH_BYTES];
    EBB_TRY(state_file_name(name, path, rank, ranks));
    snprintf(f->name, sizeof(f->name), "%s", name);
    ebb_status status = open_file(f);
    bool fits = status == EBB_OK && f->about.rank == rank &&
                f->about.ranks == ranks &&
                (tick == EBB_TICK_NEVER || f->about.tick == tick);
    if (fits) {
        return EBB_OK;
    }
    if (status == EBB_OK) {
        H5Fclose(f->file);
        f->file = -1;
        status = EBB_FAIL(EBB_ERR_FORMAT,
                          "%s is not of one checkpoint with the others", name);
    }
    snprintf(f->name, sizeof(f->name), "%s.old", name);
    if (ranks == 1 || access(f->name, F_OK) != 0) {
        return status; /* the message is of the newer one */
    }
    status = open_file(f);
    if (status == EBB_OK &&
        ((tick != EBB_TICK_NEVER && f->about.tick != tick) ||
         f->about.rank != rank || f->about.ranks != ranks)) {
        H5Fclose(f->file);
        f->file = -1;
        status = EBB_FAIL(EBB_ERR_FORMAT,
                          "%s and the one before are not of one checkpoint "
                          "with the others",
                          name);
    }
    return status;
}

static void close_files(struct ebb_state_set *set)
{
    for (size_t k = 0; k < set->n; k++) {
        if (set->file[k].file >= 0) {
            H5Fclose(set->file[k].file);
        }
    }
    ebb_mem_free(set->file);
    *set = (struct ebb_state_set){.n = 0};
}

/* A name that two jobs used may have files of both. */
static ebb_status check_same_run(const struct ebb_state_set *set)
{
    const struct ebb_state_about *first = &set->file[0].about;
    for (size_t k = 1; k < set->n; k++) {
        const struct ebb_state_about *a = &set->file[k].about;
        if (a->run != first->run || a->network_hash != first->network_hash ||
            a->input_events != first->input_events ||
            a->input_hash != first->input_hash) {
            return EBB_FAIL(EBB_ERR_FORMAT,
                            "%s and %s are of different runs: give the files "
                            "of one",
                            set->file[0].name, set->file[k].name);
        }
    }
    return EBB_OK;
}

static ebb_status open_at(struct ebb_state_set *set, const char *path,
                          size_t ranks, ebb_tick tick)
{
    set->file = ebb_mem_calloc(ranks, sizeof(*set->file));
    if (!set->file) {
        return EBB_FAIL(EBB_ERR_NOMEM, "no memory for %zu files", ranks);
    }
    set->n = ranks;
    for (size_t k = 0; k < ranks; k++) {
        set->file[k].file = -1;
    }
    ebb_status status = EBB_OK;
    for (size_t k = 0; k < ranks && status == EBB_OK; k++) {
        status = open_rank(&set->file[k], path, k, ranks, tick);
        tick = status == EBB_OK ? set->file[k].about.tick : tick;
    }
    status = status ? status : check_same_run(set);
    if (status != EBB_OK) {
        close_files(set);
    }
    return status;
}

/* All ranks at the tick of the first, or at the one before: a job may have been
 * killed while its ranks gave theirs their names. */
static ebb_status open_ranks(struct ebb_state_set *set, const char *path,
                             size_t ranks)
{
    struct state_file older = {.file = -1};
    char name[STATE_PATH_BYTES], why[512];
    ebb_status status = open_at(set, path, ranks, EBB_TICK_NEVER);
    if (status == EBB_OK || ranks == 1) {
        return status;
    }
    snprintf(why, sizeof(why), "%s", ebb_error_message());
    EBB_TRY(state_file_name(name, path, 0, ranks));
    snprintf(older.name, sizeof(older.name), "%s.old", name);
    if (open_file(&older) == EBB_OK) {
        H5Fclose(older.file);
        if (open_at(set, path, ranks, older.about.tick) == EBB_OK) {
            return EBB_OK;
        }
    }
    return EBB_FAIL(status, "%s", why);
}

/* How many ranks have left files of that name? *n of numbers in ranks [most],
 * from the first of each. */
static size_t find_ranks(const char *path, size_t *ranks, size_t most)
{
    size_t n = 0;
    char name[STATE_PATH_BYTES];
    for (size_t k = 2; k <= EBB_STATE_RANKS_MAX && n < most; k++) {
        char older[STATE_PATH_BYTES + 8];
        if (state_file_name(name, path, 0, k) != EBB_OK) {
            break;
        }
        snprintf(older, sizeof(older), "%s.old", name);
        if (access(name, F_OK) == 0 || access(older, F_OK) == 0) {
            ranks[n++] = k;
        }
    }
    return n;
}

static bool is_one_run(const struct ebb_state_about *a,
                       const struct ebb_state_about *b)
{
    return a->run == b->run && a->network_hash == b->network_hash;
}

/* When its first file was written; false: not told. */
static bool written_at(struct timespec *out, const struct ebb_state_set *set)
{
    struct stat about;
    bool told = stat(set->file[0].name, &about) == 0;
    *out = told ? about.st_mtim : (struct timespec){0};
    return told;
}

/* Of one run the later tick counts. Of two, what was written last: a job on
 * other ranks leaves the files of the one before as they are. */
static ebb_status is_later(bool *later, const struct ebb_state_set *a,
                           const struct ebb_state_set *b)
{
    const struct ebb_state_about *x = &a->file[0].about, *y = &b->file[0].about;
    struct timespec s, t;
    if (is_one_run(x, y)) {
        *later = x->tick > y->tick;
        return EBB_OK;
    }
    bool told = written_at(&s, a) && written_at(&t, b);
    if (!told || (s.tv_sec == t.tv_sec && s.tv_nsec == t.tv_nsec)) {
        return EBB_FAIL(EBB_ERR_FORMAT,
                        "%s (tick %llu) and %s (tick %llu) are checkpoints of "
                        "different runs, written at one time: move the files "
                        "of one away",
                        b->file[0].name, (unsigned long long)y->tick,
                        a->file[0].name, (unsigned long long)x->tick);
    }
    *later = s.tv_sec != t.tv_sec ? s.tv_sec > t.tv_sec : s.tv_nsec > t.tv_nsec;
    return EBB_OK;
}

/* Keep the later one in `set`, close the other. */
static ebb_status take_later(struct ebb_state_set *set,
                             struct ebb_state_set *own)
{
    bool later = true;
    ebb_status status = set->n > 0 ? is_later(&later, own, set) : EBB_OK;
    if (status == EBB_OK && later) {
        close_files(set);
        *set = *own;
    } else {
        close_files(own);
    }
    return status;
}

/* The latest of the checkpoints that are complete. */
static ebb_status open_latest(struct ebb_state_set *set, const char *path)
{
    enum { MOST = 32 };
    size_t ranks[MOST + 1], n = 0;
    ebb_status status = EBB_OK;
    if (access(path, F_OK) == 0) {
        ranks[n++] = 1;
    }
    n += find_ranks(path, ranks + n, MOST);
    if (n == 0) {
        return EBB_FAIL(EBB_ERR_IO,
                        "there is no checkpoint '%s', nor one of several "
                        "ranks ('%s.1of2' and so on)",
                        path, path);
    }
    for (size_t k = 0; k < n; k++) {
        struct ebb_state_set own = {.n = 0};
        ebb_status opened = open_ranks(&own, path, ranks[k]);
        if (opened != EBB_OK) {
            status = opened;
        } else {
            EBB_TRY(take_later(set, &own));
        }
    }
    return set->n > 0 ? EBB_OK : status;
}

ebb_status ebb_state_set_open(struct ebb_state_set **out, const char *path)
{
    *out = NULL;
    struct ebb_state_set *set = ebb_mem_calloc(1, sizeof(*set));
    if (!set) {
        return EBB_FAIL(EBB_ERR_NOMEM, "no memory for a checkpoint");
    }
    ebb_status status = open_latest(set, path);
    if (status != EBB_OK) {
        ebb_state_set_close(set);
        return status;
    }
    *out = set;
    return EBB_OK;
}

void ebb_state_set_close(struct ebb_state_set *set)
{
    if (set) {
        close_files(set);
        ebb_mem_free(set);
    }
}

const struct ebb_state_about *
ebb_state_set_about(const struct ebb_state_set *set)
{
    return &set->file[0].about;
}

size_t ebb_state_set_files(const struct ebb_state_set *set)
{
    return set->n;
}

static const struct state_file *file_of(const struct ebb_state_set *set,
                                        size_t part, size_t *share)
{
    const struct state_file *f = set->file;
    for (; part >= f->about.shares; f++) {
        part -= f->about.shares;
    }
    *share = part;
    return f;
}

static bool step_into(hid_t *at, const char *name)
{
    hid_t next;
    if (!ebb_h5_has(*at, name) || ebb_h5_group(&next, *at, name) != EBB_OK) {
        return false;
    }
    H5Gclose(*at);
    *at = next;
    return true;
}

/* The group that an array stands in, each step linked directly; *last gets the
 * array's own name. False: there is none. */
static bool open_group(hid_t *out, const struct state_file *f, size_t share,
                       const char *name, const char **last)
{
    char step[EBB_SNAPSHOT_NAME_BYTES];
    hid_t at = H5Gopen2(f->file, "/", H5P_DEFAULT);
    snprintf(step, sizeof(step), "share_%zu", share);
    bool there = at >= 0 && step_into(&at, step);
    const char *slash;
    while (there && (slash = strchr(name, '/')) != NULL) {
        snprintf(step, sizeof(step), "%.*s", (int)(slash - name), name);
        there = step_into(&at, step);
        name = slash + 1;
    }
    there = there && ebb_h5_has(at, name);
    if (!there && at >= 0) {
        H5Gclose(at);
    }
    *out = at;
    *last = name;
    return there;
}

static ebb_status check_type(hid_t dataset, enum ebb_snapshot_type type)
{
    hid_t own = H5Dget_type(dataset);
    bool same = H5Tequal(own, state_file_type(type)) > 0;
    H5Tclose(own);
    return same ? EBB_OK
                : EBB_FAIL(EBB_ERR_FORMAT, "its numbers are of another type");
}

static ebb_status open_array(const struct ebb_state_set *set, size_t part,
                             const char *name, enum ebb_snapshot_type type,
                             hid_t *out, size_t *n)
{
    size_t share;
    const char *last;
    hid_t group;
    const struct state_file *f = file_of(set, part, &share);
    if (!open_group(&group, f, share, name, &last)) {
        return EBB_FAIL(EBB_ERR_FORMAT, "%s: '%s' is missing", f->name, name);
    }
    ebb_status status = ebb_h5_open_list(out, n, group, last);
    H5Gclose(group);
    if (status == EBB_OK) {
        status = check_type(*out, type);
        if (status != EBB_OK) {
            H5Dclose(*out);
        }
    }
    return ebb_error_prefix(status, "%s: '%s': ", f->name, name);
}

static ebb_status check_sum(hid_t dataset, enum ebb_snapshot_type type,
                            size_t n)
{
    size_t bytes = ebb_snapshot_bytes(type), piece = n < PIECE ? n : PIECE;
    uint64_t sum = state_sum_start, wanted;
    EBB_TRY(ebb_h5_get_count(&wanted, dataset, "sum"));
    void *number = ebb_mem_calloc(piece, bytes);
    ebb_status status =
        number ? EBB_OK : EBB_FAIL(EBB_ERR_NOMEM, "no memory for a checkpoint");
    for (size_t from = 0; from < n && status == EBB_OK; from += piece) {
        size_t own = n - from < piece ? n - from : piece;
        status = ebb_h5_read_piece(number, dataset, "it",
                                   state_native_type(type), from, own);
        sum = state_sum(sum, number, own * bytes);
    }
    ebb_mem_free(number);
    return status || sum == wanted
               ? status
               : EBB_FAIL(EBB_ERR_FORMAT,
                          "its numbers are not those that were written: the "
                          "file is damaged");
}

static ebb_status find(void *self, size_t part, const char *name,
                       enum ebb_snapshot_type type, bool *there, size_t *n)
{
    struct ebb_state_set *set = self;
    size_t share;
    const char *last;
    hid_t at;
    const struct state_file *f = file_of(set, part, &share);
    *n = 0;
    *there = open_group(&at, f, share, name, &last);
    if (!*there) {
        return EBB_OK;
    }
    H5Gclose(at);
    EBB_TRY(open_array(set, part, name, type, &at, n));
    ebb_status status = check_sum(at, type, *n);
    H5Dclose(at);
    return ebb_error_prefix(status, "%s: '%s': ", f->name, name);
}

static ebb_status read_array(void *self, size_t part, const char *name,
                             enum ebb_snapshot_type type, size_t from, size_t n,
                             void *out)
{
    hid_t dataset;
    size_t length, share;
    EBB_TRY(open_array(self, part, name, type, &dataset, &length));
    ebb_status status =
        from <= length && n <= length - from
            ? ebb_h5_read_piece(out, dataset, name, state_native_type(type),
                                from, n)
            : EBB_FAIL(EBB_ERR_FORMAT, "'%s' is too short", name);
    H5Dclose(dataset);
    return ebb_error_prefix(status, "%s: ", file_of(self, part, &share)->name);
}

static const char *name_of(void *self, size_t part)
{
    size_t share;
    return file_of(self, part, &share)->name;
}

struct ebb_snapshot_source ebb_state_set_source(struct ebb_state_set *set)
{
    struct ebb_snapshot_source source = {
        .self = set, .find = find, .read = read_array, .name = name_of};
    for (size_t k = 0; k < set->n; k++) {
        source.n_parts += set->file[k].about.shares;
    }
    return source;
}
