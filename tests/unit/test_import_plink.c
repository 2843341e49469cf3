/* SPDX-License-Identifier: BSD-3-Clause
 * Laws: a genotype is the number of copies of A1 that the PLINK 1 format says, bit by bit;
 * phenotypes meet their samples by name, in any order; files that disagree are said to, with their
 * numbers, and leave no file. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "data/import.h"
#include "support/check_numbers.h"
#include "support/check_says.h"
#include "support/read_back.h"
#include "support/scratch.h"

/* 5 samples, 3 variants. Low bits first: sample 0 is bits 0-1 of the first byte. */
static const unsigned char bed[] = {
    0x6C, 0x1B, 0x01, /* */
    0x78, 0xFF,       /* 00 10 11 01 | 11, padding 111111: 2 1 0 - 0 */
    0x00, 0xA8,       /* 00 00 00 00 | 00, padding 101010: 2 2 2 2 2 */
    0x1B, 0x02,       /* 11 10 01 00 | 10: 0 1 - 2 1 */
};
static const char fam[] = "f1 a 0 0 1 1.5\nf1 b 0 0 2 -9\n\nf2\tc\t0\t0\t0\tNA\n0 d 0 0 1 2e1\n"
                          "f3 e 0 0 1 0\n";
static const char bim[] = "1\trs1\t0\t100\tA\tG\n1 . 0.5 200 C T\nX\trs3\t0\t-3\tAT\t-\n";
static const ri_plink_options packed = {.storage = RI_PACKED2};

static void write_prefix(const char *fam_text, const char *bim_text) {
    scratch_write("d.bed", bed, sizeof bed);
    scratch_text("d.fam", fam_text);
    scratch_text("d.bim", bim_text);
}

static ri_import_report import_ok(const ri_plink_options *options) {
    ri_import_report report;
    ri_error err = {0};
    ri_status status = ri_import_plink(scratch_file("d").text, options, scratch_file("out.h5").text,
                                       &report, &err);
    if (status != RI_OK)
        fail_msg("%s", err.text);
    return report;
}

static void test_packed(void **state) {
    (void)state;
    write_prefix(fam, bim);
    ri_import_report report = import_ok(&packed);
    assert_int_equal(report.samples, 5);
    assert_int_equal(report.features, 3);
    assert_int_equal(report.missing_values, 2);
    assert_int_equal(report.missing_responses, 2);
    assert_int_equal(report.constant_features, 1);
    assert_int_equal(report.renamed_features, 1);
    assert_string_equal(report.response, "phenotype");
    check_numbers("out.h5", "/X", (double[]){0x78, 0x03, 0x00, 0x00, 0x1B, 0x02},
                  6); /* padding is 0 */
    assert_true(read_back_attribute(scratch_file("out.h5").text, "/X", "n_samples") == 5.0);
    check_numbers("out.h5", "/y/phenotype", (double[]){1.5, NAN, NAN, 20, 0}, 5);
    check_numbers("out.h5", "/features/pos", (double[]){100, 200, -3}, 3);
    check_name("out.h5", "/features/id", 0, "rs1");
    check_name("out.h5", "/features/id", 1, "1:200:C:T");
    check_name("out.h5", "/features/chrom", 2, "X");
    check_name("out.h5", "/features/a1", 2, "AT");
    check_name("out.h5", "/features/a2", 0, "G");
    check_name("out.h5", "/samples/id", 1, "b");
    check_name("out.h5", "/groups/FID", 1, "f1");
    check_name("out.h5", "/groups/FID", 3, "0:d"); /* FID 0: no family */
}

static void test_copies(void **state) {
    (void)state;
    write_prefix(fam, bim);
    ri_plink_options options = {.storage = RI_I8};
    import_ok(&options);
    const double m = -128;
    check_numbers("out.h5", "/X", (double[]){2, 1, 0, m, 0, 2, 2, 2, 2, 2, 0, 1, m, 2, 1}, 15);
}

static void test_names_made_unique(void **state) {
    (void)state;
    write_prefix("f1 a 0 0 1 1\nf2 a 0 0 1 2\nf1 b 0 0 1 3\nf1 c 0 0 1 4\nf1 d 0 0 1 5\n",
                 "1 rs1 0 7 A G\n1 rs1 0 7 A G\n1 . 0 7 A G\n");
    ri_import_report report = import_ok(&packed);
    assert_int_equal(report.renamed_features, 2);
    check_name("out.h5", "/features/id", 0, "rs1");
    check_name("out.h5", "/features/id", 1, "1:7:A:G");
    check_name("out.h5", "/features/id", 2, "1:7:A:G#2");
    check_name("out.h5", "/samples/id", 0, "f1_a");
    check_name("out.h5", "/samples/id", 1, "f2_a");
    check_name("out.h5", "/samples/id", 2, "f1_b");
}

