/* SPDX-License-Identifier: BSD-3-Clause
 * Laws: a dataset narrowed by lists reads as the marked rows and columns of the whole, element by
 * element, for every storage, range and stride, from HDF5 and from a .bed; names, response,
 * weights, groups and truth go along; frequencies and missing rates are those of the samples that
 * are left; lists are matched by FID and IID, and what they miss is counted. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "data/bed.h"
#include "data/pheno.h"
#include "data/plink.h"
#include "data/selection.h"
#include "data/writer.h"
#include "support/check_says.h"
#include "support/encode.h"
#include "support/scratch.h"

enum { N = 37, P = 90 };

static const ri_selection all = {.geno = (double)NAN, .maf = (double)NAN};

static uint64_t mix(uint64_t x) {
    x = (x ^ (x >> 31)) * 0x7FB5D329728EA185u;
    return x ^ (x >> 27);
}

/* 0, 1, 2 or missing. */
static double genotype_at(int64_t i, int64_t j) {
    uint64_t draw = mix((uint64_t)(i * P + j + 1)) % 100;
    uint64_t rare = (uint64_t)j;
    return draw < rare / 4 ? (double)NAN : draw < rare ? 2 : draw < rare + 4 ? 1 : 0;
}

static void encode_all(ri_storage storage, unsigned char *x) {
    size_t bytes = ri_storage_bytes(storage, N);
    memset(x, 0, bytes * P);
    for (int64_t j = 0; j < P; j++)
        for (int64_t i = 0; i < N; i++)
            encode_genotype(storage, x + (size_t)j * bytes, i, genotype_at(i, j));
}

/* Sample i is s<i> of family f<i/5>; feature j is v<j> on chromosome j/30. */
static ri_dataset *open_hdf5(ri_storage storage) {
    ri_writer *writer;
    ri_names sample = {0}, feature = {0}, family = {0}, chrom = {0};
    unsigned char *x = malloc(8 * (size_t)N * P);
    double y[N];
    int64_t truth_feature[] = {3, 40, 41}, pos[P];
    double truth_coefficient[] = {1, 2, 3};
    scratch_path path = scratch_file("whole.h5");
    assert_non_null(x);
    encode_all(storage, x);
    for (int64_t i = 0; i < N; i++) {
        add_numbered(&sample, "s", i);
        add_numbered(&family, "f", i / 5);
        y[i] = (double)i;
    }
    for (int64_t j = 0; j < P; j++) {
        add_numbered(&feature, "v", j);
        add_numbered(&chrom, j % 2 ? "chr" : "", j / 30);
        pos[j] = 100 + j;
    }
    ri_truth truth = {3, truth_feature, truth_coefficient, 0, 1};
    assert_int_equal(ri_writer_open(path.text, N, P, storage, true, &writer, NULL), RI_OK);
    assert_int_equal(ri_writer_samples(writer, &sample, NULL), RI_OK);
    assert_int_equal(ri_writer_features(writer, &feature, &chrom, NULL, NULL, pos, NULL), RI_OK);
    assert_int_equal(ri_writer_response(writer, "y", y, true, NULL), RI_OK);
    assert_int_equal(ri_writer_weights(writer, y, NULL), RI_OK);
    assert_int_equal(ri_writer_group(writer, "FID", &family, NULL), RI_OK);
    assert_int_equal(ri_writer_truth(writer, &truth, NULL), RI_OK);
    assert_int_equal(ri_writer_columns(writer, 0, P, x, ri_storage_bytes(storage, N), NULL), RI_OK);
    assert_int_equal(ri_writer_close(writer, true, NULL), RI_OK);
    ri_dataset *dataset;
    assert_int_equal(ri_dataset_open(path.text, NULL, &dataset, NULL), RI_OK);
    ri_names_free(&sample);
    ri_names_free(&feature);
    ri_names_free(&family);
    ri_names_free(&chrom);
    free(x);
    return dataset;
}

