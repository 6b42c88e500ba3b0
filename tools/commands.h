/* tools/commands.h - the commands of the program, one file each. */
#ifndef EBB_TOOLS_COMMANDS_H
#define EBB_TOOLS_COMMANDS_H

#include "tools/args.h"

extern const struct ebb_command ebb_command_bench;
extern const struct ebb_command ebb_command_convert;
extern const struct ebb_command ebb_command_dataset;
extern const struct ebb_command ebb_command_patterns;
extern const struct ebb_command ebb_command_play;
extern const struct ebb_command ebb_command_plot;
extern const struct ebb_command ebb_command_train;
extern const struct ebb_command ebb_command_eval;
extern const struct ebb_command ebb_command_grad;
extern const struct ebb_command ebb_command_info;
extern const struct ebb_command ebb_command_memory;
extern const struct ebb_command ebb_command_merge;
extern const struct ebb_command ebb_command_repair;
extern const struct ebb_command ebb_command_run;
extern const struct ebb_command ebb_command_serve;

#endif