static void test_phenotypes(void **state) {
    (void)state;
    write_prefix(fam, bim);
    static const char *const text[] = {
        "#FID\tIID\tone\ttwo\nf3\te\t1\t5\nf2\tc\t2\t-9\nf9\tz\t3\t3\n0\td\t4\t\nf1\ta\t5\tnan\n",
        "FID IID one two\nf3 e 1 5\nf2 c 2 -9\nf9 z 3 3\n0 d 4 NA\nf1 a 5 nan\n",
        "#IID\tone\ttwo\r\ne\t1\t5\r\nc\t2\t-9\r\nz\t3\t3\r\nd\t4\t\r\na\t5\tnan\r\n",
    };
    for (size_t k = 0; k < sizeof text / sizeof *text; k++) {
        scratch_path pheno = scratch_text("p.txt", text[k]);
        ri_plink_options options = {.pheno = {.file = pheno.text, .name = "two"},
                                    .storage = RI_PACKED2};
        ri_import_report report = import_ok(&options);
        assert_string_equal(report.response, "two");
        check_numbers("out.h5", "/y/two", (double[]){NAN, NAN, -9, NAN, 5}, 5);
        assert_int_equal(report.pheno.minus_nine, 1);
        assert_int_equal(report.pheno.unmatched_samples, 1);
        assert_int_equal(report.pheno.unused_lines, 1);
        assert_int_equal(report.missing_responses, 3);
        options.pheno.missing = "-9";
        report = import_ok(&options);
        check_numbers("out.h5", "/y/two", (double[]){NAN, NAN, NAN, NAN, 5}, 5);
        assert_int_equal(report.pheno.minus_nine, 0);
        assert_int_equal(report.missing_responses, 4);
        options = (ri_plink_options){.pheno.file = pheno.text, .storage = RI_PACKED2};
        import_ok(&options); /* the first phenotype column */
        check_numbers("out.h5", "/y/one", (double[]){5, NAN, 2, 4, 1}, 5);
    }
}

static void test_truth(void **state) {
    (void)state;
    write_prefix(fam, bim);
    scratch_path truth =
        scratch_text("t.tsv", "feature\tcoefficient\teffect_allele\nrs3\t0.5\tAT\n");
    ri_plink_options options = {.truth = truth.text, .storage = RI_PACKED2};
    import_ok(&options);
    check_numbers("out.h5", "/truth/features", (double[]){2}, 1);
    check_numbers("out.h5", "/truth/coefficients", (double[]){0.5}, 1);
}

/* --- wrong input --------------------------------------------------------------------------- */

static void check_fails(const ri_plink_options *options, const char *const *parts) {
    ri_import_report report;
    ri_error err = {0};
    assert_int_equal(ri_import_plink(scratch_file("d").text, options, scratch_file("none.h5").text,
                                     &report, &err),
                     RI_BAD_INPUT);
    check_says(err.text, parts);
    assert_false(scratch_exists("none.h5"));
}

static void test_wrong_texts(void **state) {
    (void)state;
    static const struct {
        const char *fam, *bim, *parts[6];
    } wrong[] = {
        {"", bim, {"d.fam", "no samples"}},
        {fam, "\n\n", {"d.bim", "no variants"}},
        {"f1 a 0 0 1\n", bim, {"d.fam, line 1", "5 columns in place of 6"}},
        {fam, "1 rs1 0 1 A G\n1 rs2 5 A G\n", {"d.bim, line 2", "5 columns", "centimorgans"}},
        {fam, "1 rs1 0 1e5 A G\n", {"d.bim, line 1", "'1e5'", "whole number"}},
        {"f1 a 0 0 1 1\nf1 b 0 0 1 1\nf1 a 0 0 1 2\n", bim, {"lines 1 and 3", "'f1'", "'a'"}},
        {"f1 a 0 0 1 inf\n", bim, {"d.fam, line 1", "'inf'", "not finite"}},
        {"a b_c 0 0 1 1\na_b c 0 0 1 1\nx c 0 0 0 0\n", bim, {"lines 1 and 2", "'a_b_c'"}},
        {"f1 \xFFz 0 0 1 1\n", bim, {"d.fam, line 1", "UTF-8"}},
        {"f1 a 0 0 1 1\n", bim, {"d.bed", "9 bytes", "1 samples", "3 variants", "need 6"}},
    };
    for (size_t k = 0; k < sizeof wrong / sizeof *wrong; k++) {
        write_prefix(wrong[k].fam, wrong[k].bim);
        check_fails(&packed, wrong[k].parts);
    }
}

