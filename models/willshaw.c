/* models/willshaw.c - how many patterns a Willshaw memory can hold: theory. */
#include "models/willshaw.h"

#include "core/memory.h"

#include <math.h>
#include <stdbool.h>

enum { SPARSEST = 1000000 }; /* N / M: steps of the chain are 40 times that */
static const double NOTHING_LEFT = 1e-14; /* of cue cells in no pattern */
static const double MISSING_MOST = 0.1;   /* less than the cue itself lacks */
static const double WEIGHT_FALSE = 20;    /* they make more of their kind */

static double log_choose(double n, double k)
{
    return lgamma(n + 1) - lgamma(k + 1) - lgamma(n - k + 1);
}

/* Pr[Bin(n, p) = k]. */
static double binomial(double n, double k, double p)
{
    if (k < 0 || k > n) {
        return 0;
    }
    if (p >= 1 || p <= 0) {
        return k == (p >= 1 ? n : 0);
    }
    return exp(log_choose(n, k) + k * log(p) + (n - k) * log1p(-p));
}

/* Pr[Bin(n, p) >= k], summed from its small end. */
static double tail(size_t n, size_t k, double p)
{
    double sum = 0;
    for (size_t i = n + 1; i-- > k;) {
        sum += binomial((double)n, (double)i, p);
    }
    return fmin(sum, 1);
}

/* H(h; total, marked, drawn): marked ones among those drawn. */
static double hypergeometric(double h, double total, double marked,
                             double drawn)
{
    if (h > marked || h > drawn || drawn - h > total - marked) {
        return 0;
    }
    return exp(log_choose(marked, h) + log_choose(total - marked, drawn - h) -
               log_choose(total, drawn));
}

/* What steps are made of. */
struct chain {
    size_t c;
    double *lose; /* [c + 1, c + 1] H of (1): from u, lose h */
    double *p;    /* [c + 1] p_r(u) */
    double *fire; /* [c + 1] Pr[Bin(c - u, Z) >= K] */
};

static void chain_finish(struct chain *s)
{
    ebb_mem_free(s->lose);
    ebb_mem_free(s->p);
    ebb_mem_free(s->fire);
}

static ebb_status chain_init(struct chain *s, const struct ebb_willshaw *w)
{
    size_t c = w->cue, row = c + 1;
    *s = (struct chain){c, ebb_mem_calloc(row * row, sizeof(double)),
                        ebb_mem_calloc(row, sizeof(double)),
                        ebb_mem_calloc(row, sizeof(double))};
    if (!s->lose || !s->p || !s->fire) {
        chain_finish(s);
        return EBB_FAIL(EBB_ERR_NOMEM, "no memory for a cue of %zu cells", c);
    }
    double others = (double)w->neurons - 1, drawn = (double)w->cells - 1;
    for (size_t u = 0; u <= c; u++) {
        for (size_t h = 0; h <= u; h++) {
            s->lose[u * row + h] =
                hypergeometric((double)h, others, (double)u, drawn);
        }
        s->fire[u] = tail(c - u, w->threshold, w->connect);
    }
    s->p[c] = 1;
    return EBB_OK;
}

/* One more pattern (1). In place: what u loses goes below u. */
static void chain_step(struct chain *s)
{
    for (size_t u = 0; u <= s->c; u++) {
        double all = s->p[u];
        const double *lose = s->lose + u * (s->c + 1);
        s->p[u] = all * lose[0];
        for (size_t h = 1; h <= u; h++) {
            s->p[u - h] += all * lose[h];
        }
    }
}

static double chain_fires(const struct chain *s) /* (2) */
{
    double sum = 0;
    for (size_t u = 0; u <= s->c; u++) {
        sum += s->p[u] * s->fire[u];
    }
    return sum;
}

/* Probability that some cell of the cue is in none of the patterns. */
static double chain_left(const struct chain *s)
{
    double sum = 0;
    for (size_t u = 1; u <= s->c; u++) {
        sum += s->p[u];
    }
    return sum;
}

static ebb_status check(const struct ebb_willshaw *w)
{
    if (w->cells < 2 || w->cells > w->neurons / 2 || w->cue < 1 ||
        w->cue > w->cells || w->cue > EBB_WILLSHAW_CUE_MAX ||
        w->neurons / w->cells > SPARSEST ||
        !(w->connect > 0 && w->connect <= 1)) {
        return EBB_FAIL(EBB_ERR_ARG,
                        "theory of %zu neurons, patterns of %zu cells and cues "
                        "of %zu: give 2 cells, and one in %d neurons, to "
                        "half of them, and a cue of 1 to %d cells",
                        w->neurons, w->cells, w->cue, SPARSEST,
                        EBB_WILLSHAW_CUE_MAX);
    }
    return EBB_OK;
}

