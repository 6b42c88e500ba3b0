/* io/trace_populations.c - /run/populations of a trace. */
#include "io/trace_populations.h"

/* 1 or n of them: who reads it knows nothing of channels. */
static ebb_status put_v_th(hid_t at, const struct ebb_trace_train *p)
{
    size_t n = p->v_th.channel ? p->n : p->v_th.n;
    double *v_th = ebb_mem_calloc(n, sizeof(*v_th));
    if (!v_th) {
        return EBB_FAIL(EBB_ERR_NOMEM, "no memory for %zu thresholds", n);
    }
    for (size_t i = 0; i < n; i++) {
        v_th[i] = ebb_value_at(p->v_th, i);
    }
    struct ebb_h5_shape shape = ebb_h5_shape_1(n);
    ebb_status status = ebb_h5_write(at, "v_th", H5T_IEEE_F64LE,
                                     H5T_NATIVE_DOUBLE, &shape, v_th, false);
    ebb_mem_free(v_th);
    return status;
}

static ebb_status fill(hid_t at, const struct ebb_trace_train *p, size_t index)
{
    EBB_TRY(ebb_h5_put_count(at, "index", index));
    EBB_TRY(ebb_h5_put_count(at, "n", p->n));
    EBB_TRY(ebb_h5_put_count(at, "input", p->input));
    if (p->own_from > 0 || p->own_to < p->n) {
        EBB_TRY(ebb_h5_put_count(at, "own_from", p->own_from));
        EBB_TRY(ebb_h5_put_count(at, "own_to", p->own_to));
    }
    return p->input || p->v_th.n == 0 ? EBB_OK : put_v_th(at, p);
}

ebb_status ebb_trace_populations_write(hid_t run,
                                       const struct ebb_trace_plan *plan)
{
    hid_t all;
    EBB_TRY(ebb_h5_group_create(&all, run, "populations"));
    ebb_status status = EBB_OK;
    for (size_t k = 0; k < plan->n_populations && status == EBB_OK; k++) {
        const struct ebb_trace_train *p = &plan->populations[k];
        hid_t at;
        status = ebb_h5_group_create(&at, all, p->name);
        if (status == EBB_OK) {
            status = fill(at, p, k);
            H5Gclose(at);
        }
    }
    H5Gclose(all);
    return status;
}