static void test_wrong_bed(void **state) {
    (void)state;
    unsigned char copy[sizeof bed + 1] = {0};
    write_prefix(fam, bim);
    memcpy(copy, bed, sizeof bed);
    scratch_write("d.bed", copy, sizeof bed - 1);
    check_fails(&packed, (const char *[]){"8 bytes", "5 samples", "3 variants", "need 9",
                                          "truncated", NULL});
    scratch_write("d.bed", copy, sizeof bed + 1);
    check_fails(&packed, (const char *[]){"10 bytes", "need 9", "another", NULL});
    scratch_write("d.bed", copy, 2);
    check_fails(&packed, (const char *[]){"not a PLINK 1 .bed", NULL});
    copy[2] = 0;
    scratch_write("d.bed", copy, sizeof bed);
    check_fails(&packed, (const char *[]){"individual-major", "--make-bed", NULL});
    copy[2] = 7;
    scratch_write("d.bed", copy, sizeof bed);
    check_fails(&packed, (const char *[]){"third byte 07", NULL});
    scratch_text("d.bed", "chr1\t100\t200\n");
    check_fails(&packed, (const char *[]){"not a PLINK 1 .bed", "63 68 72", NULL});
    unlink(scratch_file("d.bed").text);
    check_fails(&packed, (const char *[]){"d.bed: cannot be opened", NULL});
    unlink(scratch_file("d.fam").text);
    check_fails(&packed, (const char *[]){"d.fam: cannot be opened", NULL});
}

static void test_wrong_phenotypes(void **state) {
    (void)state;
    static const struct {
        const char *text, *name, *parts[5];
    } wrong[] = {
        {"", NULL, {"p.txt", "empty"}},
        {"f1 a 1\n", NULL, {"line 1", "#FID IID", "'f1'"}},
        {"FID IID\nf1 a\n", NULL, {"no phenotype column"}},
        {"IID height weight\na 1 2\n", "hieght", {"--pheno-name 'hieght'", "'height'?"}},
        {"IID h h\na 1 2\n", "h", {"two columns", "'h'"}},
        {"IID h\na 1 2\n", NULL, {"line 2", "3 fields", "has 2"}},
        {"IID h\na 1\nb tall\n", NULL, {"line 3", "'h'", "'tall'", "NA"}},
        {"IID h\na 1\nb Inf\n", NULL, {"line 3", "'Inf'", "not finite"}},
        {"IID h\na 1\nb 2\na 3\n", NULL, {"lines 2 and 4", "'a'"}},
        {"IID h\nq 1\n", NULL, {"none of its samples", "'a'"}},
    };
    write_prefix(fam, bim);
    for (size_t k = 0; k < sizeof wrong / sizeof *wrong; k++) {
        scratch_path pheno = scratch_text("p.txt", wrong[k].text);
        ri_plink_options options = {.pheno = {.file = pheno.text, .name = wrong[k].name},
                                    .storage = RI_PACKED2};
        check_fails(&options, wrong[k].parts);
    }
    write_prefix("f1 a 0 0 1 1\nf2 a 0 0 1 2\nf1 b 0 0 1 3\nf1 c 0 0 1 4\nf1 d 0 0 1 5\n", bim);
    scratch_path pheno = scratch_text("p.txt", "IID h\na 1\n");
    ri_plink_options options = {.pheno.file = pheno.text, .storage = RI_PACKED2};
    check_fails(&options, (const char *[]){"none of its samples", "'f1_a'", "FID column", NULL});
}

static void test_wrong_options(void **state) {
    (void)state;
    write_prefix(fam, bim);
    ri_plink_options options = {.storage = RI_F64};
    check_fails(&options, (const char *[]){"packed2 or i8", "f64", NULL});
    options = (ri_plink_options){.storage = RI_I8, .pheno.name = "h"};
    check_fails(&options, (const char *[]){"--pheno-name 'h'", "--pheno FILE", NULL});
    options = (ri_plink_options){.storage = RI_I8, .pheno.missing = "-9"};
    check_fails(&options, (const char *[]){"--missing-phenotype", NULL});
    options = (ri_plink_options){.storage = RI_I8, .pheno = {.file = "x", .missing = "no"}};
    check_fails(&options, (const char *[]){"--missing-phenotype 'no'", NULL});
    scratch_path truth =
        scratch_text("t.tsv", "feature\tcoefficient\teffect_allele\nrs3\t0.5\tG\n");
    options = (ri_plink_options){.truth = truth.text, .storage = RI_I8};
    check_fails(&options, (const char *[]){"line 2", "'rs3' is G", "count AT", NULL});

    ri_import_report report;
    ri_error err;
    assert_int_equal(ri_import_plink(scratch_file("d.bed").text, &packed,
                                     scratch_file("none.h5").text, &report, &err),
                     RI_BAD_INPUT);
    assert_non_null(strstr(err.text, "without .bed"));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_packed),
        cmocka_unit_test(test_copies),
        cmocka_unit_test(test_names_made_unique),
        cmocka_unit_test(test_phenotypes),
        cmocka_unit_test(test_truth),
        cmocka_unit_test(test_wrong_texts),
        cmocka_unit_test(test_wrong_bed),
        cmocka_unit_test(test_wrong_phenotypes),
        cmocka_unit_test(test_wrong_options),
    };
    return cmocka_run_group_tests(tests, scratch_setup, scratch_teardown);
}
