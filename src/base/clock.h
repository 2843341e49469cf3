/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef RI_BASE_CLOCK_H
#define RI_BASE_CLOCK_H

/* Seconds of a monotonic wall clock with an arbitrary origin. */
double ri_seconds(void);

/* Seconds that this thread has had a processor. */
double ri_thread_seconds(void);

#endif
