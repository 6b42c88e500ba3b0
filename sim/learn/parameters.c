/* sim/learn/parameters.c - what is learned: one vector over a model. */
#include "sim/learn/parameters.h"

#include "core/poles.h"
#include "sim/learn/stabilise.h"

enum kind { PLAIN, DECAY, ALPHA_FREE, ALPHA_STABLE };

/* A run of learned numbers: number k stands for `copies` adjacent numbers of
 * the model, because parameters that are shared have a column each there. */
struct ebb_parameter_span {
    enum kind kind;
    float *value;    /* [n * copies] in the model */
    size_t gradient; /* where its gradient starts in the gradient's vector */
    size_t n, copies;
    size_t first;   /* index of its first number in x */
    unsigned order; /* α: P; n = P * axons (or P where shared) */
};

enum { SPANS_PER_POPULATION = 4, SPANS_PER_PROJECTION = 3 };
enum { GATHER_BLOCK = 16 }; /* numbers added up at a time */

static void add_span(struct ebb_parameters *p, struct ebb_parameter_span span)
{
    if (span.n > 0) {
        span.first = p->n;
        p->n += span.n;
        p->spans[p->n_spans++] = span;
    }
}

static void add_values(struct ebb_parameters *p, enum kind kind, float *value,
                       const float *gradient, const float *all,
                       struct ebb_values shape, size_t neurons)
{
    add_span(p,
             (struct ebb_parameter_span){.kind = kind,
                                         .value = value,
                                         .gradient = (size_t)(gradient - all),
                                         .n = shape.n,
                                         .copies = neurons / shape.n});
}

static void add_population(struct ebb_parameters *p, size_t i,
                           const struct ebb_gradient_f32 *g)
{
    const struct ebb_population *from = &p->model->net->populations[i];
    const struct ebb_model_population_f32 *m = &p->model->populations[i];
    const struct ebb_gradient_population_f32 *d = &g->populations[i];
    if (p->learn.bias) {
        add_values(p, PLAIN, m->bias, d->d_bias, g->all, from->bias, from->n);
    }
    if (p->learn.lambda) {
        add_values(p, DECAY, m->lambda, d->d_lambda, g->all, from->lambda,
                   from->n);
    }
    if (p->learn.theta && from->reset == EBB_RESET_FILTER) {
        add_values(p, DECAY, m->theta, d->d_theta, g->all, from->theta,
                   from->n);
    }
    if (p->learn.v_th) {
        add_values(p, PLAIN, m->v_th, d->d_v_th, g->all, from->v_th, from->n);
    }
}

static void add_projection(struct ebb_parameters *p, size_t i,
                           const struct ebb_gradient_f32 *g)
{
    const struct ebb_model_projection_f32 *m = &p->model->projections[i];
    const struct ebb_gradient_projection_f32 *d = &g->projections[i];
    size_t axons = m->filter.stride;
    size_t copies = m->from->kernel.n == 1 ? axons : 1;
    add_span(p, (struct ebb_parameter_span){.kind = PLAIN,
                                            .value = m->weight,
                                            .gradient =
                                                (size_t)(d->d_weight - g->all),
                                            .n = m->from->synapses,
                                            .copies = 1});
    if (p->learn.kernels == EBB_KERNELS_FIXED) {
        return;
    }
    bool stable = p->learn.kernels == EBB_KERNELS_STABLE;
    add_span(p, (struct ebb_parameter_span){
                    .kind = stable ? ALPHA_STABLE : ALPHA_FREE,
                    .value = m->alpha,
                    .gradient = (size_t)(d->d_alpha - g->all),
                    .n = m->filter.order_p * axons / copies,
                    .copies = copies,
                    .order = m->filter.order_p});
    add_span(
        p, (struct ebb_parameter_span){.kind = PLAIN,
                                       .value = m->beta,
                                       .gradient = (size_t)(d->d_beta - g->all),
                                       .n = m->filter.taps * axons / copies,
                                       .copies = copies});
}

static size_t columns_of(const struct ebb_parameter_span *s)
{
    return s->n / s->order;
}

