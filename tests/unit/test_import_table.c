/* SPDX-License-Identifier: BSD-3-Clause
 * Laws: however a table is written (separator, quotes, line ends, byte order mark, gzip), the same
 * cells arrive; every way in which it can be wrong is said with its place, and leaves no file. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <malloc.h>
#include <zlib.h>

#include "data/import.h"
#include "data/table_reader.h"
#include "support/check_numbers.h"
#include "support/check_says.h"
#include "support/read_back.h"
#include "support/scratch.h"

static const ri_table_options plain = {.response = "y"};

static scratch_path write_gzip(const char *name, const char *text, size_t length) {
    scratch_path path = scratch_file(name);
    gzFile file = gzopen(path.text, "wb");
    assert_int_equal(gzwrite(file, text, (unsigned)length), (int)length);
    assert_int_equal(gzclose(file), Z_OK);
    return path;
}

static ri_import_report import_ok(const char *table, const ri_table_options *options) {
    ri_import_report report;
    ri_error err = {0};
    ri_status status = ri_import_table(table, options, scratch_file("out.h5").text, &report, &err);
    if (status != RI_OK)
        fail_msg("%s", err.text);
    return report;
}

/* 3 samples, features a and "b, c"; X is stored feature by feature. */
static void check_table(const char *table) {
    ri_import_report report = import_ok(table, &plain);
    assert_int_equal(report.samples, 3);
    assert_int_equal(report.features, 2);
    assert_string_equal(report.response, "y");
    check_numbers("out.h5", "/X", (double[]){1.5, -2e-3, 3, 4, 0.5, 6e10}, 6);
    check_numbers("out.h5", "/y/y", (double[]){10, 20, 30}, 3);
    check_name("out.h5", "/samples/id", 0, "p 1");
    check_name("out.h5", "/samples/id", 1, "p\"2\"");
    check_name("out.h5", "/samples/id", 2, "p\n3");
    check_name("out.h5", "/features/id", 0, "a");
    check_name("out.h5", "/features/id", 1, "b, c");
}

static void test_spellings(void **state) {
    (void)state;
    static const char *const spelling[] = {
        "id,a,\"b, c\",y\np 1,1.5,4,10\n\"p\"\"2\"\"\",-2e-3,.5,20\n\"p\n3\",3,6E10,30\n",
        "id,a,\"b, c\",y\np 1,1.5,4,10\n\"p\"\"2\"\"\",-2e-3,.5,20\n\"p\n3\",3,6E10,30",
        ("\xEF\xBB\xBFid,a,\"b, c\",y\r\np 1,1.50,4,10\r\n\"p\"\"2\"\"\",-0.002,5e-1,20\r\n"
         "\r\n\"p\n3\",+3,\"6E10\",30\r\n"),
        "id,a,\"b, c\",y\rp 1,1.5,4,10\r\"p\"\"2\"\"\",-2e-3,.5,20\r\"p\n3\",3,6E10,30\r",
        "id\ta\tb, c\ty\np 1\t 1.5\t4 \t10\n\"p\"\"2\"\"\"\t-2e-3\t.5\t20\n\"p\n3\"\t3\t6E10\t30\n",
    };
    for (size_t k = 0; k < sizeof spelling / sizeof *spelling; k++) {
        check_table(scratch_text("table.csv", spelling[k]).text);
        check_table(write_gzip("table.csv", spelling[k], strlen(spelling[k])).text);
    }
}

static void test_roles(void **state) {
    (void)state;
    scratch_path table = scratch_text("roles.csv", "who,batch,w,x,x,x#2,junk,c,y\n"
                                                   "s1,b1,1,1,2,3,text,7,1\n"
                                                   "s2,b1,0.5,4,5,6,more,7,NA\n");
    ri_table_options options = {.response = "y",
                                .id_column = "who",
                                .drop = "junk",
                                .group_column = "batch",
                                .weight_column = "w"};
    ri_import_report report = import_ok(table.text, &options);
    assert_int_equal(report.features, 4);
    assert_int_equal(report.renamed_features, 1);
    assert_int_equal(report.dropped_columns, 1);
    assert_int_equal(report.constant_features, 1);
    assert_int_equal(report.missing_responses, 1);
    assert_int_equal(report.missing_values, 0);
    check_numbers("out.h5", "/X", (double[]){1, 4, 2, 5, 3, 6, 7, 7}, 8);
    check_numbers("out.h5", "/y/y", (double[]){1, NAN}, 2);
    check_numbers("out.h5", "/weights", (double[]){1, 0.5}, 2);
    check_name("out.h5", "/features/id", 0, "x");
    check_name("out.h5", "/features/id", 1, "x#3"); /* x#2 is the file's own name */
    check_name("out.h5", "/features/id", 2, "x#2");
    check_name("out.h5", "/features/id", 3, "c");
    check_name("out.h5", "/samples/id", 1, "s2");
    check_name("out.h5", "/groups/batch", 1, "b1");
}

