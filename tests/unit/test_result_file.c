/* SPDX-License-Identifier: BSD-3-Clause
 * Laws: a record written and read back is the same record, bit for bit; /result of two
 * records that differ in run facts alone is the same, object by object and byte by byte. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "support/result_scene.h"

static void check_block(const void *left, const void *right, size_t count, size_t size) {
    assert_int_equal(left == NULL, right == NULL);
    if (left)
        assert_int_equal(memcmp(left, right, count * size), 0);
}

static void check_names(const ri_names *left, const ri_names *right) {
    assert_int_equal(left->count, right->count);
    for (int64_t i = 0; i < left->count; i++)
        assert_string_equal(ri_names_get(left, i), ri_names_get(right, i));
}

static void check_fit(const ri_fit *x, const ri_fit *y, size_t alphas) {
    size_t entries = (size_t)x->start[alphas];
    assert_int_equal(x->fold, y->fold);
    assert_int_equal(x->train, y->train);
    check_block(&x->null_loss, &y->null_loss, 1, sizeof(double));
    check_block(&x->null_mse, &y->null_mse, 1, sizeof(double));
    check_block(&x->null_mae, &y->null_mae, 1, sizeof(double));
    assert_int_equal(x->constant, y->constant);
    assert_int_equal(x->twins, y->twins);
    assert_int_equal(x->dependent, y->dependent);
    check_block(x->start, y->start, alphas + 1, sizeof *x->start);
    check_block(x->feature, y->feature, entries, sizeof *x->feature);
    check_block(x->coefficient, y->coefficient, entries, sizeof *x->coefficient);
    check_block(x->intercept, y->intercept, alphas, sizeof(double));
    check_block(x->objective, y->objective, alphas, sizeof(double));
    check_block(x->gap, y->gap, alphas, sizeof(double));
    check_block(x->rounds, y->rounds, alphas, sizeof *x->rounds);
    check_block(x->certified, y->certified, alphas, 1);
    for (size_t a = 0; a < alphas; a++) {
        if (x->fold == RI_REFIT) {
            assert_true(isnan(y->mse[a]) && isnan(y->mae[a]));
        } else {
            check_block(&x->mse[a], &y->mse[a], 1, sizeof(double));
            check_block(&x->mae[a], &y->mae[a], 1, sizeof(double));
        }
    }
}

static void check_path(const ri_record *record, const ri_path *x, const ri_path *y) {
    size_t alphas = (size_t)x->alphas;
    assert_int_equal(x->alphas, y->alphas);
    check_block(&x->l1_ratio, &y->l1_ratio, 1, sizeof(double));
    check_block(x->alpha, y->alpha, alphas, sizeof(double));
    check_block(x->mean, y->mean, alphas, sizeof(double));
    check_block(x->mean_weighted, y->mean_weighted, alphas, sizeof(double));
    check_block(x->se, y->se, alphas, sizeof(double));
    check_block(x->mae_mean, y->mae_mean, alphas, sizeof(double));
    check_block(x->mae_se, y->mae_se, alphas, sizeof(double));
    check_block(x->prediction, y->prediction, alphas * (size_t)record->n_all, sizeof(double));
    assert_int_equal(x->index_min, y->index_min);
    assert_int_equal(x->index_1se, y->index_1se);
    for (int32_t k = 0; k <= record->folds; k++)
        check_fit(&x->fit[k], &y->fit[k], alphas);
}

static void check_settings(const ri_settings *x, const ri_settings *y) {
    check_block(&x->tol, &y->tol, 1, sizeof(double));
    assert_int_equal(x->intercept, y->intercept);
    assert_int_equal(x->standardize, y->standardize);
    assert_int_equal(x->positive, y->positive);
    assert_int_equal(x->missing_mean, y->missing_mean);
    assert_int_equal(x->solver, y->solver);
    assert_int_equal(x->select, y->select);
    assert_true(x->ebic_gamma == y->ebic_gamma);
    assert_true(x->seed == y->seed);
    assert_string_equal(x->fold_scheme, y->fold_scheme);
    assert_string_equal(x->group_name, y->group_name);
}

static void check_run(const ri_run_facts *x, const ri_run_facts *y) {
    assert_true(x->seconds == y->seconds && x->seconds_reading == y->seconds_reading);
    assert_true(x->passes_over_x == y->passes_over_x && x->peak_rss_mb == y->peak_rss_mb);
    assert_int_equal(x->ranks, y->ranks);
    assert_int_equal(x->threads, y->threads);
    assert_string_equal(x->host, y->host);
    assert_string_equal(x->simd, y->simd);
    assert_string_equal(x->started, y->started);
    assert_string_equal(x->command_line, y->command_line);
}

static void check_proxies(const ri_proxies *x, const ri_proxies *y) {
    size_t count = (size_t)x->count, entries = x->start ? (size_t)x->start[count] : 0;
    assert_true(x->threshold == y->threshold && x->count == y->count);
    check_block(x->feature, y->feature, count, sizeof *x->feature);
    check_block(x->vif, y->vif, count, sizeof *x->vif);
    check_block(x->looked, y->looked, count, 1);
    check_block(x->start, y->start, x->start ? count + 1 : 0, sizeof *x->start);
    check_block(x->proxy, y->proxy, entries, sizeof *x->proxy);
    check_block(x->r, y->r, entries, sizeof *x->r);
}

static void check_record(const ri_record *x, const ri_record *y) {
    size_t rows = (size_t)x->n_all, columns = (size_t)x->p;
    assert_string_equal(x->command, y->command);
    assert_string_equal(x->dataset, y->dataset);
    assert_string_equal(x->response, y->response);
    assert_true(x->fingerprint == y->fingerprint);
    assert_true(x->n_all == y->n_all && x->n == y->n && x->p == y->p && x->folds == y->folds);
    assert_true(x->y_mean == y->y_mean && x->y_sd == y->y_sd);
    assert_int_equal(x->genotype, y->genotype);
    assert_int_equal(x->missing_values, y->missing_values);
    assert_int_equal(x->truths, y->truths);
    assert_int_equal(x->paths, y->paths);
    assert_int_equal(x->selected_path, y->selected_path);
    assert_int_equal(x->index_selected, y->index_selected);
    check_settings(&x->settings, &y->settings);
    check_block(x->fold, y->fold, rows, sizeof *x->fold);
    check_block(x->weight, y->weight, rows, sizeof(double));
    check_block(x->penalty_factor, y->penalty_factor, columns, sizeof(double));
    check_block(x->feature_mean, y->feature_mean, columns, sizeof(double));
    check_block(x->feature_sd, y->feature_sd, columns, sizeof(double));
    check_block(x->frequency, y->frequency, columns, sizeof(double));
    check_block(x->pos, y->pos, columns, sizeof *x->pos);
    check_block(x->truth_feature, y->truth_feature, (size_t)x->truths, sizeof(int64_t));
    check_proxies(&x->proxies, &y->proxies);
    check_block(x->truth_coefficient, y->truth_coefficient, (size_t)x->truths, sizeof(double));
    check_names(&x->sample, &y->sample);
    check_names(&x->feature, &y->feature);
    check_names(&x->chrom, &y->chrom);
    check_names(&x->a1, &y->a1);
    check_names(&x->a2, &y->a2);
    for (int64_t r = 0; r < x->paths; r++)
        check_path(x, &x->path[r], &y->path[r]);
    check_run(&x->run, &y->run);
}

static void check_round_trip(const scene *s, ri_record *record) {
    ri_record *back;
    ri_error err = {0};
    write_record(record, s->file);
    if (ri_result_read(s->file, &back, &err) != RI_OK)
        fail_msg("%s", err.text);
    check_record(record, back);
    ri_record_free(back);
    ri_record_free(record);
}

static void a_record_comes_back_bit_for_bit(void **state) {
    const sample_shape *shape[] = {&full, &large, &bare, &empty};
    for (int i = 0; i < 4; i++)
        check_round_trip(*state, sample_record(shape[i]));
}

static void odd_values_come_back(void **state) {
    ri_record *record = sample_record(&full);
    record->path[0].prediction[3] = NAN;
    record->path[0].mean[1] = INFINITY;
    record->path[0].fit[2].gap[0] = -0.0;
    record->path[1].fit[5].coefficient[0] = 4.9e-324;
    record->settings.seed = UINT64_MAX;
    record->settings.select = RI_SELECT_1SE;
    record->settings.positive = true;
    record->settings.standardize = false;
    snprintf(record->settings.group_name, sizeof record->settings.group_name, "Familie Müller");
    memset(record->dataset, 'x', sizeof record->dataset - 1);
    record->response[0] = '\0';
    record->path[0].fit[1].certified[7] = 0;
    assert_int_equal(ri_names_add(&record->sample, "", 0, NULL), RI_OK);
    record->sample.count--; /* an empty name in place of the last one */
    record->sample.offset[record->sample.count - 1] = record->sample.offset[record->sample.count];
    check_round_trip(*state, record);
}

