/* tools/run_folder.c - the folder of a training run. */
#include "tools/run_folder.h"

#include "core/memory.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { PATH_BYTES = 4096 };

static char *in_folder(const char *folder, const char *name)
{
    size_t size = strlen(folder) + strlen(name) + 2;
    char *path = ebb_mem_calloc(size, 1);
    if (path) {
        snprintf(path, size, "%s/%s", folder, name);
    }
    return path;
}

ebb_status ebb_run_folder_init(struct ebb_run_folder *out, const char *folder)
{
    if (!folder[0] || strlen(folder) > PATH_BYTES - 64) {
        return EBB_FAIL(EBB_ERR_ARG, "'%.60s' cannot be a folder", folder);
    }
    *out = (struct ebb_run_folder){
        .folder = ebb_mem_strdup(folder),
        .config = in_folder(folder, "config.yaml"),
        .checkpoint = in_folder(folder, "checkpoint.net.h5"),
        .best = in_folder(folder, "best.net.h5"),
        .curve = in_folder(folder, "curve.jsonl"),
        .result = in_folder(folder, "result.json"),
        .confusion = in_folder(folder, "confusion.csv")};
    return out->folder && out->config && out->checkpoint && out->best &&
                   out->curve && out->result && out->confusion
               ? EBB_OK
               : EBB_FAIL(EBB_ERR_NOMEM, "no memory for file names");
}

void ebb_run_folder_finish(struct ebb_run_folder *f)
{
    ebb_mem_free(f->folder);
    ebb_mem_free(f->config);
    ebb_mem_free(f->checkpoint);
    ebb_mem_free(f->best);
    ebb_mem_free(f->curve);
    ebb_mem_free(f->result);
    ebb_mem_free(f->confusion);
    *f = (struct ebb_run_folder){0};
}

bool ebb_run_folder_used(const struct ebb_run_folder *f)
{
    return access(f->checkpoint, F_OK) == 0;
}

static ebb_status io_failed(const char *verb, const char *name)
{
    return EBB_FAIL(EBB_ERR_IO, "cannot %s '%s': %s", verb, name,
                    strerror(errno));
}

static ebb_status make_folder(const char *name)
{
    char part[PATH_BYTES];
    snprintf(part, sizeof(part), "%s", name);
    for (char *at = part + 1;; at++) {
        bool end = *at == '\0';
        if (*at == '/' || end) {
            *at = '\0';
            if (mkdir(part, 0777) != 0 && errno != EEXIST) {
                return io_failed("make the folder", part);
            }
            *at = '/';
        }
        if (end) {
            return EBB_OK;
        }
    }
}

/* The whole of a small file; *out is freed by the caller. */
static ebb_status slurp(char **out, size_t *size, const char *name)
{
    *out = NULL;
    FILE *file = fopen(name, "rb");
    if (!file) {
        return io_failed("read", name);
    }
    size_t room = 0;
    *size = 0;
    ebb_status status = EBB_OK;
    for (;;) {
        status = ebb_mem_grow(out, &room, *size + 65536, 1);
        if (status != EBB_OK) {
            break;
        }
        size_t got = fread(*out + *size, 1, 65536, file);
        *size += got;
        if (got == 0) {
            break;
        }
    }
    if (status == EBB_OK && ferror(file)) {
        status = io_failed("read", name);
    }
    fclose(file);
    return status;
}

/* Put text into a file at once: it is written beside it and renamed. */
static ebb_status replace(const char *name, const char *text, size_t size)
{
    char fresh[PATH_BYTES];
    snprintf(fresh, sizeof(fresh), "%s.tmp", name);
    FILE *file = fopen(fresh, "wb");
    if (!file) {
        return io_failed("write", fresh);
    }
    bool good = fwrite(text, 1, size, file) == size;
    good = fflush(file) == 0 && fsync(fileno(file)) == 0 && good;
    good = fclose(file) == 0 && good;
    if (!good || rename(fresh, name) != 0) {
        ebb_status status = io_failed("write", name);
        unlink(fresh);
        return status;
    }
    return EBB_OK;
}

static ebb_status drop(const char *const *names, size_t n)
{
    for (size_t k = 0; k < n; k++) {
        if (unlink(names[k]) != 0 && errno != ENOENT) {
            return io_failed("remove", names[k]);
        }
    }
    return EBB_OK;
}

