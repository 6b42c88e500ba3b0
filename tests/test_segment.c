/* tests/test_segment.c - packed rows, delivered by every build, against a plain
 * loop: the same bits. */
#include "core/step.h"
#include "models/rows_layout.h"
#include "tests/plain_rows.h"
#include "tests/run_suite.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ROWS = 40 };

/* What is due in a tick. */
struct tick {
    size_t n;
    uint32_t row[ROWS];
    double x[ROWS];
};

static struct tick draw_tick(const struct plain_rows *p, struct ebb_random *r)
{
    struct tick t = {.n = 1 + ebb_random_below(r, ROWS)};
    bool alike = ebb_random_below(r, 2);
    for (size_t k = 0; k < t.n; k++) {
        t.row[k] = ebb_random_below(r, (uint32_t)p->shape.sources);
        t.x[k] = alike ? 1 : ebb_random_normal(r);
    }
    return t;
}

static void open_rows(const struct ebb_rows *rows, const struct tick *t,
                      struct ebb_segment_row *open)
{
    const struct ebb_segment_form *form = &rows->form;
    for (size_t k = 0; k < t->n; k++) {
        const uint8_t *count = rows->data + rows->start[t->row[k]];
        open[k] = (struct ebb_segment_row){.at = count + form->segments *
                                                             form->count_bytes,
                                           .count = count,
                                           .x = t->x[k]};
    }
}

/* In one precision: the plain loop, and the rows by a build. */
#define DELIVER(bits, real)                                                    \
    static void plain_##bits(real *sum, const struct plain_rows *p,            \
                             const struct tick *t)                             \
    {                                                                          \
        for (size_t k = 0; k < t->n; k++) {                                    \
            uint64_t end = p->indptr[t->row[k] + 1];                           \
            for (uint64_t s = p->indptr[t->row[k]]; s < end; s++) {            \
                double w = p->number == EBB_FLOAT32                            \
                               ? (double)((float *)p->weight)[s]               \
                               : ((double *)p->weight)[s];                     \
                sum[p->indices[s]] += (real)t->x[k] * (real)w;                 \
            }                                                                  \
        }                                                                      \
    }                                                                          \
                                                                               \
    static size_t packed_##bits(real *sum, const struct ebb_rows *rows,        \
                                const struct tick *t, const char *isa)         \
    {                                                                          \
        const struct ebb_segment_ops_##bits *ops =                             \
            ebb_segment_find_##bits(isa);                                      \
        const struct ebb_segment_form *form = &rows->form;                     \
        struct ebb_segment_row open[ROWS];                                     \
        size_t n = 0;                                                          \
        open_rows(rows, t, open);                                              \
        for (size_t k = 0; k < form->segments; k++) {                          \
            bool more = k + 1 < form->segments;                                \
            n += ops->add(sum + k * form->span,                                \
                          more ? sum + (k + 1) * form->span : NULL,            \
                          more ? form->span : 0, form, open, t->n, k);         \
        }                                                                      \
        return n;                                                              \
    }

DELIVER(f32, float)
DELIVER(f64, double)

/* Segments of a tick that have a synapse to each target, and are added without
 * a look at those. */
static size_t full_segments(const struct ebb_rows *rows, const struct tick *t)
{
    const struct ebb_segment_form *form = &rows->form;
    struct ebb_segment_row open[ROWS];
    size_t n = 0;
    open_rows(rows, t, open);
    for (size_t k = 0; form->distinct && k < t->n * form->segments; k++) {
        size_t row = k / form->segments, segment = k % form->segments;
        n += ebb_segment_count(form, open[row].count, segment) == form->span;
    }
    return n;
}

static size_t additions(const struct plain_rows *p, const struct tick *t)
{
    size_t n = 0;
    for (size_t k = 0; k < t->n; k++) {
        n += p->indptr[t->row[k] + 1] - p->indptr[t->row[k]];
    }
    return n;
}

/* Some ticks, one after the other, into the same sums. Returns how many full
 * segments were among them. */
