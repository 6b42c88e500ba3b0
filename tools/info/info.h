/* tools/info/info.h - what is in the larger kinds of file. */
#ifndef EBB_TOOLS_INFO_INFO_H
#define EBB_TOOLS_INFO_INFO_H

#include "core/error.h"
#include "io/dvs/dvs.h"
#include "tools/json.h"

/* Each tells a person what a file holds or, where `json` is not NULL, goes on
 * with the object begun there and adds one for each part of the file, a line
 * each. Errors: those of reading it. */

EBB_NODISCARD ebb_status ebb_info_network(const char *path,
                                          struct ebb_json *json);
/** The network of an experiment, and how it would learn. */
EBB_NODISCARD ebb_status ebb_info_experiment(const char *path,
                                             struct ebb_json *json);
EBB_NODISCARD ebb_status ebb_info_trace(const char *path,
                                        struct ebb_json *json);
/** A trace that grows, or was cut short. */
EBB_NODISCARD ebb_status ebb_info_part(const char *path, struct ebb_json *json);
EBB_NODISCARD ebb_status ebb_info_dataset(const char *path,
                                          struct ebb_json *json);
EBB_NODISCARD ebb_status ebb_info_gradients(const char *path,
                                            struct ebb_json *json);
/** A data set of spikes as of SHD. */
EBB_NODISCARD ebb_status ebb_info_spike_set(const char *path,
                                            struct ebb_json *json);
/** A recording of an event camera. */
EBB_NODISCARD ebb_status
ebb_info_recording(const char *path, const struct ebb_dvs_options *options,
                   struct ebb_json *json);

#endif
