/* io/trace_populations.c - /run/populations of a trace. */
#include "io/trace_populations.h"

static ebb_status fill(hid_t at, const struct ebb_trace_train *p, size_t index)
{
    EBB_TRY(ebb_h5_put_count(at, "index", index));
    EBB_TRY(ebb_h5_put_count(at, "n", p->n));
    EBB_TRY(ebb_h5_put_count(at, "input", p->input));
    if (p->input || p->v_th.n == 0) {
        return EBB_OK;
    }
    struct ebb_h5_shape shape = ebb_h5_shape_1(p->v_th.n);
    return ebb_h5_write(at, "v_th", H5T_IEEE_F64LE, H5T_NATIVE_DOUBLE, &shape,
                        p->v_th.v, false);
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