static ebb_status fill(struct ebb_willshaw_table *t, struct chain *s)
{
    size_t room = 0;
    for (bool more = true; more; t->n++) {
        EBB_TRY(ebb_mem_grow(&t->chance, &room, t->n + 1, sizeof(double)));
        t->chance[t->n] = chain_fires(s);
        chain_step(s);
        more = chain_left(s) > NOTHING_LEFT;
    }
    return EBB_OK;
}

ebb_status ebb_willshaw_table_init(struct ebb_willshaw_table *t,
                                   const struct ebb_willshaw *of)
{
    struct chain s;
    *t = (struct ebb_willshaw_table){.of = *of};
    EBB_TRY(check(of));
    EBB_TRY(chain_init(&s, of));
    ebb_status status = fill(t, &s);
    chain_finish(&s);
    if (status != EBB_OK) {
        ebb_willshaw_table_finish(t);
    }
    return status;
}

void ebb_willshaw_table_finish(struct ebb_willshaw_table *t)
{
    ebb_mem_free(t->chance);
    *t = (struct ebb_willshaw_table){.n = 0};
}

double ebb_willshaw_false(const struct ebb_willshaw_table *t, size_t patterns)
{
    double n = (double)t->of.neurons, m = (double)t->of.cells;
    double others = (double)patterns - 1, f = m / n;
    double mean = others * f, wide = 12 * sqrt(mean * (1 - f)) + 20;
    double from = floor(fmax(0, mean - wide)), to = fmin(others, mean + wide);
    double sum = 0;
    for (double r = from; r <= to; r++) {
        size_t at = r < (double)t->n ? (size_t)r : t->n - 1;
        sum += binomial(others, r, f) * t->chance[at];
    }
    return (n - m) / m * sum; /* (3) */
}

double ebb_willshaw_capacity(const struct ebb_willshaw_table *t, double level)
{
    size_t low = 1, high = 2;
    while (high < (size_t)1 << 32 && ebb_willshaw_false(t, high) < level) {
        low = high;
        high *= 2;
    }
    if (ebb_willshaw_false(t, high) < level) {
        return 0;
    }
    while (high - low > 1) {
        size_t middle = low + (high - low) / 2;
        if (ebb_willshaw_false(t, middle) < level) {
            low = middle;
        } else {
            high = middle;
        }
    }
    double below = log(ebb_willshaw_false(t, low));
    double above = log(ebb_willshaw_false(t, high));
    double part = above > below ? (log(level) - below) / (above - below) : 1;
    return exp(log((double)low) +
               fmax(0, part) * log((double)high / (double)low));
}

double ebb_willshaw_completion(const struct ebb_willshaw *w)
{
    double c = (double)w->cue, m = (double)w->cells;
    double in = tail(w->cue - 1, w->threshold, w->connect);
    double out = tail(w->cue, w->threshold, w->connect);
    return (c * in + (m - c) * out) / m; /* (4) */
}

size_t ebb_willshaw_threshold(const struct ebb_willshaw *w, double completion)
{
    struct ebb_willshaw at = *w;
    for (at.threshold = w->cue; at.threshold > 1; at.threshold--) {
        if (ebb_willshaw_completion(&at) >= completion) {
            break;
        }
    }
    return at.threshold > 0 ? at.threshold : 1;
}

/* From the highest threshold down, so that each adds one term to the tails. */
size_t ebb_willshaw_best_threshold(const struct ebb_willshaw *w,
                                   size_t patterns)
{
    double n = (double)w->neurons, m = (double)w->cells, c = (double)w->cue;
    double set = -expm1((double)patterns * log1p(-m / n * m / n));
    double fired = m + (m - c);
    double falsely = tail((size_t)fired, w->cue + 1, set * w->connect);
    double in = 0, out = 0, fewest = HUGE_VAL;
    size_t best = 1;
    for (size_t k = w->cue; k > 0; k--) {
        in += binomial(c - 1, (double)k, w->connect);
        out += binomial(c, (double)k, w->connect);
        falsely += binomial(fired, (double)k, set * w->connect);
        double missing = 1 - (c * in + (m - c) * out) / m; /* (4) */
        double wrong = missing + WEIGHT_FALSE * (n - m) / m * falsely;
        if (missing <= MISSING_MOST && wrong < fewest) {
            fewest = wrong;
            best = k;
        }
    }
    return best;
}