/* The same as PLINK files; the response is i. */
static ri_dataset *open_bed(void) {
    unsigned char x[RI_BED_HEADER + P * ((N + 3) / 4)];
    memcpy(x, ri_bed_magic, RI_BED_HEADER);
    encode_all(RI_PACKED2, x + RI_BED_HEADER);
    for (size_t k = RI_BED_HEADER + (N + 3) / 4 - 1; k < sizeof x; k += (N + 3) / 4)
        x[k] |= 0xFC; /* padding that PLINK leaves open */
    scratch_write("d.bed", x, sizeof x);
    FILE *fam = fopen(scratch_file("d.fam").text, "w"),
         *bim = fopen(scratch_file("d.bim").text, "w");
    for (int i = 0; i < N; i++)
        fprintf(fam, "f%d s%d 0 0 0 %d\n", i / 5, i, i);
    for (int j = 0; j < P; j++)
        fprintf(bim, "%s%d v%d 0 %d A C\n", j % 2 ? "chr" : "", j / 30, j, 100 + j);
    fclose(fam);
    fclose(bim);
    ri_dataset *dataset;
    ri_error err;
    if (ri_plink_open(scratch_file("d").text, &dataset, NULL, &err) != RI_OK)
        fail_msg("%s", err.text);
    return dataset;
}

/* The dataset holds rows and columns `row`, `column` of the whole, however it is read. */
static void check_values(const ri_dataset *dataset, const int64_t *row, int64_t n,
                         const int64_t *column, int64_t p) {
    assert_int_equal(dataset->n, n);
    assert_int_equal(dataset->p, p);
    size_t bytes = ri_storage_bytes(dataset->storage, n);
    for (int64_t count = 1; count <= p; count = count < 4 ? count + 1 : p > count ? p : p + 1)
        for (int64_t from = 0; from + count <= p; from += 1 + count / 2) {
            size_t stride = bytes + 16;
            char *x = malloc((size_t)count * stride);
            int64_t missing, expected = 0;
            assert_int_equal(ri_dataset_read(dataset, from, count, x, stride, &missing, NULL),
                             RI_OK);
            for (int64_t j = 0; j < count; j++)
                for (int64_t i = 0; i < n; i++) {
                    double value = ri_element(dataset->storage, x + (size_t)j * stride, i);
                    double truth = genotype_at(row[i], column[from + j]);
                    if (!(value == truth || (isnan(value) && isnan(truth))))
                        fail_msg("row %d column %d is %g, not %g", (int)i, (int)(from + j), value,
                                 truth);
                    expected += isnan(truth);
                }
            assert_int_equal(missing, expected);
            free(x);
        }
}

static ri_selection_report select_ok(ri_dataset *dataset, const ri_selection *selection) {
    ri_selection_report report;
    ri_error err;
    if (ri_dataset_select(dataset, selection, &report, &err) != RI_OK)
        fail_msg("%s", err.text);
    return report;
}