/* A digest of everything below a group: names, attributes, types, shapes, raw values. */
typedef struct digest {
    uint64_t hash;
    long objects;
} digest;

static void add_bytes(digest *d, const void *bytes, size_t length) {
    d->hash = ri_hash(bytes, length, d->hash + 1);
}

static void add_values(digest *d, hid_t type, hid_t space, hid_t attribute, hid_t set) {
    size_t count = (size_t)H5Sget_simple_extent_npoints(space), size = H5Tget_size(type);
    hsize_t dims[4] = {0};
    int rank = H5Sget_simple_extent_dims(space, dims, NULL);
    add_bytes(d, dims, sizeof(hsize_t) * (size_t)rank);
    add_bytes(d, &size, sizeof size);
    char *raw = calloc(count + 1, size);
    if (attribute >= 0)
        assert_true(H5Aread(attribute, type, raw) >= 0);
    else
        assert_true(H5Dread(set, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, raw) >= 0);
    if (H5Tis_variable_str(type) > 0) {
        for (size_t i = 0; i < count; i++) {
            char *text;
            memcpy(&text, raw + i * sizeof text, sizeof text);
            add_bytes(d, text ? text : "", text ? strlen(text) : 0);
            H5free_memory(text);
        }
    } else {
        add_bytes(d, raw, count * size);
    }
    free(raw);
}

