/* io/import_bench_net.h - benchmark networks with known spikes.
 *
 * An HDF5 file of one CSR matrix over sources and neurons with exponential
 * currents, one time constant for positive and one for negative weights:
 *
 *     tau_m dV/dt = (E_L - V) + I_e + I_i     dI_x/dt = -I_x / tau_x
 *
 * integrated exactly from tick to tick; V >= V_th is a spike, after which V is
 * held at V_reset for t_ref. */
#ifndef EBB_IO_IMPORT_BENCH_NET_H
#define EBB_IO_IMPORT_BENCH_NET_H

#include "core/events.h"
#include "models/network.h"

/**
 * Read such a network at a tick length: populations `input` (where there are
 * sources) and `neurons`, a projection for each source population and sign.
 * Errors: EBB_ERR_IO, EBB_ERR_FORMAT, EBB_ERR_ARG (a delay that is no whole
 * number of ticks), EBB_ERR_NOMEM, all with the path.
 */
EBB_NODISCARD ebb_status ebb_bench_net_read(struct ebb_network **out,
                                            const char *path, double tick_s);

/** Read its input events, at a tick length. Errors: as above. */
EBB_NODISCARD ebb_status ebb_bench_net_input(struct ebb_events *out,
                                             const char *path, double tick_s);

#endif