static size_t check_ticks(const struct plain_rows *p,
                          const struct ebb_rows *rows, const char *isa,
                          uint64_t seed)
{
    size_t full = 0;
    struct ebb_random r = ebb_random_stream(seed, EBB_RANDOM_TEST, 21);
    size_t room = rows->form.segments * rows->form.span;
    double *sum64 = calloc(room, 8), *wanted64 = calloc(room, 8);
    float *sum32 = calloc(room, 4), *wanted32 = calloc(room, 4);
    for (size_t k = 0; k < 4; k++) {
        struct tick t = draw_tick(p, &r);
        full += full_segments(rows, &t);
        plain_f64(wanted64, p, &t);
        plain_f32(wanted32, p, &t);
        CHECK_EACH(packed_f64(sum64, rows, &t, isa) == additions(p, &t) &&
                       packed_f32(sum32, rows, &t, isa) == additions(p, &t),
                   "seed %llu, %s: additions", (unsigned long long)seed, isa);
    }
    CHECK_EACH(memcmp(sum64, wanted64, room * 8) == 0,
               "seed %llu, %s: double sums differ", (unsigned long long)seed,
               isa);
    CHECK_EACH(memcmp(sum32, wanted32, room * 4) == 0,
               "seed %llu, %s: float sums differ", (unsigned long long)seed,
               isa);
    free(sum64);
    free(wanted64);
    free(sum32);
    free(wanted32);
    return full;
}

START_TEST(every_build_delivers_the_bits_of_a_plain_loop)
{
    size_t n, full = 0, forms[EBB_WEIGHTS_DOUBLE + 1] = {0};
    const struct ebb_step_f64 *const *builds = ebb_step_all_f64(&n);
    for (uint64_t seed = 0; seed < 400; seed++) {
        struct plain_rows p = plain_rows_draw(seed);
        struct ebb_rows *rows;
        ck_assert_msg(ebb_rows_pack(&rows, &p.shape, p.indptr, p.indices,
                                    p.weight, p.number) == EBB_OK,
                      "%s", ebb_error_message());
        for (size_t k = 0; k < n; k++) {
            full += check_ticks(&p, rows, builds[k]->isa, seed);
        }
        forms[rows->form.weights]++;
        ebb_rows_destroy(rows);
        plain_rows_finish(&p);
    }
    printf("%zu builds; constant, codes, half, float, double: %zu %zu %zu %zu "
           "%zu; %zu full segments\n",
           n, forms[0], forms[1], forms[2], forms[3], forms[4], full);
    ck_assert_uint_gt(full, 1000);
}
END_TEST

/* Weights about the smallest float that is none, to both sides; few different
 * ones or many. */
static void make_small(struct plain_rows *p, uint64_t seed)
{
    for (size_t k = 0; k < p->indptr[p->shape.sources]; k++) {
        double w = p->number == EBB_FLOAT32 ? (double)((float *)p->weight)[k]
                                            : ((double *)p->weight)[k];
        float small = ebb_rows_narrow(w * (seed % 3 ? 0x1p-126 : 0x1p-140));
        if (p->number == EBB_FLOAT32) {
            ((float *)p->weight)[k] = small;
        } else {
            ((double *)p->weight)[k] = ebb_rows_widen(small);
        }
    }
}

/* Sums of one part of the slices: those of all of them, there. */
static void check_part(const struct plain_rows *p, const struct tick *t,
                       const double *all64, const float *all32, size_t slice,
                       enum ebb_segment_weights *form)
{
    struct ebb_rows_shape shape = p->shape;
    struct ebb_rows *rows;
    shape.first_slice = slice;
    shape.last_slice = slice + 1;
    ck_assert_int_eq(ebb_rows_pack(&rows, &shape, p->indptr, p->indices,
                                   p->weight, p->number),
                     EBB_OK);
    double *sum64 = calloc(shape.slice, 8);
    float *sum32 = calloc(shape.slice, 4);
    packed_f64(sum64, rows, t, "baseline");
    packed_f32(sum32, rows, t, "baseline");
    *form = rows->form.weights;
    CHECK_EACH(
        memcmp(sum64, all64 + slice * shape.slice, shape.slice * 8) == 0 &&
            memcmp(sum32, all32 + slice * shape.slice, shape.slice * 4) == 0,
        "slice %zu by itself has other sums", slice);
    free(sum64);
    free(sum32);
    ebb_rows_destroy(rows);
}