/* Every third sample from 1, and features v0, v1, v2, v7, v30 .. v80 in steps of 10. */
static void test_lists(void **state) {
    (void)state;
    static const int64_t column[] = {0, 1, 2, 7, 30, 40, 50, 60, 70, 80};
    char keep[2000] = "", extract[200] = "v80 nothing\n\nv0 v1 v2\nv2 v7\n";
    int64_t row[N], n = 0;
    for (int i = 1; i < N; i += 3) {
        row[n++] = i;
        snprintf(keep + strlen(keep), 40, "f%d\ts%d\n", i / 5, i);
    }
    snprintf(keep + strlen(keep), 40, "f0 s30\nf9 zz\nf0 s1\n"); /* two unknown, one twice */
    for (int j = 30; j < 80; j += 10)
        snprintf(extract + strlen(extract), 10, "v%d\n", j);
    scratch_path keep_path = scratch_text("keep", keep);
    scratch_path extract_path = scratch_text("extract", extract);
    ri_selection selection = all;
    selection.keep = keep_path.text;
    selection.extract = extract_path.text;
    for (int storage = 0; storage <= RI_DENSE_COUNT; storage++) {
        ri_dataset *dataset =
            storage == RI_DENSE_COUNT ? open_bed() : open_hdf5((ri_storage)storage);
        ri_selection_report report = select_ok(dataset, &selection);
        check_values(dataset, row, n, column, 10);
        assert_int_equal(report.step[RI_KEEP].listed, n + 2);
        assert_int_equal(report.step[RI_KEEP].unknown, 2);
        assert_int_equal(report.step[RI_KEEP].dropped, N - n);
        assert_int_equal(report.step[RI_EXTRACT].listed, 11);
        assert_int_equal(report.step[RI_EXTRACT].unknown, 1);
        assert_int_equal(report.step[RI_EXTRACT].dropped, P - 10);
        assert_false(report.step[RI_MAF].asked);
        assert_string_equal(ri_names_get(&dataset->sample, 2), "s7");
        assert_string_equal(ri_names_get(&dataset->feature, 3), "v7");
        assert_string_equal(ri_names_get(&dataset->chrom, 4), "1");
        assert_int_equal(dataset->sample.count, n);
        assert_int_equal(dataset->feature.count, 10);
        assert_int_equal(dataset->pos[5], 140);
        assert_true(dataset->y[2] == 7);
        ri_names family = {0};
        assert_int_equal(ri_dataset_families(dataset, &family, NULL), RI_OK);
        assert_int_equal(family.count, n);
        assert_string_equal(ri_names_get(&family, 2), "f1");
        ri_names_free(&family);
        if (storage < RI_DENSE_COUNT) {
            assert_true(dataset->weight[1] == 4);
            assert_int_equal(dataset->truth.count, 1); /* v3 and v41 are gone */
            assert_int_equal(dataset->truth.feature[0], 5);
            assert_true(dataset->truth.coefficient[0] == 2);
        }
        ri_dataset_close(dataset);
    }
}

static void test_drops(void **state) {
    (void)state;
    scratch_path remove_path = scratch_text("remove", "#IID sex\ns0 1\ns36 2\n");
    scratch_path exclude_path = scratch_text("exclude", "v31\nv32\n");
    ri_selection selection = all;
    selection.remove = remove_path.text;
    selection.exclude = exclude_path.text;
    selection.chr = "chr1,2-2,7";
    int64_t row[N], column[P], n = 0, p = 0;
    for (int64_t i = 1; i < N - 1; i++)
        row[n++] = i;
    for (int64_t j = 30; j < P; j++)
        if (j != 31 && j != 32)
            column[p++] = j;
    ri_dataset *dataset = open_bed();
    ri_selection_report report = select_ok(dataset, &selection);
    check_values(dataset, row, n, column, p);
    assert_int_equal(report.step[RI_CHR].listed, 3);
    assert_int_equal(report.step[RI_CHR].unknown, 1);
    assert_int_equal(report.step[RI_CHR].dropped, 30);
    assert_int_equal(report.step[RI_REMOVE].dropped, 2);
    assert_int_equal(report.step[RI_EXCLUDE].dropped, 2);
    ri_dataset_close(dataset);
}

static void test_frequencies(void **state) {
    (void)state;
    scratch_path keep_path = scratch_text("keep", "s3\ns4\ns5\ns6\ns10\ns20\ns21\ns22\ns30\ns33\n");
    static const int64_t row[] = {3, 4, 5, 6, 10, 20, 21, 22, 30, 33};
    for (int storage = 0; storage <= RI_DENSE_COUNT; storage++) {
        ri_dataset *dataset =
            storage == RI_DENSE_COUNT ? open_bed() : open_hdf5((ri_storage)storage);
        int64_t column[P], p = 0, after_geno = 0;
        for (int64_t j = 0; j < P; j++) {
            int64_t known = 0, copies = 0;
            for (int k = 0; k < 10; k++) {
                double value = genotype_at(row[k], j);
                known += !isnan(value);
                copies += isnan(value) ? 0 : (int64_t)value;
            }
            int64_t rare = copies < 2 * known - copies ? copies : 2 * known - copies;
            after_geno += 10 - known <= 2;
            if (10 - known <= 2 && 10 * rare >= 2 * known) /* rare / (2 known) >= 0.1 */
                column[p++] = j;
        }
        assert_true(p > 10 && p < after_geno && after_geno < P);
        ri_selection selection = all;
        selection.keep = keep_path.text;
        selection.geno = 0.2;
        selection.maf = 0.1;
        ri_selection_report report = select_ok(dataset, &selection);
        check_values(dataset, row, 10, column, p);
        assert_int_equal(report.step[RI_GENO].dropped, P - after_geno);
        assert_int_equal(report.step[RI_MAF].dropped, after_geno - p);
        ri_dataset_close(dataset);
    }
}

