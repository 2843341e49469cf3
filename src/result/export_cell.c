/* SPDX-License-Identifier: BSD-3-Clause */
#include <stdlib.h>

#include "result/export.h"
#include "result/view.h"

void ri_export_number(FILE *file, double value) {
    char text[RI_NUMBER_TEXT];
    fprintf(file, "\t%s", ri_format_number(value, text));
}

bool ri_export_name(FILE *file, const ri_names *names, int64_t index) {
    char *name = ri_text_clean(ri_names_get(names, index));
    if (name)
        fputs(name, file);
    free(name);
    return name != NULL;
}
