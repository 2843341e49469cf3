/* SPDX-License-Identifier: BSD-3-Clause
 * Laws of the table of losses: the mean is what makes the derivative vanish, the curvature is the
 * derivative of the mean, and loss and conjugate bound each other as Fenchel and Young say. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <math.h>

#include "solve/loss.h"

static const double ETA[] = {-25, -4, -1.5, -0.1, 0, 0.3, 2, 4, 25};
static const double RESPONSE[RI_FAMILIES][4] = {[RI_GAUSSIAN] = {-3, 0, 0.5, 7},
                                                [RI_BINOMIAL] = {0, 0.25, 0.5, 1},
                                                [RI_POISSON] = {0, 1, 3, 40}};
enum { ETAS = sizeof ETA / sizeof *ETA, RESPONSES = 4 };

static void check_close(double a, double b, double tolerance) {
    if (!(fabs(a - b) <= tolerance * fmax(1, fmax(fabs(a), fabs(b)))))
        fail_msg("%.17g and %.17g differ by more than %g", a, b, tolerance);
}

static void for_all(void (*law)(const ri_loss *loss, double y, double eta)) {
    for (int f = 0; f < RI_FAMILIES; f++)
        for (int i = 0; i < ETAS; i++)
            for (int k = 0; k < RESPONSES; k++)
                law(ri_loss_of((ri_family)f), RESPONSE[f][k], ETA[i]);
}

/* d loss / d eta = mean - y, d mean / d eta = curvature: by central differences. */
static void derivatives(const ri_loss *loss, double y, double eta) {
    double h = 1e-5, slope = (loss->loss(y, eta + h) - loss->loss(y, eta - h)) / (2 * h);
    double size = fmax(1, loss->loss(y, eta));
    check_close(slope / size, (loss->mean(eta) - y) / size, 1e-8);
    slope = (loss->mean(eta + h) - loss->mean(eta - h)) / (2 * h);
    check_close(slope, loss->curvature(eta), 1e-8);
}

/* loss(y, eta) + u eta >= A*(y) - A*(y - u), with equality at the mean y - u. */
static void duality(const ri_loss *loss, double y, double eta) {
    const double share[] = {0, 0.3, 0.9, 1};
    for (int k = 0; k < 4; k++) {
        double mean = loss->mean(eta), other = y + share[k] * (mean - y), u = y - other;
        double left = loss->loss(y, eta) + u * eta;
        double right = loss->conjugate(y) - loss->conjugate(other);
        assert_true(left >= right - 1e-12 * fmax(1, fabs(left)));
        if (share[k] == 1)
            check_close(left, right, 1e-12);
    }
}

/* The loss is not negative, and 0 where the mean is the response. */
static void bounds(const ri_loss *loss, double y, double eta) {
    assert_true(loss->loss(y, eta) >= -1e-15 * (1 + fabs(y * eta)));
    if (y > loss->low && y < loss->high)
        check_close(loss->loss(y, loss->link(y)), 0, 1e-14 * (1 + fabs(y)));
    if (fabs(eta) < 20)
        check_close(loss->link(loss->mean(eta)), eta, 1e-7);
}

static void test_derivatives(void **state) {
    (void)state;
    for_all(derivatives);
}

static void test_duality(void **state) {
    (void)state;
    for_all(duality);
}

static void test_bounds(void **state) {
    (void)state;
    for_all(bounds);
}

/* Nothing overflows or loses its sign where a probability is 0 or 1 but for rounding. */
static void test_saturation(void **state) {
    (void)state;
    const ri_loss *loss = ri_loss_of(RI_BINOMIAL);
    for (double eta = 50; eta < 2000; eta *= 2) {
        assert_true(loss->loss(1, eta) >= 0 && loss->loss(1, eta) < 1e-20);
        check_close(loss->loss(0, eta), eta, 1e-14);
        assert_true(loss->curvature(eta) >= 0 && loss->curvature(-eta) >= 0);
        assert_true(loss->mean(eta) == 1 && loss->mean(-eta) >= 0);
    }
    assert_true(loss->conjugate(0) == 0 && loss->conjugate(1) == 0);
    assert_true(ri_loss_of(RI_POISSON)->conjugate(0) == 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_derivatives),
        cmocka_unit_test(test_duality),
        cmocka_unit_test(test_bounds),
        cmocka_unit_test(test_saturation),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
