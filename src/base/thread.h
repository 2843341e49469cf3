/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef RI_BASE_THREAD_H
#define RI_BASE_THREAD_H

#include <pthread.h>

/* Starts a thread that gets no signals: they are for the main one. 0, or the error number of
 * pthread_create. The caller joins it. */
int ri_thread_start(pthread_t *thread, void *(*body)(void *context), void *context);

#endif
