/* tools/bench/uncounted.h - put before each source of the engine, it makes a
 * second engine that counts nothing: other names, and EBB_ENGINE_UNCOUNTED. */
#ifndef EBB_TOOLS_BENCH_UNCOUNTED_H
#define EBB_TOOLS_BENCH_UNCOUNTED_H

#define EBB_ENGINE_UNCOUNTED

#define blocks_build               uncounted_blocks_build
#define blocks_is_awake            uncounted_blocks_is_awake
#define blocks_reset               uncounted_blocks_reset
#define blocks_set_awake           uncounted_blocks_set_awake
#define blocks_step                uncounted_blocks_step
#define blocks_touch               uncounted_blocks_touch
#define blocks_wake                uncounted_blocks_wake
#define crowd_build                uncounted_crowd_build
#define deliver_collect            uncounted_deliver_collect
#define deliver_due                uncounted_deliver_due
#define deliver_find               uncounted_deliver_find
#define deliver_restore            uncounted_deliver_restore
#define deliver_send               uncounted_deliver_send
#define deliver_sort               uncounted_deliver_sort
#define deliver_step_axon          uncounted_deliver_step_axon
#define deliver_want               uncounted_deliver_want
#define drive_finish               uncounted_drive_finish
#define drive_reset                uncounted_drive_reset
#define ebb_engine_bytes           uncounted_ebb_engine_bytes
#define ebb_engine_counters        uncounted_ebb_engine_counters
#define ebb_engine_create          uncounted_ebb_engine_create
#define ebb_engine_destroy         uncounted_ebb_engine_destroy
#define ebb_engine_input           uncounted_ebb_engine_input
#define ebb_engine_next            uncounted_ebb_engine_next
#define ebb_engine_now             uncounted_ebb_engine_now
#define ebb_engine_options_default uncounted_ebb_engine_options_default
#define ebb_engine_reset           uncounted_ebb_engine_reset
#define ebb_engine_run             uncounted_ebb_engine_run
#define ebb_engine_simulate        uncounted_ebb_engine_simulate
#define engine_build               uncounted_engine_build
#define engine_check_probes        uncounted_engine_check_probes
#define engine_share               uncounted_engine_share
#define maxima_add                 uncounted_maxima_add
#define maxima_build               uncounted_maxima_build
#define maxima_by_winners          uncounted_maxima_by_winners
#define maxima_collect             uncounted_maxima_collect
#define maxima_create              uncounted_maxima_create
#define maxima_finish              uncounted_maxima_finish
#define maxima_largest             uncounted_maxima_largest
#define maxima_parts               uncounted_maxima_parts
#define maxima_reset               uncounted_maxima_reset
#define maxima_stirred             uncounted_maxima_stirred
#define maxima_wake                uncounted_maxima_wake
#define maxima_winners             uncounted_maxima_winners
#define neurons_advance            uncounted_neurons_advance
#define neurons_diverged           uncounted_neurons_diverged
#define neurons_hold               uncounted_neurons_hold
#define neurons_load               uncounted_neurons_load
#define neurons_may_fire           uncounted_neurons_may_fire
#define neurons_next_look          uncounted_neurons_next_look
#define neurons_note               uncounted_neurons_note
#define neurons_plan               uncounted_neurons_plan
#define neurons_reset              uncounted_neurons_reset
#define neurons_spike              uncounted_neurons_spike
#define neurons_step               uncounted_neurons_step
#define neurons_store              uncounted_neurons_store
#define probe_next                 uncounted_probe_next
#define probe_step_psps            uncounted_probe_step_psps
#define probe_tell                 uncounted_probe_tell
#define rows_add                   uncounted_rows_add
#define rows_take                  uncounted_rows_take
#define space_build                uncounted_space_build
#define space_pack                 uncounted_space_pack
#define space_largest              uncounted_space_largest
#define space_name                 uncounted_space_name
#define space_reach                uncounted_space_reach
#define space_rows                 uncounted_space_rows
#define space_runs                 uncounted_space_runs
#define tiles_diverged             uncounted_tiles_diverged
#define tiles_flagged              uncounted_tiles_flagged
#define tiles_gather               uncounted_tiles_gather
#define tiles_step                 uncounted_tiles_step
#define tiles_wind_clock           uncounted_tiles_wind_clock
#define winners_add                uncounted_winners_add
#define winners_corner             uncounted_winners_corner
#define winners_create             uncounted_winners_create
#define winners_destroy            uncounted_winners_destroy
#define winners_evaluations        uncounted_winners_evaluations
#define winners_range              uncounted_winners_range
#define winners_reset              uncounted_winners_reset
#define winners_settle             uncounted_winners_settle
#define winners_state              uncounted_winners_state
#define winners_stirred            uncounted_winners_stirred
#define winners_wake               uncounted_winners_wake
#define winners_wanted             uncounted_winners_wanted

#endif