static void test_sample_names(void **state) {
    (void)state;
    import_ok(scratch_text("t.csv", "\"\",a,y\nr1,1,2\nr2,2,3\n").text, &plain);
    check_name("out.h5", "/samples/id", 1, "r2");
    import_ok(scratch_text("t.csv", "Sample_ID,a,y\n17,1,2\n18,2,3\n").text, &plain);
    check_name("out.h5", "/samples/id", 1, "18");
    import_ok(scratch_text("t.csv", "a,y\n1,2\n2,3\n").text, &plain);
    check_name("out.h5", "/samples/id", 1, "2");
    check_numbers("out.h5", "/X", (double[]){1, 2}, 2);
}

static void test_missing_and_single_precision(void **state) {
    (void)state;
    scratch_path table = scratch_text("t.csv", "a,b,y\nNA,1,1\n0.1,,2\n.,nan,3\n");
    ri_table_options options = {.response = "y", .allow_missing = true, .storage = RI_F32};
    ri_import_report report = import_ok(table.text, &options);
    assert_int_equal(report.missing_values, 4);
    assert_int_equal(report.constant_features, 2);
    check_numbers("out.h5", "/X", (double[]){NAN, 0.1f, NAN, 1, NAN, NAN}, 6);
}

static void test_truth(void **state) {
    (void)state;
    scratch_path table = scratch_text("t.csv", "a,b,c,y\n1,2,3,1\n3,5,4,2\n");
    scratch_path truth =
        scratch_text("truth.tsv", "feature\tcoefficient\tnoise_sd\nc\t-1.5\t2\na\t2\t2\n");
    ri_table_options options = {.response = "y", .truth = truth.text};
    import_ok(table.text, &options);
    check_numbers("out.h5", "/truth/features", (double[]){2, 0}, 2);
    check_numbers("out.h5", "/truth/coefficients", (double[]){-1.5, 2}, 2);
    assert_true(read_back_attribute(scratch_file("out.h5").text, "/truth", "noise_sd") == 2.0);
    assert_true(read_back_attribute(scratch_file("out.h5").text, "/truth", "intercept") == 0.0);
}

/* Imports and expects the sentence to hold all of `parts`, and no output. */
static void check_fails(const char *table, const ri_table_options *options,
                        const char *const *parts) {
    ri_import_report report;
    ri_error err = {0};
    scratch_path output = scratch_file("none.h5");
    assert_int_equal(ri_import_table(table, options, output.text, &report, &err), RI_BAD_INPUT);
    check_says(err.text, parts);
    assert_false(scratch_exists("none.h5"));
    assert_null(strchr(err.text, '\n'));
}

typedef struct wrong_table {
    const char *text;
    ri_table_options options;
    const char *parts[6];
} wrong_table;

