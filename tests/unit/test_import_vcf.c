/* SPDX-License-Identifier: BSD-3-Clause
 * Laws: a value is the number of copies of its alternative allele, or the dosage within the stated
 * rounding, whichever of VCF, gzip, bgzip and BCF holds it; what is split, skipped, haploid or half
 * a call is counted; a file cut at any byte is an error, never a shorter answer. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>
#include <htslib/tbx.h>
#include <htslib/vcf.h>
#include <zlib.h>

#include "data/import.h"
#include "support/check_numbers.h"
#include "support/check_says.h"
#include "support/read_back.h"
#include "support/scratch.h"

#define HEADER                                                                                     \
    "##fileformat=VCFv4.2\n##contig=<ID=1>\n##contig=<ID=chr2>\n"                                  \
    "##FORMAT=<ID=GT,Number=1,Type=String,Description=\"g\">\n"                                    \
    "##FORMAT=<ID=DS,Number=A,Type=Float,Description=\"d\">\n"                                     \
    "#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\ta\tb\tc\td\te\n"
#define SITE(place, alleles) place "\t" alleles "\t.\t.\t.\t"

static const char text[] = HEADER                                                       /* */
    SITE("1\t10\trs1", "A\tG") "GT:DS\t0/0:0.004\t0|1:1\t1/1:1.996\t./.:.\t1:0.7\n"     /* */
    SITE("1\t20\t.", "C\tT,G") "GT:DS\t0/1:1,0\t1/2:1,1\t2/2:0,2\t0/.:0.1,0.2\t0/0:.\n" /* */
    SITE("chr2\t5\trs1", "T\tC,*") "GT\t0/1\t0/0\t0/2\t1/1\t./.\n"                      /* */
    SITE("chr2\t7\trs9", "G\t.") "GT\t0/0\t0/0\t0/0\t0/0\t./.\n";

static const double m = (double)NAN;

static ri_plink_options plain(void) {
    return (ri_plink_options){.storage = RI_STORAGE_COUNT};
}

static ri_import_report import_ok(const char *path, const ri_plink_options *options,
                                  const ri_vcf_options *how) {
    ri_import_report report;
    ri_error err = {0};
    if (ri_import_vcf(path, options, how, scratch_file("out.h5").text, &report, &err) != RI_OK)
        fail_msg("%s", err.text);
    return report;
}

static void check_copies(void) {
    check_numbers("out.h5", "/X", (double[]){0,    1, 2, -128, 2, 1, 1,    0, -128, 0, 0, 1,   2,
                                             -128, 0, 1, 0,    0, 2, -128, 0, 0,    0, 0, -128},
                  25);
    check_name("out.h5", "/features/id", 0, "rs1");
    check_name("out.h5", "/features/id", 1, "1:20:T:C");
    check_name("out.h5", "/features/id", 2, "1:20:G:C");
    check_name("out.h5", "/features/id", 3, "chr2:5:C:T");
    check_name("out.h5", "/features/a1", 2, "G");
    check_name("out.h5", "/features/a2", 2, "C");
    check_name("out.h5", "/features/a1", 4, ".");
    check_name("out.h5", "/features/chrom", 3, "chr2");
    check_name("out.h5", "/samples/id", 4, "e");
    check_numbers("out.h5", "/features/pos", (double[]){10, 20, 20, 5, 7}, 5);
}

/* The text again as bgzip ("wz", with index), or BCF ("wb"). */
static scratch_path convert(const char *name, const char *mode) {
    scratch_path from = scratch_text("from.vcf", text), to = scratch_file(name);
    htsFile *in = hts_open(from.text, "r"), *out = hts_open(to.text, mode);
    bcf_hdr_t *header = bcf_hdr_read(in);
    bcf1_t *record = bcf_init();
    assert_int_equal(bcf_hdr_write(out, header), 0);
    while (bcf_read(in, header, record) == 0)
        assert_int_equal(bcf_write(out, header, record), 0);
    bcf_destroy(record);
    bcf_hdr_destroy(header);
    hts_close(in);
    assert_int_equal(hts_close(out), 0);
    if (strcmp(mode, "wz") == 0)
        assert_int_equal(tbx_index_build(to.text, 0, &tbx_conf_vcf), 0);
    else
        assert_int_equal(bcf_index_build(to.text, 14), 0);
    return to;
}

