/* tools/run_summary.c - what a training run came to. */
#include "tools/run_summary.h"

#include "tools/commit.h"
#include "tools/json.h"

#include "core/memory.h"
#include "sim/product.h"

#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

/* FNV-1a, 64 bits: tells files apart, keeps nobody out. */
static ebb_status hash_file(char out[EBB_DATA_HASH_BYTES], const char *name)
{
    static const uint64_t prime = 0x100000001b3;
    uint8_t bytes[4096];
    uint64_t hash = 0xcbf29ce484222325;
    FILE *file = fopen(name, "rb");
    if (!file) {
        return EBB_FAIL(EBB_ERR_IO, "cannot read '%s': %s", name,
                        strerror(errno));
    }
    for (size_t n; (n = fread(bytes, 1, sizeof(bytes), file)) > 0;) {
        for (size_t i = 0; i < n; i++) {
            hash = (hash ^ bytes[i]) * prime;
        }
    }
    bool bad = ferror(file);
    fclose(file);
    snprintf(out, EBB_DATA_HASH_BYTES, "%016" PRIx64, hash);
    return bad ? EBB_FAIL(EBB_ERR_IO, "cannot read '%s'", name) : EBB_OK;
}

/* "AMD EPYC"; empty where the system does not tell. */
static void name_processor(char *out, size_t size)
{
    char line[256];
    FILE *file = fopen("/proc/cpuinfo", "r");
    out[0] = '\0';
    while (file && !out[0] && fgets(line, sizeof(line), file)) {
        const char *at = strchr(line, ':');
        if (strncmp(line, "model name", 10) == 0 && at) {
            snprintf(out, size, "%.*s", (int)strcspn(at + 2, "\n"), at + 2);
        }
    }
    if (file) {
        fclose(file);
    }
}

ebb_status ebb_run_summary_hash(char out[EBB_DATA_HASH_BYTES],
                                const struct ebb_setting *s)
{
    out[0] = '\0';
    return s->data_file ? hash_file(out, s->data_file) : EBB_OK;
}

static void put_origin(struct ebb_json *out, const struct ebb_run_summary *s)
{
    const char *file = s->setting->data_file;
    char text[128];
    ebb_json_text(out, "experiment", s->setting->experiment->name);
    ebb_json_count(out, "seed", s->at->seed);
    ebb_json_text(out, "commit", ebb_commit());
    name_processor(text, sizeof(text));
    ebb_json_text(out, "processor", text);
    ebb_json_text(out, "products", ebb_product_name());
    if (file) {
        const char *slash = strrchr(file, '/');
        ebb_json_text(out, "data", slash ? slash + 1 : file);
        ebb_json_text(out, "data_hash", s->data_hash);
    }
}

static void put_learning(struct ebb_json *out, const struct ebb_run_summary *s)
{
    const struct ebb_train_options *o = &s->setting->options;
    const size_t *size = s->setting->source.size;
    ebb_json_text(out, "kernels", s->at->kernels);
    ebb_json_bool(out, "bf16", o->bf16);
    ebb_json_number(out, "penalty", s->at->penalty);
    ebb_json_count(out, "batch", o->batch);
    ebb_json_count(out, "epochs", s->at->epoch);
    ebb_json_count(out, "epochs_planned", o->epochs);
    ebb_json_count(out, "best_epoch", s->at->best_epoch);
    ebb_json_count(out, "ticks", s->setting->source.ticks);
    ebb_json_count(out, "train_samples", size[EBB_SPLIT_TRAIN]);
    ebb_json_count(out, "validation_samples", size[EBB_SPLIT_VALIDATION]);
    ebb_json_count(out, "test_samples", size[EBB_SPLIT_TEST]);
    ebb_json_number(out, "validation_right", s->at->best_right);
}

static void put_score(struct ebb_json *out, const struct ebb_run_summary *s)
{
    const struct ebb_network *net = s->setting->experiment->network;
    double n = (double)s->score->n, activity[64];
    if (s->score->n == 0) {
        return;
    }
    ebb_json_number(out, "test_loss", s->score->loss / n);
    if (ebb_setting_has_classes(s->setting)) {
        ebb_json_number(out, "test_right", (double)s->score->right / n);
    }
    size_t populations = net->n_populations < 64 ? net->n_populations : 64;
    for (size_t k = 0; k < populations; k++) {
        activity[k] = s->score->activity[k] / n;
    }
    ebb_json_numbers(out, "test_activity", activity, populations);
}

/* A row for each class, of how often each class was the answer. */
static ebb_status write_confusion(const struct ebb_run_folder *f,
                                  const struct ebb_score *score, size_t classes)
{
    enum { CELL_CHARACTERS = 21 };
    size_t *cell = ebb_mem_calloc(classes * classes, sizeof(*cell));
    char *text = ebb_mem_calloc(classes * classes, CELL_CHARACTERS);
    size_t used = 0;
    ebb_status status = EBB_OK;
    if (!cell || !text) {
        status = EBB_FAIL(EBB_ERR_NOMEM,
                          "no memory for confusion.csv of %zu classes; the "
                          "scores are in %s",
                          classes, f->result);
    }
    for (size_t k = 0; status == EBB_OK && k < score->n; k++) {
        struct ebb_guess g = score->guess[k];
        if (g.label < classes && g.guess < classes) {
            cell[g.label * classes + g.guess]++;
        }
    }
    for (size_t k = 0; status == EBB_OK && k < classes * classes; k++) {
        const char *after = k % classes + 1 < classes ? "," : "\n";
        used += (size_t)snprintf(text + used, CELL_CHARACTERS, "%zu%s", cell[k],
                                 after);
    }
    if (status == EBB_OK) {
        status = ebb_run_folder_put(f->confusion, text, used);
    }
    ebb_mem_free(cell);
    ebb_mem_free(text);
    return status;
}

ebb_status ebb_run_summary_write(const struct ebb_run_folder *f,
                                 const struct ebb_run_summary *s)
{
    struct ebb_json out = {.n = 0};
    put_origin(&out, s);
    put_learning(&out, s);
    put_score(&out, s);
    const char *text = ebb_json_end(&out);
    size_t classes = s->setting->source.classes;
    EBB_TRY(ebb_run_folder_put(f->result, text, strlen(text)));
    if (s->score->n == 0 || classes == 0 ||
        !ebb_setting_has_classes(s->setting)) {
        return EBB_OK;
    }
    return write_confusion(f, s->score, classes);
}
