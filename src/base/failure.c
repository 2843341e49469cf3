/* SPDX-License-Identifier: BSD-3-Clause */
#include "base/failure.h"

void ri_failure_note(ri_failure *failure, int64_t at, ri_status mine, const ri_error *own) {
    if (mine == RI_OK)
        return;
    while (atomic_flag_test_and_set_explicit(&failure->busy, memory_order_acquire))
        ; /* another thread copies its sentence */
    if (at < atomic_load(&failure->at)) {
        failure->status = mine;
        failure->error = *own;
        atomic_store(&failure->at, at);
    }
    atomic_flag_clear_explicit(&failure->busy, memory_order_release);
}

bool ri_failure_before(const ri_failure *failure, int64_t at) {
    return atomic_load_explicit(&failure->at, memory_order_relaxed) < at;
}

ri_status ri_failure_tell(const ri_failure *failure, ri_error *err) {
    if (failure->status != RI_OK && err)
        *err = failure->error;
    return failure->status;
}
