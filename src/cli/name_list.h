/* SPDX-License-Identifier: BSD-3-Clause
 * Options that are lists of names: A,B,C. */
#ifndef RI_CLI_NAME_LIST_H
#define RI_CLI_NAME_LIST_H

#include "base/status.h"
#include "base/text.h"

/* Appends the names of "A,B,C" to the empty list; an empty name, and one that comes twice, are
 * RI_BAD_INPUT naming `option`. */
RI_MUST_USE ri_status ri_name_list(const char *text, const char *option, ri_names *out,
                                   ri_error *err);

/* Index of a name in a short list, or -1. */
int64_t ri_name_list_find(const ri_names *names, const char *name);

#endif
