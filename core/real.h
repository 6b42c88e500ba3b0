/* core/real.h - one source, two precisions.
 *
 * An interface that exists in float and in double stands in an .inc file,
 * written with EBB_REAL for the number and EBB_NAME(x) for x_f32 or x_f64. Its
 * header includes that file once for each:
 *
 *     #define EBB_REAL_BITS 32
 *     #include "core/real_begin.inc"
 *     #include "core/step.inc"
 *     #include "core/real_end.inc"
 *
 * and again with 64. A source that serves both is built twice by meson, with
 * EBB_BUILD_BITS on the command line, and includes core/real_build.inc. */
#ifndef EBB_CORE_REAL_H
#define EBB_CORE_REAL_H

#define EBB_PASTE_TOKENS(a, b) a##b
#define EBB_PASTE(a, b)        EBB_PASTE_TOKENS(a, b)

#endif
