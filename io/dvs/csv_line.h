/* io/dvs/csv_line.h - lines of numbers. */
#ifndef EBB_IO_DVS_CSV_LINE_H
#define EBB_IO_DVS_CSV_LINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { EBB_CSV_FIELDS = 8, EBB_CSV_LINE = 1024 };

/** Pieces of a line: between commas, semicolons, tabs or spaces. */
struct ebb_csv_line {
    const char *at[EBB_CSV_FIELDS];
    size_t length[EBB_CSV_FIELDS];
    size_t n; /* more than EBB_CSV_FIELDS: not all are here */
};

void ebb_csv_split(struct ebb_csv_line *out, const char *line, size_t n);

/** A decimal number of any length, in millionths, rounded. */
struct ebb_csv_number {
    int64_t whole;
    int64_t millionths; /* the whole number, at 10^6 a unit */
    bool fraction;      /* is not whole */
};

/** False: no number, or beyond 64 bits. */
bool ebb_csv_number(struct ebb_csv_number *out, const char *at, size_t n);

/** 0, 1, -1 (0), true, false, in any case. False: nothing of that. */
bool ebb_csv_polarity(uint8_t *out, const char *at, size_t n);

#endif