static const wrong_table wrong[] = {
    {"", {.response = "y"}, {"bad.csv", "empty"}},
    {"a,y\n", {.response = "y"}, {"bad.csv", "no rows"}},
    {"a;b;y\n1;2;3\n", {.response = "y"}, {"one column only", "'a;b;y'"}},
    {"a,b,y\n1,2,3\n4,5\n", {.response = "y"}, {"line 3", "2 fields", "has 3"}},
    {"a,b,y\nr1,1,2,3\n", {.response = "y"}, {"line 2", "4 fields", "has 3", "sample name"}},
    {"a,b,y\n1,\"2\n\",3\n4,five,6\n",
     {.response = "y"},
     {"line 4", "column 2 ('b')", "'five'", "not a number"}},
    {"a,y\r1,2\rx,3\r", {.response = "y"}, {"line 3", "'x'"}},
    {"a,y\r\n1,2\r\nx,3\r\n", {.response = "y"}, {"line 3", "'x'"}},
    {"a,y\n1,2\n0x10,3\n", {.response = "y"}, {"line 3", "('a')", "'0x10'"}},
    {"who,a,y\nann,1,2\n", {.response = "y"}, {"line 2", "('who')", "'ann'", "--id-column"}},
    {"a,y\n1,2\n-inf,3\n", {.response = "y"}, {"line 3", "('a')", "'-inf'", "not finite"}},
    {"a,y\n1,2\n2,1e999\n", {.response = "y"}, {"line 3", "('y')", "'1e999'", "not finite"}},
    {"a,y\n1,2\n1e300,3\n", {.response = "y", .storage = RI_F32}, {"line 3", "f32"}},
    {"a,b,y\n1,NA,2\n",
     {.response = "y"},
     {"line 2", "column 2 ('b')", "missing value ('NA')", "--missing mean"}},
    {"a,y\n1,case\n2,1\n", {.response = "y"}, {"line 2", "('y')", "'case'", "0 and 1"}},
    {"a,y\n1,1\n2,case\n", {.response = "y"}, {"line 3", "('y')", "'case'", "0 and 1"}},
    {"a,y,y\n1,2,3\n", {.response = "y"}, {"--response 'y'", "columns 2 and 3"}},
    {"who,who,y\n1,2,3\n", {.response = "y", .id_column = "who"}, {"--id-column", "1 and 2"}},
    {"a,,y\n1,2,3\n", {.response = "y"}, {"column 2 of 3", "no name"}},
    {"id,a,y\ns1,1,2\ns2,2,3\ns1,3,4\n", {.response = "y"}, {"lines 2 and 4", "'s1'"}},
    {"id,a,y\n,1,2\n", {.response = "y"}, {"line 2", "sample name is empty"}},
    {"id,y\ns1,1\n", {.response = "y"}, {"no feature"}},
    {"age,sex,target\n1,2,3\n", {.response = "traget"}, {"--response 'traget'", "'target'?"}},
    {"age,sex,target\n1,2,3\n", {.response = "qqqqqqqq"}, {"there are 3: 'age', 'sex', 'target'"}},
    {"a,b,y\n1,2,3\n", {.response = "y", .drop = "b,zz"}, {"--drop 'zz'", "no such column"}},
    {"a,b,y\n1,2,3\n", {.response = "y", .drop = "y"}, {"'y'", "both --response and --drop"}},
    {"a,b,y\n1,2,3\n", {.response = "y", .id_column = "y"}, {"'y'", "--response and --id-column"}},
    {"a,w,y\n1,-2,3\n", {.response = "y", .weight_column = "w"}, {"('w')", "'-2'", "weight"}},
    {"a,w,y\n1,NA,3\n", {.response = "y", .weight_column = "w"}, {"('w')", "'NA'", "weight"}},
    {"a,g,y\n1,,3\n", {.response = "y", .group_column = "g"}, {"('g')", "group is empty"}},
    {"a,y\n1,2\n3\"4,5\n", {.response = "y"}, {"line 3", "double quote"}},
    {"a,y\n1,2\n\"3,5\n6,7\n", {.response = "y"}, {"line 3", "never closed"}},
    {"a,y\n1,2\n\xE9,5\n", {.response = "y"}, {"line 3", "UTF-8"}},
    {"a,y\n1,2\n", {.response = NULL}, {"--response"}},
    {"a,y\n1,2\n", {.response = "y", .storage = RI_I8}, {"f64 or f32", "i8"}},
    {"a,y\n1,2\n12345678901234567890123456789012345678901234567890123456789012345678901234567890x,"
     "5\n",
     {.response = "y"},
     {"'12345678901234567890123456789012345678901234...'"}},
};

static void test_sentences(void **state) {
    (void)state;
    for (size_t k = 0; k < sizeof wrong / sizeof *wrong; k++)
        check_fails(scratch_text("bad.csv", wrong[k].text).text, &wrong[k].options, wrong[k].parts);
}

static void test_truth_sentences(void **state) {
    (void)state;
    static const struct {
        const char *text, *parts[4];
    } bad[] = {
        {"", {"truth.tsv", "'coefficient'"}},
        {"feature\tvalue\na\t1\n", {"truth.tsv", "'coefficient'"}},
        {"feature\tcoefficient\nzz\t1\n", {"line 2", "'zz'", "2 features"}},
        {"feature\tcoefficient\na\tx\n", {"line 2", "'x'"}},
        {"feature\tcoefficient\na\t1\na\t2\n", {"line 3", "'a'", "second time"}},
        {"feature\tcoefficient\na\n", {"line 2", "1 fields", "has 2"}},
    };
    scratch_path table = scratch_text("t.csv", "a,b,y\n1,2,1\n3,5,2\n");
    for (size_t k = 0; k < sizeof bad / sizeof *bad; k++) {
        scratch_path truth = scratch_text("truth.tsv", bad[k].text);
        ri_table_options options = {.response = "y", .truth = truth.text};
        check_fails(table.text, &options, bad[k].parts);
    }
}

