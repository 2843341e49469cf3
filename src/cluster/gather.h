/* SPDX-License-Identifier: BSD-3-Clause
 * Results of units back to rank 0. */
#ifndef RI_CLUSTER_GATHER_H
#define RI_CLUSTER_GATHER_H

#include "cluster/group.h"
#include "cluster/watch.h"

/* Moves this rank's finished units (`mine`, in canonical order) to `all` (rank 0: in canonical
 * order of all `units`; NULL elsewhere). What was moved is zeroed in `mine`. A rank that fails goes
 * on with its part of the messages, so that the others come through. Collective; the status is this
 * rank's own. */
RI_MUST_USE ri_status ri_units_gather(const ri_cluster *cluster, const int32_t *owner,
                                      int64_t units, ri_unit_result *mine, ri_unit_result *all,
                                      ri_watch *watch, ri_error *err);

#endif
