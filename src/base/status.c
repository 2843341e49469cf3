/* SPDX-License-Identifier: BSD-3-Clause */
#include "base/status.h"

#include <stdarg.h>
#include <stdio.h>

ri_status ri_fail(ri_error *err, ri_status status, const char *format, ...) {
    if (err) {
        va_list args;
        va_start(args, format);
        vsnprintf(err->text, sizeof err->text, format, args);
        va_end(args);
        err->status = status;
    }
    return status;
}

ri_status ri_fail_memory(ri_error *err, const char *what, unsigned long long bytes) {
    return ri_fail(err, RI_SYSTEM, "not enough memory for %s (%llu bytes)", what, bytes);
}