static void read_values(struct ebb_parameters *p)
{
    for (size_t k = 0; k < p->n_spans; k++) {
        const struct ebb_parameter_span *s = &p->spans[k];
        float *x = p->x + s->first;
        for (size_t i = 0; i < s->n; i++) {
            x[i] = s->value[i * s->copies];
        }
        if (s->kind == ALPHA_STABLE) {
            size_t columns = columns_of(s);
            for (size_t j = 0; j < columns; j++) {
                ebb_stabilise_reduce(x + j, x + j, columns, s->order);
            }
        }
    }
}

static ebb_status fill(struct ebb_parameters *p)
{
    const struct ebb_network *net = p->model->net;
    EBB_TRY(ebb_arena_create(&p->arena));
    size_t most = net->n_populations * SPANS_PER_POPULATION +
                  net->n_projections * SPANS_PER_PROJECTION;
    p->spans = ebb_arena_calloc(p->arena, most, sizeof(*p->spans));
    if (!p->spans) {
        return EBB_FAIL(EBB_ERR_NOMEM, "no memory for the parameters");
    }
    struct ebb_gradient_f32 *shape;
    EBB_TRY(ebb_gradient_create_f32(&shape, p->model));
    for (size_t i = 0; i < net->n_populations; i++) {
        if (!net->populations[i].input) {
            add_population(p, i, shape);
        }
    }
    for (size_t i = 0; i < net->n_projections; i++) {
        add_projection(p, i, shape);
    }
    ebb_gradient_destroy_f32(shape);
    p->x = ebb_arena_calloc(p->arena, p->n, sizeof(float));
    p->g = ebb_arena_calloc(p->arena, p->n, sizeof(float));
    if (!p->x || !p->g) {
        return EBB_FAIL(EBB_ERR_NOMEM, "no memory for %zu parameters", p->n);
    }
    read_values(p);
    return EBB_OK;
}

ebb_status ebb_parameters_create(struct ebb_parameters **out,
                                 struct ebb_model_f32 *model,
                                 const struct ebb_learn *learn)
{
    *out = NULL;
    struct ebb_parameters *p = ebb_mem_calloc(1, sizeof(*p));
    if (!p) {
        return EBB_FAIL(EBB_ERR_NOMEM, "no memory for the parameters");
    }
    p->model = model;
    p->learn = *learn;
    ebb_status status = fill(p);
    if (status != EBB_OK) {
        ebb_parameters_destroy(p);
        return status;
    }
    *out = p;
    return EBB_OK;
}

void ebb_parameters_destroy(struct ebb_parameters *p)
{
    if (p) {
        ebb_arena_destroy(p->arena);
        ebb_mem_free(p);
    }
}

/* Sum of GATHER_BLOCK neighbours over all gradients, in the order of
 * gradients; few enough to stay in registers. */
static void gather_block(float *g, struct ebb_gradient_f32 *const *gradients,
                         size_t n, size_t from)
{
    double sum[GATHER_BLOCK] = {0};
    for (size_t k = 0; k < n; k++) {
        const float *d = gradients[k]->all + from;
        for (size_t i = 0; i < GATHER_BLOCK; i++) {
            sum[i] += (double)d[i];
        }
    }
    for (size_t i = 0; i < GATHER_BLOCK; i++) {
        g[i] = (float)sum[i];
    }
}

static float gather_copies(struct ebb_gradient_f32 *const *gradients, size_t n,
                           size_t from, size_t copies)
{
    double sum = 0;
    for (size_t k = 0; k < n; k++) {
        for (size_t c = 0; c < copies; c++) {
            sum += (double)gradients[k]->all[from + c];
        }
    }
    return (float)sum;
}

static void gather_span(struct ebb_parameters *p,
                        const struct ebb_parameter_span *s,
                        struct ebb_gradient_f32 *const *gradients, size_t n)
{
    float *g = p->g + s->first;
    size_t whole = s->copies == 1 ? s->n - s->n % GATHER_BLOCK : 0;
    for (size_t i = 0; i < whole; i += GATHER_BLOCK) {
        gather_block(g + i, gradients, n, s->gradient + i);
    }
    for (size_t i = whole; i < s->n; i++) {
        g[i] =
            gather_copies(gradients, n, s->gradient + i * s->copies, s->copies);
    }
}

