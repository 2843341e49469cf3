/* SPDX-License-Identifier: BSD-3-Clause */
#include "data/table_plan.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/memory.h"
#include "data/unique_names.h"
#include "data/wording.h"

static const char *column_name(const ri_table_plan *plan, int64_t k) {
    return ri_names_get(&plan->header, k);
}

static const char *role_option(unsigned char role) {
    static const char *const option[] = {
        [RI_ROLE_FEATURE] = "a feature",      [RI_ROLE_RESPONSE] = "--response",
        [RI_ROLE_ID] = "--id-column",         [RI_ROLE_GROUP] = "--group-column",
        [RI_ROLE_WEIGHT] = "--weight-column", [RI_ROLE_DROPPED] = "--drop"};
    return option[role];
}

/* Gives the one column `name` its role. */
static ri_status assign(ri_table_plan *plan, const char *path, const char *name, ri_role role,
                        ri_error *err) {
    const char *option = role_option((unsigned char)role);
    int64_t found = -1;
    for (int64_t k = 0; k < plan->header.count; k++) {
        if (strcmp(column_name(plan, k), name) != 0)
            continue;
        if (found >= 0)
            return ri_fail(err, RI_BAD_INPUT,
                           "%s: %s '%s': columns %" PRId64 " and %" PRId64
                           " both have this name; rename one",
                           path, option, ri_excerpt_of(name).text, found + 1, k + 1);
        found = k;
    }
    if (found < 0)
        return ri_fail_unknown_column(err, path, option, name, &plan->header);
    if (plan->role[found] != RI_ROLE_FEATURE)
        return ri_fail(err, RI_BAD_INPUT, "%s: column '%s' cannot be both %s and %s", path,
                       ri_excerpt_of(name).text, role_option(plan->role[found]), option);
    plan->role[found] = (unsigned char)role;
    return RI_OK;
}

/* All columns of this name. */
static ri_status drop_column(ri_table_plan *plan, const char *path, const char *name,
                             ri_error *err) {
    bool found = false;
    for (int64_t k = 0; k < plan->header.count; k++) {
        if (strcmp(column_name(plan, k), name) != 0)
            continue;
        found = true;
        if (plan->role[k] == RI_ROLE_FEATURE) {
            plan->role[k] = RI_ROLE_DROPPED;
            plan->dropped++;
        } else if (plan->role[k] != RI_ROLE_DROPPED) {
            return ri_fail(err, RI_BAD_INPUT, "%s: column '%s' cannot be both %s and --drop", path,
                           ri_excerpt_of(name).text, role_option(plan->role[k]));
        }
    }
    if (!found)
        return ri_fail_unknown_column(err, path, "--drop", name, &plan->header);
    return RI_OK;
}

static ri_status drop_columns(ri_table_plan *plan, const char *path, const char *list,
                              ri_error *err) {
    char *copy = strdup(list);
    char *rest = copy;
    ri_status status = RI_OK;
    if (!copy)
        return ri_fail_memory(err, "a list of columns", strlen(list));
    for (char *name = strsep(&rest, ","); name && status == RI_OK; name = strsep(&rest, ","))
        status = drop_column(plan, path, name, err);
    free(copy);
    return status;
}

static bool names_samples(const char *name) {
    static const char *const known[] = {"", "id", "sample", "sample_id", "name"};
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (strcasecmp(name, known[i]) == 0)
            return true;
    return false;
}

static ri_status assign_roles(ri_table_plan *plan, const char *path,
                              const ri_table_options *options, ri_error *err) {
    RI_TRY(assign(plan, path, options->response, RI_ROLE_RESPONSE, err));
    if (options->id_column)
        RI_TRY(assign(plan, path, options->id_column, RI_ROLE_ID, err));
    if (options->group_column)
        RI_TRY(assign(plan, path, options->group_column, RI_ROLE_GROUP, err));
    if (options->weight_column)
        RI_TRY(assign(plan, path, options->weight_column, RI_ROLE_WEIGHT, err));
    if (options->drop && *options->drop != '\0')
        RI_TRY(drop_columns(plan, path, options->drop, err));
    bool implied = !options->id_column && plan->role[0] == RI_ROLE_FEATURE &&
                   names_samples(column_name(plan, 0));
    if (implied)
        plan->role[0] = RI_ROLE_ID;
    plan->has_id = options->id_column || implied;
    plan->has_group = options->group_column != NULL;
    plan->has_weight = options->weight_column != NULL;
    return RI_OK;
}

static ri_status name_features(ri_table_plan *plan, const char *path, ri_error *err) {
    ri_names raw = {0};
    ri_status status = RI_OK;
    for (int64_t k = 0; k < plan->header.count && status == RI_OK; k++) {
        const char *name = column_name(plan, k);
        if (plan->role[k] != RI_ROLE_FEATURE)
            continue;
        if (*name == '\0')
            status = ri_fail(err, RI_BAD_INPUT,
                             "%s: column %" PRId64 " of %" PRId64
                             " has no name in the header; name it, or remove the separator",
                             path, k + 1, plan->header.count);
        else
            status = ri_names_add(&raw, name, strlen(name), err);
    }
    if (status == RI_OK && raw.count == 0)
        status = ri_fail(
            err, RI_BAD_INPUT,
            "%s: no feature is left besides response, sample names and dropped columns", path);
    if (status == RI_OK)
        status = ri_names_unique(&raw, &plan->feature, &plan->renamed, err);
    ri_names_free(&raw);
    return status;
}

static ri_status copy_header(ri_table_plan *plan, const char *path, const ri_names *header,
                             ri_error *err) {
    if (header->count == 1)
        return ri_fail(err, RI_BAD_INPUT,
                       "%s: the header has one column only ('%s'); fields are separated by commas "
                       "or tabs",
                       path, ri_excerpt_of(ri_names_get(header, 0)).text);
    for (int64_t k = 0; k < header->count; k++) {
        const char *name = ri_names_get(header, k);
        RI_TRY(ri_names_add(&plan->header, name, strlen(name), err));
    }
    plan->role = ri_calloc((size_t)header->count, sizeof *plan->role);
    if (!plan->role)
        return ri_fail_memory(err, "the columns of a table", (size_t)header->count);
    return RI_OK;
}

ri_status ri_table_plan_make(const char *path, const ri_names *header,
                             const ri_table_options *options, ri_table_plan *out, ri_error *err) {
    ri_status status;
    *out = (ri_table_plan){0};
    RI_GO(copy_header(out, path, header, err));
    RI_GO(assign_roles(out, path, options, err));
    RI_GO(name_features(out, path, err));
done:
    if (status != RI_OK)
        ri_table_plan_free(out);
    return status;
}

void ri_table_plan_free(ri_table_plan *plan) {
    ri_names_free(&plan->header);
    ri_names_free(&plan->feature);
    free(plan->role);
    *plan = (ri_table_plan){0};
}
