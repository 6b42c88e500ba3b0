/* io/chunk_worker.h - chunks packed by a thread of their own, so that whoever
 * owns the file has only to write them. */
#ifndef EBB_IO_CHUNK_WORKER_H
#define EBB_IO_CHUNK_WORKER_H

#include "io/chunk_pack.h"

#include <stdbool.h>

/** Chunks to be packed one after the other. The arrays are the caller's, and
 *  stay alone until the job is done. */
struct ebb_chunk_job {
    struct ebb_chunk_source *source; /* [n] */
    void **packed;                   /* [n] each of ebb_chunk_bound() bytes */
    size_t *bytes;                   /* [n] out */
    size_t n;
    void *scratch; /* for the largest chunk */
    ebb_status status;
    bool done;
    struct ebb_chunk_job *next; /* in the queue */
};

/** A thread and its queue. */
struct ebb_chunk_worker;

/** Start. Where no thread can be had, jobs are done by who hands them over.
 *  Errors: EBB_ERR_NOMEM. */
EBB_NODISCARD ebb_status ebb_chunk_worker_create(struct ebb_chunk_worker **out);

/** Finish what was handed over, and end. NULL is allowed. */
void ebb_chunk_worker_destroy(struct ebb_chunk_worker *worker);

/** Hand a job over; they are done in order. Without a worker (NULL) it is done
 *  when this returns. */
void ebb_chunk_worker_submit(struct ebb_chunk_worker *worker,
                             struct ebb_chunk_job *job);

/** Wait for a job that was handed over. Errors: EBB_ERR_NOMEM. */
EBB_NODISCARD ebb_status ebb_chunk_worker_wait(struct ebb_chunk_worker *worker,
                                               struct ebb_chunk_job *job);

#endif