START_TEST(denormal_weights_are_delivered_alike_in_any_form)
{
    size_t n, others = 0;
    const struct ebb_step_f64 *const *builds = ebb_step_all_f64(&n);
    for (uint64_t seed = 0; seed < 200; seed++) {
        struct plain_rows p = plain_rows_draw(seed);
        struct ebb_random r = ebb_random_stream(seed, EBB_RANDOM_TEST, 22);
        struct tick t = draw_tick(&p, &r);
        struct ebb_rows *rows;
        make_small(&p, seed);
        p.shape.slice = p.shape.slice > 1024 ? 1024 : p.shape.slice;
        ck_assert_int_eq(ebb_rows_pack(&rows, &p.shape, p.indptr, p.indices,
                                       p.weight, p.number),
                         EBB_OK);
        for (size_t k = 0; k < n; k++) {
            check_ticks(&p, rows, builds[k]->isa, seed);
        }
        size_t slices = (p.shape.targets + p.shape.slice - 1) / p.shape.slice;
        double *all64 = calloc(slices * p.shape.slice, 8);
        float *all32 = calloc(slices * p.shape.slice, 4);
        plain_f64(all64, &p, &t);
        plain_f32(all32, &p, &t);
        for (size_t s = 0; s < slices; s++) {
            enum ebb_segment_weights form;
            check_part(&p, &t, all64, all32, s, &form);
            others += form != rows->form.weights;
        }
        free(all64);
        free(all32);
        ebb_rows_destroy(rows);
        plain_rows_finish(&p);
    }
    printf("%zu parts of another form\n", others);
    ck_assert_uint_gt(others, 100);
}
END_TEST

/* Row by row, as rows of one segment are delivered. */
START_TEST(every_build_takes_segments_apart)
{
    size_t n;
    const struct ebb_step_f64 *const *builds = ebb_step_all_f64(&n);
    for (uint64_t seed = 0; seed < 100; seed++) {
        struct plain_rows p = plain_rows_draw(seed);
        struct ebb_rows *rows;
        ck_assert_int_eq(ebb_rows_pack(&rows, &p.shape, p.indptr, p.indices,
                                       p.weight, p.number),
                         EBB_OK);
        size_t room = ebb_rows_longest(rows) + EBB_SEGMENT_LANES;
        uint32_t *target = calloc(room, 4);
        double *product = calloc(room, 8);
        const struct ebb_segment_form *form = &rows->form;
        for (size_t b = 0; b < n; b++) {
            const struct ebb_segment_ops_f64 *ops =
                ebb_segment_find_f64(builds[b]->isa);
            const uint8_t *at = rows->data + form->count_bytes * form->segments;
            size_t s = 0; /* of row 0 */
            for (size_t k = 0; k < form->segments; k++) {
                size_t own = ebb_segment_count(form, rows->data, k);
                ops->targets(form, at, own, target);
                ops->products(form, at + ebb_packed_bytes(own, form->bits), own,
                              2, product);
                for (size_t i = 0; i < own; i++, s++) {
                    double w = p.number == EBB_FLOAT32
                                   ? (double)((float *)p.weight)[s]
                                   : ((double *)p.weight)[s];
                    CHECK_EACH(k * form->span + target[i] == p.indices[s] &&
                                   product[i] == 2 * w,
                               "seed %llu, %s: synapse %zu",
                               (unsigned long long)seed, builds[b]->isa, s);
                }
                at += ebb_segment_bytes(form, own);
            }
        }
        free(target);
        free(product);
        ebb_rows_destroy(rows);
        plain_rows_finish(&p);
    }
}
END_TEST

RUN_SUITE("property", "segment", every_build_delivers_the_bits_of_a_plain_loop,
          denormal_weights_are_delivered_alike_in_any_form,
          every_build_takes_segments_apart)
