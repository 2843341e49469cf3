/* SPDX-License-Identifier: BSD-3-Clause */
#include "cli/storage.h"

/* In the order of the choices. */
enum { AUTO };
static const ri_storage STORAGE[] = {RI_STORAGE_COUNT, RI_F64,    RI_F32, RI_I8,
                                     RI_PACKED2,       RI_DOSAGE, RI_CSC};

const ri_option ri_options_storage[] = {
    {.name = "storage",
     .kind = RI_CHOICE,
     .field = offsetof(ri_arguments, storage),
     .argument = "TYPE",
     .initial = "auto",
     .choices = "auto|f64|f32|i8|packed2|dosage|csc",
     .help = "Type of the stored values. auto: f64 for tables, packed2 (2 bits) for "
             "genotypes, dosage (hundredths in a byte, at most 0.005 off) for the DS of a VCF, the "
             "narrowest that holds every value for matrix files. csc keeps only what is not 0; "
             "auto takes it for a sparse matrix with few such values."},
    {0},
};

ri_storage ri_given_storage(const ri_arguments *given) {
    return STORAGE[given->storage];
}

ri_status ri_choose_storage(const ri_arguments *given, bool genotype, ri_storage *storage,
                            ri_error *err) {
    *storage = genotype ? RI_PACKED2 : RI_F64;
    if (given->storage != AUTO)
        *storage = STORAGE[given->storage];
    bool whole = *storage == RI_I8 || *storage == RI_PACKED2;
    if (whole != genotype || *storage == RI_DOSAGE || *storage == RI_CSC)
        return ri_fail(err, RI_BAD_INPUT, "--storage: '%s' is not allowed for %s; give %s",
                       ri_storage_name(*storage), genotype ? "genotypes" : "numbers",
                       genotype ? "i8 or packed2" : "f64 or f32");
    return RI_OK;
}

ri_status ri_choose_sparse(const ri_arguments *given, ri_storage *storage, ri_error *err) {
    *storage = given->storage == AUTO ? RI_CSC : STORAGE[given->storage];
    if (*storage != RI_CSC && *storage != RI_I8)
        return ri_fail(err, RI_BAD_INPUT,
                       "--storage: '%s' is not allowed for counts; give csc or i8",
                       ri_storage_name(*storage));
    return RI_OK;
}
