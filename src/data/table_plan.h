/* SPDX-License-Identifier: BSD-3-Clause
 * What each column of a table is, decided from its header line and the options. */
#ifndef RI_DATA_TABLE_PLAN_H
#define RI_DATA_TABLE_PLAN_H

#include <stdint.h>

#include "base/status.h"
#include "base/text.h"
#include "data/import.h"

typedef enum ri_role {
    RI_ROLE_FEATURE,
    RI_ROLE_RESPONSE,
    RI_ROLE_ID,
    RI_ROLE_GROUP,
    RI_ROLE_WEIGHT,
    RI_ROLE_DROPPED,
} ri_role;

typedef struct ri_table_plan {
    ri_names header;
    unsigned char *role; /* [header.count], of ri_role */
    ri_names feature;    /* unique names of the feature columns, in file order */
    bool has_id, has_group, has_weight;
    int64_t renamed, dropped;
} ri_table_plan;

RI_MUST_USE ri_status ri_table_plan_make(const char *path, const ri_names *header,
                                         const ri_table_options *options, ri_table_plan *out,
                                         ri_error *err);
void ri_table_plan_free(ri_table_plan *plan);

#endif