static herr_t add_attribute(hid_t at, const char *name, const H5A_info_t *info, void *context) {
    (void)info;
    hid_t attribute = H5Aopen(at, name, H5P_DEFAULT), type = H5Aget_type(attribute),
          space = H5Aget_space(attribute);
    add_bytes(context, name, strlen(name));
    add_values(context, type, space, attribute, -1);
    H5Sclose(space);
    H5Tclose(type);
    H5Aclose(attribute);
    return 0;
}

static herr_t add_object(hid_t at, const char *name, const H5O_info_t *info, void *context) {
    digest *d = context;
    hid_t object = H5Oopen(at, name, H5P_DEFAULT);
    add_bytes(d, name, strlen(name));
    time_t times[] = {info->atime, info->mtime, info->ctime, info->btime};
    add_bytes(d, times, sizeof times);
    H5Aiterate2(object, H5_INDEX_NAME, H5_ITER_INC, NULL, add_attribute, d);
    if (info->type == H5O_TYPE_DATASET) {
        hid_t type = H5Dget_type(object), space = H5Dget_space(object);
        add_values(d, type, space, -1, object);
        H5Sclose(space);
        H5Tclose(type);
    }
    H5Oclose(object);
    d->objects++;
    return 0;
}

static digest digest_of(const char *file, const char *group) {
    digest d = {0, 0};
    hid_t handle = H5Fopen(file, H5F_ACC_RDONLY, H5P_DEFAULT);
    hid_t at = H5Gopen2(handle, group, H5P_DEFAULT);
    assert_true(at >= 0);
    assert_true(H5Ovisit(at, H5_INDEX_NAME, H5_ITER_INC, add_object, &d) >= 0);
    H5Gclose(at);
    H5Fclose(handle);
    return d;
}

static void run_facts_stay_out_of_result(void **state) {
    scene *s = *state;
    ri_record *record = sample_record(&full);
    write_record(record, s->file);
    record->run = (ri_run_facts){.seconds = 99, .ranks = 64, .host = "elsewhere", .simd = "plain"};
    sleep(1); /* so that times, if any were stored, would differ */
    write_record(record, s->other);
    digest first = digest_of(s->file, "/result"), second = digest_of(s->other, "/result");
    assert_true(first.objects > 100);
    assert_true(first.hash == second.hash);
    assert_true(digest_of(s->file, "/run").hash != digest_of(s->other, "/run").hash);
    record->path[1].fit[3].gap[2] += 1e-12; /* the digest sees a single number */
    write_record(record, s->other);
    assert_true(first.hash != digest_of(s->other, "/result").hash);
    ri_record_free(record);
}

static void an_unwritable_place_is_an_error(void **state) {
    scene *s = *state;
    ri_record *record = sample_record(&bare);
    ri_error err = {0};
    char nowhere[4400];
    snprintf(nowhere, sizeof nowhere, "%s/missing/a.h5", s->directory);
    assert_int_equal(ri_result_write(record, nowhere, &err), RI_SYSTEM);
    assert_non_null(strstr(err.text, "cannot be written"));
    ri_record_free(record);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_record_comes_back_bit_for_bit, set_up, tear_down),
        cmocka_unit_test_setup_teardown(odd_values_come_back, set_up, tear_down),
        cmocka_unit_test_setup_teardown(run_facts_stay_out_of_result, set_up, tear_down),
        cmocka_unit_test_setup_teardown(an_unwritable_place_is_an_error, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