static void test_files_that_are_no_tables(void **state) {
    (void)state;
    static const char binary[] = "a,y\n1,\0 2\n";
    check_fails(scratch_write("t.csv", binary, sizeof binary - 1).text, &plain,
                (const char *[]){"t.csv", "NUL", "text", NULL});
    check_fails(scratch_file("absent.csv").text, &plain,
                (const char *[]){"absent.csv", "cannot be opened", NULL});
    check_fails(scratch_folder, &plain, (const char *[]){"not a regular file", NULL});
    check_fails(scratch_write("t.bz2", "BZh91AY&SY", 10).text, &plain,
                (const char *[]){"t.bz2", "compressed by bzip2", "unpack it", NULL});

    char text[40000] = "a,y\n";
    for (int i = 0; strlen(text) < sizeof text - 40; i++)
        snprintf(text + strlen(text), 40, "%d,%d\n", i * 7919 % 104729, i);
    size_t length;
    char *packed = scratch_read(write_gzip("t.gz", text, strlen(text)).text, &length);
    check_fails(scratch_write("t.gz", packed, length / 2).text, &plain,
                (const char *[]){"t.gz", "ends before its data", NULL});
    memset(packed + length / 2, 0x5A, 64);
    check_fails(scratch_write("t.gz", packed, length).text, &plain,
                (const char *[]){"t.gz", "damaged", NULL});
    free(packed);
}

/* Unwritable output is said before the table is looked at. */
static void test_output_first(void **state) {
    (void)state;
    ri_import_report report;
    ri_error err = {0};
    scratch_path file = scratch_text("file", "x");
    char output[SCRATCH_PATH + 16];
    snprintf(output, sizeof output, "%s/out.h5", file.text);
    assert_int_equal(ri_import_table("absent.csv", &plain, output, &report, &err), RI_BAD_INPUT);
    assert_non_null(strstr(err.text, "file"));
    assert_null(strstr(err.text, "absent.csv"));
}

/* A row of 8000 digits that follow from their place. */
static int digit(int64_t i, int64_t j) {
    return (int)((i * 7 + j * 3 + i * j) % 10);
}

/* More than one block of rows: 540 x 8000 doubles are 35 MB. */
static void test_blocks(void **state) {
    (void)state;
    enum { N = 540, P = 8000 };
    scratch_path table = scratch_file("wide.csv");
    FILE *file = fopen(table.text, "w");
    for (int j = 0; j < P; j++)
        fprintf(file, "f%d,", j);
    fputs("y\n", file);
    for (int i = 0; i < N; i++) {
        for (int j = 0; j < P; j++) {
            fputc('0' + digit(i, j), file);
            fputc(',', file);
        }
        fprintf(file, "%d\n", i);
    }
    fclose(file);
    ri_import_report report = import_ok(table.text, &plain);
    assert_int_equal(report.samples, N);
    int64_t count;
    double *values = read_back(scratch_file("out.h5").text, "/X", &count);
    assert_int_equal(count, (int64_t)N * P);
    for (int64_t j = 0; j < P; j++)
        for (int64_t i = 0; i < N; i++)
            if (values[j * N + i] != digit(i, j))
                fail_msg("sample %d, feature %d is %g", (int)i, (int)j, values[j * N + i]);
    free(values);
}

/* Reading a file of 4 MB holds no more than reading its first rows. */
static void test_streams(void **state) {
    (void)state;
    enum { ROWS = 100000 };
    scratch_path table = scratch_file("long.csv.gz");
    gzFile file = gzopen(table.text, "wb1");
    gzputs(file, "a,\"b\",c,y\n");
    for (int i = 0; i < ROWS; i++)
        gzprintf(file, "%d.25,\"%d\",1e-3,abcdefghijklmnop\n", i, i);
    gzclose(file);
    ri_table_reader *reader;
    ri_error err;
    const ri_names *row;
    int64_t line;
    size_t early = 0;
    assert_int_equal(ri_table_reader_open(table.text, &reader, &err), RI_OK);
    for (int64_t i = 0; i <= ROWS; i++) {
        assert_int_equal(ri_table_reader_next(reader, &row, &line, &err), RI_OK);
        assert_non_null(row);
        assert_int_equal(row->count, 4);
        assert_int_equal(line, i + 1);
        if (i == 100)
            early = mallinfo2().uordblks;
    }
    assert_true(mallinfo2().uordblks <= early + 4096);
    assert_int_equal(ri_table_reader_next(reader, &row, &line, &err), RI_OK);
    assert_null(row);
    ri_table_reader_close(reader);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_spellings),       cmocka_unit_test(test_roles),
        cmocka_unit_test(test_sample_names),    cmocka_unit_test(test_missing_and_single_precision),
        cmocka_unit_test(test_truth),           cmocka_unit_test(test_sentences),
        cmocka_unit_test(test_truth_sentences), cmocka_unit_test(test_files_that_are_no_tables),
        cmocka_unit_test(test_output_first),    cmocka_unit_test(test_blocks),
        cmocka_unit_test(test_streams),
    };
    return cmocka_run_group_tests(tests, scratch_setup, scratch_teardown);
}
