/* SPDX-License-Identifier: BSD-3-Clause
 * Outcome of every call that can fail: a status, which is also the exit status
 * of the program, and one sentence made where the numbers are known. */
#ifndef RI_BASE_STATUS_H
#define RI_BASE_STATUS_H

typedef enum ri_status {
    RI_OK = 0,           /* done */
    RI_BAD_INPUT = 1,    /* wrong file, option or value; found before expensive work */
    RI_UNCERTIFIED = 2,  /* results written, but some points missed --tol */
    RI_SYSTEM = 3,       /* memory, disk, a lost rank */
    RI_INTERRUPTED = 85, /* stopped by a signal; nothing half-written */
} ri_status;

typedef struct ri_error {
    ri_status status;
    char text[1024]; /* one sentence, no newline, no program name */
} ri_error;

#define RI_MUST_USE __attribute__((warn_unused_result))
#define RI_PRINTF(format_at, args_at) __attribute__((format(printf, format_at, args_at)))

/* Records the sentence in `err` (which may be NULL) and returns `status`. */
ri_status ri_fail(ri_error *err, ri_status status, const char *format, ...) RI_PRINTF(3, 4);

/* RI_SYSTEM with "not enough memory for WHAT (N bytes)". */
ri_status ri_fail_memory(ri_error *err, const char *what, unsigned long long bytes);

/* Evaluates a call once; on failure returns its status from the enclosing function. */
#define RI_TRY(call)                                                                               \
    do {                                                                                           \
        ri_status ri_try_status_ = (call);                                                         \
        if (ri_try_status_ != RI_OK)                                                               \
            return ri_try_status_;                                                                 \
    } while (0)

/* The same for functions with an exit label: needs `ri_status status` and `done:`. */
#define RI_GO(call)                                                                                \
    do {                                                                                           \
        status = (call);                                                                           \
        if (status != RI_OK)                                                                       \
            goto done;                                                                             \
    } while (0)

#endif