void ebb_parameters_gather(struct ebb_parameters *p,
                           struct ebb_gradient_f32 *const *gradients, size_t n)
{
    for (size_t k = 0; k < p->n_spans; k++) {
        const struct ebb_parameter_span *s = &p->spans[k];
        gather_span(p, s, gradients, n);
        if (s->kind != ALPHA_STABLE) {
            continue;
        }
        size_t columns = columns_of(s);
        for (size_t j = 0; j < columns; j++) {
            float *g = p->g + s->first + j;
            ebb_stabilise_backward(g, g, p->x + s->first + j, columns,
                                   s->order);
        }
    }
}

static const double pole_limit = 0.999;

/* Is a pole of z² - a z - b beyond the limit? The triangle of stability, for
 * a filter scaled by the limit; no roots needed. */
static bool second_order_is_inside(double a, double b)
{
    double a1 = a / pole_limit, b1 = b / (pole_limit * pole_limit);
    return b1 > -1 && a1 < 1 - b1 && -a1 < 1 - b1;
}

static size_t limit_poles(const struct ebb_parameter_span *s, float *x)
{
    size_t columns = columns_of(s), scaled = 0;
    for (size_t j = 0; j < columns; j++) {
        double alpha[EBB_ORDER_MAX];
        for (unsigned i = 0; i < s->order; i++) {
            alpha[i] = (double)x[i * columns + j];
        }
        if (s->order == 2 && second_order_is_inside(alpha[0], alpha[1])) {
            continue;
        }
        unsigned here = ebb_poles_limit(alpha, 1, s->order, pole_limit);
        for (unsigned i = 0; here > 0 && i < s->order; i++) {
            x[i * columns + j] = (float)alpha[i];
        }
        scaled += here;
    }
    return scaled;
}

static void limit_decay(float *x, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        x[i] = x[i] < 0 ? 0 : x[i] > 0.999F ? 0.999F : x[i];
    }
}

static void write_span(const struct ebb_parameter_span *s, const float *x)
{
    for (size_t i = 0; i < s->n; i++) {
        for (size_t c = 0; c < s->copies; c++) {
            s->value[i * s->copies + c] = x[i];
        }
    }
}

static void write_stable(const struct ebb_parameter_span *s, const float *x)
{
    size_t columns = columns_of(s);
    for (size_t j = 0; j < columns; j++) {
        float alpha[EBB_ORDER_MAX];
        float own[EBB_ORDER_MAX];
        for (unsigned i = 0; i < s->order; i++) {
            own[i] = x[i * columns + j];
        }
        ebb_stabilise_expand(alpha, own, 1, s->order);
        for (unsigned i = 0; i < s->order; i++) {
            size_t at = (i * columns + j) * s->copies;
            for (size_t c = 0; c < s->copies; c++) {
                s->value[at + c] = alpha[i];
            }
        }
    }
}

void ebb_parameters_write(struct ebb_parameters *p)
{
    for (size_t k = 0; k < p->n_spans; k++) {
        const struct ebb_parameter_span *s = &p->spans[k];
        if (s->kind == ALPHA_STABLE) {
            write_stable(s, p->x + s->first);
        } else {
            write_span(s, p->x + s->first);
        }
    }
}

size_t ebb_parameters_apply(struct ebb_parameters *p)
{
    size_t scaled = 0;
    for (size_t k = 0; k < p->n_spans; k++) {
        const struct ebb_parameter_span *s = &p->spans[k];
        float *x = p->x + s->first;
        if (s->kind == ALPHA_FREE) {
            scaled += limit_poles(s, x);
        } else if (s->kind == DECAY) {
            limit_decay(x, s->n);
        }
    }
    ebb_parameters_write(p);
    return scaled;
}
