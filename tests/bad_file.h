/* tests/bad_file.h - files that are wrong in one place. */
#ifndef EBB_TESTS_BAD_FILE_H
#define EBB_TESTS_BAD_FILE_H

/** What is done to a good HDF5 file. */
enum bad_how {
    BAD_NOTHING,
    BAD_REMOVE,    /* the member or attribute is gone */
    BAD_TEXT,      /* attribute: this text */
    BAD_COUNT,     /* attribute: this whole number, signed */
    BAD_NUMBER,    /* attribute: this number */
    BAD_CELL,      /* dataset: its first number */
    BAD_SIGNED,    /* dataset: the same shape, signed, all this number */
    BAD_REAL,      /* dataset: the same shape, float64, all this number */
    BAD_FLAT,      /* dataset: so many zeros in one dimension */
    BAD_WORDS,     /* dataset: text instead of numbers */
    BAD_WIDE,      /* dataset: numbers of so many bytes each */
    BAD_HUGE,      /* dataset: 2^50 numbers, none of them stored */
    BAD_GROUP,     /* dataset: a group in its place */
    BAD_LINK,      /* member: a link into another file */
    BAD_SOFT_LINK, /* member: a link to nowhere */
    BAD_OUTSIDE,   /* dataset: its numbers in another file */
    BAD_CUT        /* file: only its first bytes */
};

/** One edit. */
struct bad_edit {
    enum bad_how how;
    const char *at; /* "group/member", or "group@attribute" */
    double value;
    const char *text;
};

/** Do it to a file; aborts the test when it cannot. */
void bad_file_edit(const char *path, const struct bad_edit *edit);

/** Copy a file. */
void bad_file_copy(const char *to, const char *from);

#endif
