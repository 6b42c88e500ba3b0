/* io/chunk_worker.c - chunks packed by a thread of their own. */
#include "io/chunk_worker.h"

#include "core/memory.h"

#include <pthread.h>
#include <signal.h>

struct ebb_chunk_worker {
    pthread_t thread;
    bool has_thread, is_over;
    pthread_mutex_t lock;
    pthread_cond_t submitted, finished;
    struct ebb_chunk_job *first, *last; /* not begun */
};

static void pack(struct ebb_chunk_job *job)
{
    job->status = EBB_OK;
    for (size_t k = 0; k < job->n && job->status == EBB_OK; k++) {
        job->status = ebb_chunk_pack(job->packed[k], &job->bytes[k],
                                     job->scratch, &job->source[k]);
    }
}

/* The next job, or NULL when there will be none. */
static struct ebb_chunk_job *next_job(struct ebb_chunk_worker *w)
{
    while (!w->first && !w->is_over) {
        pthread_cond_wait(&w->submitted, &w->lock);
    }
    struct ebb_chunk_job *job = w->first;
    if (job) {
        w->first = job->next;
    }
    return job;
}

static void *work(void *self)
{
    struct ebb_chunk_worker *w = self;
    struct ebb_chunk_job *job;
    pthread_mutex_lock(&w->lock);
    while ((job = next_job(w)) != NULL) {
        pthread_mutex_unlock(&w->lock);
        pack(job);
        pthread_mutex_lock(&w->lock);
        job->done = true;
        pthread_cond_signal(&w->finished);
    }
    pthread_mutex_unlock(&w->lock);
    return NULL;
}

/* Signals are for the thread that simulates. */
static bool start(struct ebb_chunk_worker *w)
{
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    bool good = pthread_create(&w->thread, NULL, work, w) == 0;
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return good;
}

ebb_status ebb_chunk_worker_create(struct ebb_chunk_worker **out)
{
    struct ebb_chunk_worker *w = ebb_mem_calloc(1, sizeof(*w));
    *out = w;
    if (!w) {
        return EBB_FAIL(EBB_ERR_NOMEM, "no memory for a trace");
    }
    pthread_mutex_init(&w->lock, NULL);
    pthread_cond_init(&w->submitted, NULL);
    pthread_cond_init(&w->finished, NULL);
    w->has_thread = start(w);
    return EBB_OK;
}

void ebb_chunk_worker_destroy(struct ebb_chunk_worker *w)
{
    if (!w) {
        return;
    }
    if (w->has_thread) {
        pthread_mutex_lock(&w->lock);
        w->is_over = true;
        pthread_cond_signal(&w->submitted);
        pthread_mutex_unlock(&w->lock);
        pthread_join(w->thread, NULL);
    }
    pthread_cond_destroy(&w->finished);
    pthread_cond_destroy(&w->submitted);
    pthread_mutex_destroy(&w->lock);
    ebb_mem_free(w);
}

void ebb_chunk_worker_submit(struct ebb_chunk_worker *w,
                             struct ebb_chunk_job *job)
{
    job->done = false;
    job->next = NULL;
    if (!w || !w->has_thread) {
        pack(job);
        job->done = true;
        return;
    }
    pthread_mutex_lock(&w->lock);
    if (w->first) {
        w->last->next = job;
    } else {
        w->first = job;
    }
    w->last = job;
    pthread_cond_signal(&w->submitted);
    pthread_mutex_unlock(&w->lock);
}

ebb_status ebb_chunk_worker_wait(struct ebb_chunk_worker *w,
                                 struct ebb_chunk_job *job)
{
    if (w && w->has_thread) {
        pthread_mutex_lock(&w->lock);
        while (!job->done) {
            pthread_cond_wait(&w->finished, &w->lock);
        }
        pthread_mutex_unlock(&w->lock);
    }
    return job->status == EBB_OK
               ? EBB_OK
               : EBB_FAIL(job->status, "no memory to compress a trace");
}