ebb_status ebb_run_folder_drop_result(const struct ebb_run_folder *f)
{
    const char *const old[] = {f->result, f->confusion};
    return drop(old, sizeof(old) / sizeof(old[0]));
}

ebb_status ebb_run_folder_begin(const struct ebb_run_folder *f,
                                const char *experiment)
{
    char *figures = in_folder(f->folder, "figures");
    char *text = NULL;
    size_t size = 0;
    ebb_status status =
        figures ? make_folder(figures) : EBB_FAIL(EBB_ERR_NOMEM, "no memory");
    if (status == EBB_OK) {
        status = slurp(&text, &size, experiment);
    }
    if (status == EBB_OK) {
        status = replace(f->config, text, size);
    }
    const char *const old[] = {f->checkpoint, f->best, f->curve};
    if (status == EBB_OK) {
        status = ebb_run_folder_drop_result(f);
    }
    if (status == EBB_OK) {
        status = drop(old, sizeof(old) / sizeof(old[0]));
    }
    ebb_mem_free(figures);
    ebb_mem_free(text);
    return status;
}

ebb_status ebb_run_folder_match(const struct ebb_run_folder *f,
                                const char *experiment)
{
    char *now = NULL, *then = NULL;
    size_t now_size = 0, then_size = 0;
    ebb_status status = slurp(&now, &now_size, experiment);
    if (status == EBB_OK) {
        status = slurp(&then, &then_size, f->config);
    }
    if (status == EBB_OK &&
        (now_size != then_size || memcmp(now, then, now_size) != 0)) {
        status = EBB_FAIL(EBB_ERR_ARG,
                          "%s has changed since the run began (its copy is "
                          "%s); restore it from there, or begin anew with "
                          "another --out",
                          experiment, f->config);
    }
    ebb_mem_free(now);
    ebb_mem_free(then);
    return status;
}

ebb_status ebb_run_folder_put(const char *path, const char *text, size_t size)
{
    return replace(path, text, size);
}

ebb_status ebb_run_folder_curve(const struct ebb_run_folder *f,
                                const char *line)
{
    FILE *file = fopen(f->curve, "ab");
    if (!file) {
        return io_failed("write", f->curve);
    }
    bool good = fprintf(file, "%s\n", line) > 0;
    good = fflush(file) == 0 && fsync(fileno(file)) == 0 && good;
    good = fclose(file) == 0 && good;
    return good ? EBB_OK : io_failed("write", f->curve);
}

ebb_status ebb_run_folder_cut(const struct ebb_run_folder *f, uint64_t lines)
{
    char *text = NULL;
    size_t size = 0;
    if (access(f->curve, F_OK) != 0 && errno == ENOENT) {
        return EBB_OK; /* nothing was written yet */
    }
    ebb_status status = slurp(&text, &size, f->curve);
    size_t keep = 0;
    for (uint64_t k = 0; k < lines && status == EBB_OK; k++) {
        const char *end = memchr(text + keep, '\n', size - keep);
        if (!end) {
            break;
        }
        keep = (size_t)(end - text) + 1;
    }
    if (status == EBB_OK && keep < size) {
        status = replace(f->curve, text, keep);
    }
    ebb_mem_free(text);
    return status;
}

ebb_status ebb_run_folder_save(const struct ebb_run_folder *f,
                               const struct ebb_network *net,
                               const struct ebb_trainer_state *state,
                               const struct ebb_checkpoint *at)
{
    struct ebb_checkpoint c = *at;
    c.x = state->x;
    c.m = state->m;
    c.v = state->v;
    c.n = state->n;
    c.steps = *state->steps;
    return ebb_network_file_write(f->checkpoint, net, &c);
}

ebb_status ebb_run_folder_restore(const struct ebb_run_folder *f,
                                  const struct ebb_trainer_state *state)
{
    struct ebb_checkpoint c;
    EBB_TRY(ebb_checkpoint_read(&c, f->checkpoint));
    if (c.n != state->n) {
        return EBB_FAIL(EBB_ERR_FORMAT,
                        "%s: %zu parameters, but the experiment learns %zu",
                        f->checkpoint, c.n, state->n);
    }
    c.x = state->x;
    c.m = state->m;
    c.v = state->v;
    EBB_TRY(ebb_checkpoint_read_arrays(&c, f->checkpoint));
    *state->steps = c.steps;
    return EBB_OK;
}
