/* tools/dataset/images.c - images as MNIST has them: four files in IDX. */
#include "tools/dataset/values.h"

#include "core/memory.h"
#include "io/idx_file.h"
#include "tools/dataset/walk.h"
#include "tools/progress.h"

#include <stdio.h>
#include <string.h>

enum { PATH_BYTES = 4096 };

/* The files of both parts. */
static const struct part {
    const char *images, *labels; /* how their names begin */
    enum ebb_split split;
} parts[] = {{"train-images", "train-labels", EBB_SPLIT_TRAIN},
             {"t10k-images", "t10k-labels", EBB_SPLIT_TEST}};

enum { PARTS = sizeof(parts) / sizeof(*parts) };

/* The first file of a folder whose name begins so. */
struct search {
    const char *start;
    char path[PATH_BYTES];
};

static ebb_status look_at(void *self, const char *path)
{
    struct search *s = self;
    const char *slash = strrchr(path, '/');
    const char *name = slash ? slash + 1 : path;
    if (strncmp(name, s->start, strlen(s->start)) != 0 ||
        !strstr(name, "idx")) {
        return EBB_OK;
    }
    snprintf(s->path, sizeof(s->path), "%s", path);
    return EBB_ERR_STOPPED;
}

static bool find(struct search *s, const char *folder, const char *start)
{
    *s = (struct search){.start = start};
    return ebb_folder_walk(folder, look_at, s) == EBB_ERR_STOPPED && s->path[0];
}

bool ebb_images_are(const char *folder)
{
    struct search s;
    return find(&s, folder, parts[0].images);
}

/* Open one of a part's files. */
static ebb_status open_part(struct ebb_idx **out, struct ebb_idx_about *about,
                            const char *folder, const char *start)
{
    struct search s;
    *out = NULL;
    return find(&s, folder, start)
               ? ebb_idx_open(out, about, s.path)
               : EBB_FAIL(EBB_ERR_IO,
                          "%s: no %s-idx, packed or not; wanted are images and "
                          "labels as published",
                          folder, start);
}

static ebb_status add_labels(struct ebb_values_job *j, struct ebb_idx *idx,
                             size_t n, enum ebb_split split)
{
    uint8_t label = 0;
    for (size_t k = 0; k < n; k++) {
        EBB_TRY(ebb_idx_read(idx, &label));
        EBB_TRY(ebb_labelled_add(&j->list, NULL, label, split));
    }
    return EBB_OK;
}

/* The labels of a part, as many as it has images. */
static ebb_status find_labels(struct ebb_values_job *j, const struct part *p)
{
    struct ebb_idx *idx;
    struct ebb_idx_about images, labels;
    const char *folder = j->args->operand[0];
    EBB_TRY(open_part(&idx, &images, folder, p->images));
    ebb_idx_close(idx);
    EBB_TRY(open_part(&idx, &labels, folder, p->labels));
    bool fits =
        labels.rows * labels.columns == 1 && labels.items == images.items;
    ebb_status status =
        fits ? add_labels(j, idx, labels.items, p->split)
             : EBB_FAIL(EBB_ERR_FORMAT,
                        "%s: %zu %s, but %zu labels of %zu x %zu", folder,
                        images.items, p->images, labels.items, labels.rows,
                        labels.columns);
    ebb_idx_close(idx);
    return status;
}

ebb_status ebb_images_find(struct ebb_values_job *j)
{
    static const char *const nothing[] = {"names", "only", "hop", "relative"};
    for (size_t k = 0; k < sizeof(nothing) / sizeof(*nothing); k++) {
        if (ebb_args_has(j->args, nothing[k])) {
            return EBB_FAIL(EBB_ERR_ARG, "--%s does nothing with images",
                            nothing[k]);
        }
    }
    struct search s;
    for (size_t k = 0; k < PARTS; k++) {
        if (find(&s, j->args->operand[0], parts[k].images)) {
            EBB_TRY(find_labels(j, &parts[k]));
        }
    }
    return EBB_OK;
}

/* A file of images, which are samples from number `first` on. */
struct images {
    struct ebb_idx *idx;
    struct ebb_idx_about about;
    size_t first;
    uint8_t *image;
};

static ebb_status check_size(struct ebb_values_job *j, const struct images *i)
{
    if (!j->writer) {
        j->rows = i->about.rows;
        j->columns = i->about.columns;
        EBB_TRY(ebb_values_begin(j, j->rows * j->columns, true));
    }
    if (i->about.rows != j->rows || i->about.columns != j->columns) {
        return EBB_FAIL(EBB_ERR_FORMAT,
                        "images of %zu x %zu beside those of %zu x %zu",
                        i->about.rows, i->about.columns, j->rows, j->columns);
    }
    return i->about.items <= j->list.n - i->first
               ? EBB_OK
               : EBB_FAIL(EBB_ERR_FORMAT, "%zu images, but %zu labels",
                          i->about.items, j->list.n - i->first);
}

static ebb_status add_images(struct ebb_values_job *j, struct images *i)
{
    struct ebb_progress progress = ebb_progress_begin(0, i->about.items);
    EBB_TRY(check_size(j, i));
    i->image = ebb_mem_calloc(j->channels, 1);
    if (!i->image) {
        return EBB_FAIL(EBB_ERR_NOMEM, "no memory for an image");
    }
    for (size_t k = 0; k < i->about.items; k++) {
        const struct ebb_series series = {.bytes = i->image, .frames = 1};
        EBB_TRY(ebb_idx_read(i->idx, i->image));
        EBB_TRY(ebb_values_add(j, i->first + k, &series));
        ebb_progress_show(&progress, k + 1, "of the images");
    }
    ebb_progress_clear(&progress);
    return EBB_OK;
}

ebb_status ebb_images_add(struct ebb_values_job *j)
{
    size_t first = 0;
    for (size_t k = 0; k < PARTS && first < j->list.n; k++) {
        struct search s;
        struct images i = {.first = first};
        if (!find(&s, j->args->operand[0], parts[k].images)) {
            continue;
        }
        EBB_TRY(ebb_idx_open(&i.idx, &i.about, s.path));
        ebb_status status = add_images(j, &i);
        first += i.about.items;
        ebb_idx_close(i.idx);
        ebb_mem_free(i.image);
        EBB_TRY(ebb_error_prefix(status, "%s: ", s.path));
    }
    return EBB_OK;
}