static void check_fails(ri_selection selection, const char *const *parts) {
    ri_dataset *dataset = open_bed();
    ri_selection_report report;
    ri_error err = {0};
    assert_int_equal(ri_dataset_select(dataset, &selection, &report, &err), RI_BAD_INPUT);
    check_says(err.text, parts);
    ri_dataset_close(dataset);
}

static void test_wrong_lists(void **state) {
    (void)state;
    ri_selection selection = all;
    scratch_path path = scratch_text("list", "1 a\n2 b\n");
    selection.keep = path.text;
    check_fails(selection, (const char *[]){"none of its 2 samples", "'s0'", NULL});
    scratch_text("list", "f0 s1\ns2\n");
    check_fails(selection, (const char *[]){"line 2", "FID and IID", NULL});
    selection.keep = scratch_file("absent").text;
    check_fails(selection, (const char *[]){"absent", "cannot be opened", NULL});
    selection = all;
    scratch_text("list", "rs1\n");
    selection.extract = path.text;
    check_fails(selection, (const char *[]){"none of its 1 names", "'v0'", NULL});
    selection = all;
    selection.chr = "X";
    check_fails(selection, (const char *[]){"no feature on 'X'", "'0'", NULL});
    selection.chr = "5-2";
    check_fails(selection, (const char *[]){"'5-2'", "range", NULL});
    selection.chr = ",";
    check_fails(selection, (const char *[]){"no chromosome", NULL});
    selection = all;
    selection.maf = 0.5;
    selection.geno = 0;
    check_fails(selection, (const char *[]){"--maf: drops all", NULL});
}

/* The trap of 1 and 2: only what is said to be cases and controls is taken for them. */
static void test_binary_coding(void **state) {
    (void)state;
    scratch_path path = scratch_text("p", "#IID d\ns0 1\ns1 2\ns2 0\ns3 NA\ns4 -9\ns5 2\n");
    ri_pheno_options options = {.file = path.text};
    ri_pheno_report report;
    ri_error err;
    ri_dataset *dataset = open_bed();
    assert_int_equal(ri_dataset_take_pheno(dataset, &options, &report, NULL), RI_OK);
    assert_true(report.looks_binary && report.minus_nine == 1 && report.cases == 0);
    assert_true(dataset->y[0] == 1 && dataset->y[1] == 2 && dataset->y[4] == -9);
    options.binary_coding = true;
    assert_int_equal(ri_dataset_take_pheno(dataset, &options, &report, NULL), RI_OK);
    assert_true(!report.looks_binary && report.minus_nine == 0);
    assert_int_equal(report.cases, 2);
    assert_int_equal(report.controls, 1);
    assert_true(dataset->y[0] == 0 && dataset->y[1] == 1 && isnan(dataset->y[2]) &&
                isnan(dataset->y[3]) && isnan(dataset->y[4]) && isnan(dataset->y[6]));
    scratch_text("p", "#IID d\ns0 1\ns1 2.5\n");
    assert_int_equal(ri_dataset_take_pheno(dataset, &options, &report, &err), RI_BAD_INPUT);
    assert_non_null(strstr(err.text, "'s1' is 2.5"));
    ri_dataset_close(dataset);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_lists),         cmocka_unit_test(test_drops),
        cmocka_unit_test(test_frequencies),   cmocka_unit_test(test_wrong_lists),
        cmocka_unit_test(test_binary_coding),
    };
    return cmocka_run_group_tests(tests, scratch_setup, scratch_teardown);
}
