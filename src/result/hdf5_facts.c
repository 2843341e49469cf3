/* SPDX-License-Identifier: BSD-3-Clause */
#include "result/hdf5_facts.h"

#include <stdio.h>
#include <string.h>

ri_status ri_h5_walk_flag(const ri_h5 *h5, hid_t at, const char *name, bool *flag) {
    uint8_t value = *flag;
    RI_TRY(h5->way->number(h5, at, name, RI_H5_U8, &value));
    *flag = value != 0;
    return RI_OK;
}

ri_status ri_h5_walk_facts(const ri_h5 *h5, hid_t at, const ri_h5_fact *fact, size_t facts,
                           void *owner) {
    for (size_t k = 0; k < facts; k++) {
        const ri_h5_fact *f = &fact[k];
        void *field = (char *)owner + f->offset;
        if (f->kind == RI_H5_FLAG)
            RI_TRY(ri_h5_walk_flag(h5, at, f->name, field));
        else if (f->kind == RI_H5_TEXT)
            RI_TRY(h5->way->text(h5, at, f->name, field, f->size));
        else
            RI_TRY(h5->way->number(h5, at, f->name, f->type, field));
    }
    return RI_OK;
}

ri_status ri_h5_walk_word(const ri_h5 *h5, hid_t at, const char *name, int words,
                          const char *(*word)(int), int *value) {
    char text[32] = "";
    if (!h5->way->reading)
        snprintf(text, sizeof text, "%s", word(*value));
    RI_TRY(h5->way->text(h5, at, name, text, sizeof text));
    for (*value = 0; *value < words; (*value)++)
        if (strcmp(text, word(*value)) == 0)
            return RI_OK;
    return ri_h5_damaged(h5, at, name, "this word is not known");
}