static scratch_path deflated(const char *name) {
    scratch_path path = scratch_file(name);
    gzFile file = gzopen(path.text, "wb");
    assert_int_equal(gzwrite(file, text, sizeof text - 1), (int)sizeof text - 1);
    assert_int_equal(gzclose(file), Z_OK);
    return path;
}

static void test_genotypes(void **state) {
    (void)state;
    const scratch_path route[] = {scratch_text("d.vcf", text), deflated("g.vcf.gz"),
                                  convert("b.vcf.gz", "wz"), convert("d.bcf", "wb")};
    ri_plink_options options = {.storage = RI_I8};
    ri_vcf_options how = {.field = RI_VCF_GT};
    for (int k = 0; k < 4; k++) {
        ri_import_report report = import_ok(route[k].text, &options, &how);
        check_copies();
        assert_int_equal(report.features, 5);
        assert_int_equal(report.missing_values, 5);
        assert_int_equal(report.constant_features, 1);
        assert_int_equal(report.renamed_features, 3);
        assert_int_equal(report.vcf.split_sites, 1); /* '*' is no allele */
        assert_int_equal(report.vcf.half_calls, 1);
        assert_int_equal(report.vcf.haploid, 1);
        assert_string_equal(report.response, "");
        assert_false(report.vcf.dosage);
    }
    how.skip_multiallelic = true;
    ri_import_report report = import_ok(route[0].text, &options, &how);
    assert_int_equal(report.features, 3);
    assert_int_equal(report.vcf.skipped_sites, 1);
}

static void test_dosages(void **state) {
    (void)state;
    scratch_path path = scratch_text("d.vcf", text);
    ri_plink_options options = plain();
    ri_vcf_options how = {.field = RI_VCF_AUTO};
    ri_import_report report = import_ok(path.text, &options, &how);
    assert_true(report.vcf.dosage);
    check_numbers("out.h5", "/X", (double[]){0,  100, 200, 255, 70, 100, 100, 0, 10, 0, 0, 100, 200,
                                             20, 0,   100, 0,   0,  200, 255, 0, 0,  0, 0, 255},
                  25);
    assert_int_equal(report.vcf.from_gt, 2 + 4 + 4);
    options.storage = RI_F32;
    import_ok(path.text, &options, &how);
    check_numbers("out.h5", "/X",
                  (double[]){(double)0.004F,
                             1,
                             (double)1.996F,
                             m,
                             (double)0.7F,
                             1,
                             1,
                             0,
                             (double)0.1F,
                             0,
                             0,
                             1,
                             2,
                             (double)0.2F,
                             0,
                             1,
                             0,
                             0,
                             2,
                             m,
                             0,
                             0,
                             0,
                             0,
                             m},
                  25);
}

static void test_parts(void **state) {
    (void)state;
    const scratch_path indexed[] = {convert("b.vcf.gz", "wz"), convert("d.bcf", "wb")};
    scratch_path keep = scratch_text("keep", "e\nb\nx\n"), extract = scratch_text("x", "rs9 rs1\n");
    scratch_path pheno = scratch_text("p", "#IID y\ne 3\nb 1\na 9\n");
    ri_selection selection = {.keep = keep.text, .geno = (double)NAN, .maf = (double)NAN};
    ri_plink_options options = {
        .storage = RI_I8, .selection = &selection, .pheno.file = pheno.text};
    for (int k = 0; k < 2; k++) {
        ri_vcf_options how = {.field = RI_VCF_GT, .region = "1:15-30"};
        selection.chr = selection.extract = NULL;
        ri_import_report report = import_ok(indexed[k].text, &options, &how);
        check_numbers("out.h5", "/X", (double[]){1, 0, 1, 0}, 4);
        check_numbers("out.h5", "/y/y", (double[]){1, 3}, 2);
        assert_int_equal(report.selection.step[RI_KEEP].unknown, 1);
        assert_int_equal(report.selection.step[RI_KEEP].dropped, 3);
        how.region = NULL;
        selection.chr = "2";
        import_ok(indexed[k].text, &options, &how);
        check_numbers("out.h5", "/X", (double[]){0, -128, 0, -128}, 4);
        selection.chr = NULL;
        selection.extract = extract.text;
        import_ok(indexed[k].text, &options, &how);
        check_numbers("out.h5", "/X", (double[]){1, 2, 0, -128}, 4);
        check_name("out.h5", "/features/id", 1, "rs9");
    }
}

static void check_fails(const char *path, const ri_vcf_options *how, const char *const *parts) {
    ri_import_report report;
    ri_error err = {0};
    ri_plink_options options = plain();
    assert_int_equal(
        ri_import_vcf(path, &options, how, scratch_file("none.h5").text, &report, &err),
        RI_BAD_INPUT);
    check_says(err.text, parts);
    assert_false(scratch_exists("none.h5"));
}

static void test_wrong_files(void **state) {
    (void)state;
    static const struct {
        const char *text, *parts[4];
        ri_vcf_field field;
    } wrong[] = {
        {"id,y\n1,2\n", {"w.vcf", "not a VCF"}, RI_VCF_GT},
        {HEADER, {"w.vcf", "no variants"}, RI_VCF_GT},
        {HEADER SITE("1\t1\tx", "A\tC") "DS\t0\t1\t2\t0\t0\n", {"1:1", "no GT"}, RI_VCF_GT},
        {HEADER SITE("1\t1\tx", "A\tC") "DS\t0\t1\t2.5\t0\t0\n",
         {"'c'", "2.5", "0 and 2"},
         RI_VCF_DS},
        {HEADER SITE("1\t1\tx", "A\tC,G") "DS\t0\t1\t2\t0\t0\n", {"1 DS", "2 alt"}, RI_VCF_DS},
        {HEADER SITE("1\t1\tx", "A\tC") "GT\t0/0/1\t0\t0\t0\t0\n",
         {"'a'", "two alleles"},
         RI_VCF_GT},
        {HEADER SITE("1\t1\tx", "A\tC") "GT\t0/0\t0\n", {"record 1", "damaged"}, RI_VCF_GT},
        {HEADER SITE("1\t1\tx", "A\tC") "GT\t0\t0\t0\t0\t0", {"end", "truncated"}, RI_VCF_GT},
        {"##fileformat=VCFv4.2\n#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\n",
         {"no samples"},
         RI_VCF_GT},
        {"##fileformat=VCFv4.2\n#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\ta\ta\n",
         {"named twice"},
         RI_VCF_GT},
        {"##fileformat=VCFv4.2\n#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\ta\n",
         {"declares no DS"},
         RI_VCF_DS},
    };
    for (size_t k = 0; k < sizeof wrong / sizeof *wrong; k++) {
        scratch_path path = scratch_text("w.vcf", wrong[k].text);
        check_fails(path.text, &(ri_vcf_options){.field = wrong[k].field}, wrong[k].parts);
    }
    scratch_path path = scratch_text("d.vcf", text);
    check_fails(path.text, &(ri_vcf_options){.region = "1"}, (const char *[]){"index", NULL});
    path = convert("b.vcf.gz", "wz");
    check_fails(path.text, &(ri_vcf_options){.region = "9"}, (const char *[]){"'9'", NULL});
    check_fails(scratch_file("absent.vcf").text, &(ri_vcf_options){0},
                (const char *[]){"absent.vcf", "cannot be opened", NULL});
}

static void test_cut_anywhere(void **state) {
    (void)state;
    const scratch_path route[] = {scratch_text("d.vcf", text), deflated("g.vcf.gz"),
                                  convert("b.vcf.gz", "wz"), convert("d.bcf", "wb")};
    ri_plink_options options = plain();
    for (int k = 0; k < 4; k++) {
        size_t length;
        char *bytes = scratch_read(route[k].text, &length);
        for (size_t cut = 0; cut < length; cut++) {
            ri_import_report report;
            ri_error err = {0};
            scratch_path path = scratch_write("cut", bytes, cut);
            scratch_path output = scratch_file("cut.h5");
            ri_status status = ri_import_vcf(path.text, &options, &(ri_vcf_options){0}, output.text,
                                             &report, &err);
            bool whole_lines = k == 0 && cut > 0 && bytes[cut - 1] == '\n';
            if (status == RI_OK && !whole_lines)
                fail_msg("route %d cut at byte %d of %d is taken for a file", k, (int)cut,
                         (int)length);
            assert_true(status == RI_OK || (status == RI_BAD_INPUT && err.text[0]));
            unlink(output.text);
        }
        free(bytes);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_genotypes),    cmocka_unit_test(test_dosages),
        cmocka_unit_test(test_parts),        cmocka_unit_test(test_wrong_files),
        cmocka_unit_test(test_cut_anywhere),
    };
    return cmocka_run_group_tests(tests, scratch_setup, scratch_teardown);
}
