/* SPDX-License-Identifier: BSD-3-Clause
 * Laws: every unit is run once and comes back whole and in its place, for more and for fewer ranks
 * than units, and for results larger than one message; a rank that fails at any stage, or a hook
 * that says stop, ends the run on all ranks with the same status and sentence, soon; progress adds
 * up; and no message of one run is left for the next. With the argument "linger" it prints its
 * process number, shares memory and works until it is killed. */
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "check.h"
#include "cluster/cluster.h"
#include "cluster/gather.h"
#include "fakes.h"

enum { ROWS = 100, COLUMNS = 1000, LONG_ROUNDS = 200000, SOON_SECONDS = 100 };

typedef struct hearing {
    int64_t calls, points_done, points_total;
    int64_t stop_after; /* calls; 0: never */
} hearing;

static int hear(void *context, const ri_progress *progress) {
    hearing *heard = context;
    heard->calls++;
    heard->points_done = progress->points_done;
    heard->points_total = progress->points_total;
    return heard->stop_after > 0 && heard->calls >= heard->stop_after;
}

static scenario ordinary(const ri_cluster *cluster) {
    return (scenario){.rank = ri_cluster_rank(cluster),
                      .fail_rank = NOT_ANY,
                      .uncertified_rank = NOT_ANY,
                      .units = 7,
                      .payload = 10,
                      .rounds = 20};
}

static ri_status run(ri_cluster *cluster, const scenario *now, hearing *heard, ri_record **record,
                     ri_error *err) {
    ri_problem problem = {.x = {.storage = RI_F64, .n = ROWS, .p = COLUMNS}};
    fakes_play(now);
    *err = (ri_error){.text = ""};
    return ri_cluster_run(cluster, &problem, 1, heard ? hear : NULL, heard, record, err);
}

static void check_complete(ri_cluster *cluster, checks *all, int64_t units, int64_t payload) {
    scenario now = ordinary(cluster);
    hearing heard = {0};
    ri_record *record;
    ri_error err;
    int rank = ri_cluster_rank(cluster);
    now.units = units;
    now.payload = payload;
    CHECK_EQUAL(all, run(cluster, &now, &heard, &record, &err), RI_OK);
    CHECK(all, (record != NULL) == (rank == 0));
    if (!record) {
        if (rank == 0)
            fprintf(stderr, "%s\n", err.text);
        return;
    }
    CHECK(all, heard.calls > 0);
    CHECK_EQUAL(all, heard.points_total, units);
    CHECK_EQUAL(all, record->run.ranks, ri_cluster_ranks(cluster));
    CHECK_EQUAL(all, record->run.threads, 1);
    CHECK(all, record->run.seconds > 0 && record->run.seconds < 600);
    /* one reading of X by each node for the plan, and 8 bytes by each unit */
    const char *nodes = getenv("RIATA_TEST_NODES");
    double passes =
        (nodes ? atoi(nodes) : 1) + 8.0 * (double)units / (ROWS * COLUMNS * sizeof(double));
    CHECK(all, fabs(record->run.passes_over_x - passes) < 1e-12);
    CHECK(all, strcmp(record->run.host, ri_cluster_host(cluster)) == 0);
    ri_record_free(record);
}

/* Every rank's points arrive at rank 0's hook. */
static void check_progress(ri_cluster *cluster, checks *all) {
    scenario now = ordinary(cluster);
    hearing heard = {0};
    ri_record *record;
    ri_error err;
    now.units = 12;
    now.rounds = 300 + 1200 * (now.rank != 0); /* rank 0 is done first, and waits */
    CHECK_EQUAL(all, run(cluster, &now, &heard, &record, &err), RI_OK);
    if (now.rank == 0) {
        CHECK_EQUAL(all, heard.points_total, 12);
        CHECK(all, heard.points_done >= 6 && heard.points_done <= 12);
        CHECK(all, heard.calls >= 300 + (ri_cluster_ranks(cluster) > 1 ? 5 : 0));
    } else {
        CHECK_EQUAL(all, heard.calls, 0);
    }
    ri_record_free(record);
}

static void check_failures(ri_cluster *cluster, checks *all, int64_t hand) {
    for (int at = STAGE_PLAN_FIRST; at < STAGE_COUNT; at++)
        for (int r = 0; r < ri_cluster_ranks(cluster); r++) {
            scenario now = ordinary(cluster);
            ri_record *record;
            ri_error err;
            char sentence[64];
            if ((at == STAGE_PACK && r == 0) || (at == STAGE_ASSEMBLE && r != 0))
                continue; /* not called there */
            now.fail_stage = (stage)at;
            now.hand = hand;
            now.fail_rank = r;
            now.rounds = at == STAGE_UNITS && r != now.rank ? LONG_ROUNDS : 50;
            fake_sentence(sentence, sizeof sentence, r, now.fail_stage);
            double before = ri_seconds();
            CHECK_EQUAL(all, run(cluster, &now, NULL, &record, &err), RI_SYSTEM);
            CHECK(all, ri_seconds() - before < SOON_SECONDS);
            CHECK(all, record == NULL);
            CHECK(all, strcmp(err.text, sentence) == 0);
            if (strcmp(err.text, sentence) != 0)
                fprintf(stderr, "stage %d, rank %d: %s\n", at, r, err.text);
        }
}

/* `patience`: calls of the hook before it says stop; rank 0 works or, with few rounds, waits. */
static void check_interrupted(ri_cluster *cluster, checks *all, int rounds, int64_t patience) {
    scenario now = ordinary(cluster);
    hearing heard = {.stop_after = patience};
    ri_record *record;
    ri_error err;
    now.rounds = now.rank == 0 ? rounds : LONG_ROUNDS;
    double before = ri_seconds();
    CHECK_EQUAL(all, run(cluster, &now, &heard, &record, &err), RI_INTERRUPTED);
    CHECK(all, ri_seconds() - before < SOON_SECONDS);
    CHECK(all, record == NULL);
}

static void check_uncertified(ri_cluster *cluster, checks *all) {
    scenario now = ordinary(cluster);
    ri_record *record;
    ri_error err;
    now.uncertified_rank = ri_cluster_ranks(cluster) - 1;
    CHECK_EQUAL(all, run(cluster, &now, NULL, &record, &err), RI_UNCERTIFIED);
    CHECK(all, (record != NULL) == (now.rank == 0));
    CHECK(all, strcmp(err.text, "not certified") == 0);
    ri_record_free(record);
}

/* The dealing alone: complete, ordered by cost, and no rank further above the least than the
 * costliest of its units. */
static void check_dealing(checks *all) {
    double cost[50], load[9], costliest = 0;
    int32_t owner[50];
    int64_t order[50];
    ri_error err;
    for (int ranks = 1; ranks <= 9; ranks++) {
        memset(load, 0, sizeof load);
        for (int u = 0; u < 50; u++)
            costliest = fmax(costliest, cost[u] = 1 + (u * 37 % 11) * 0.5);
        const ri_dealing dealing = {.ranks = ranks, .most = 50, .least = 1, .part = 1};
        CHECK_EQUAL(all, ri_units_deal(cost, 50, &dealing, owner, order, &err), RI_OK);
        for (int u = 0; u < 50; u++) {
            CHECK(all, u == 0 || cost[order[u - 1]] >= cost[order[u]]);
            CHECK(all, owner[u] >= 0 && owner[u] < ranks);
            load[owner[u]] += cost[u];
        }
        double least = load[0], most = load[0];
        for (int r = 1; r < ranks; r++) {
            least = fmin(least, load[r]);
            most = fmax(most, load[r]);
        }
        CHECK(all, most - least <= costliest);
    }
}

/* Where ranks cannot have their share in hand: each begins with what it can, the costliest units
 * first, and the rest goes out in hands within bounds until nothing is left. */
static void check_rest(checks *all) {
    double cost[50];
    int32_t owner[50];
    int64_t order[50], rest[50];
    ri_error err;
    for (int ranks = 2; ranks <= 6; ranks++) {
        int64_t has[6] = {0}, count = 0, taken = 0;
        for (int u = 0; u < 50; u++)
            cost[u] = 1 + (u * 37 % 11) * 0.5;
        const ri_dealing dealing = {.ranks = ranks, .most = 5, .least = 2, .part = 1};
        CHECK_EQUAL(all, ri_units_deal(cost, 50, &dealing, owner, order, &err), RI_OK);
        for (int i = 0; i < 50; i++) {
            if (owner[order[i]] == RI_NOBODY)
                rest[count++] = order[i];
            else
                CHECK(all, count == 0 && ++has[owner[order[i]]] <= 5);
        }
        CHECK_EQUAL(all, count, 50 - 5 * ranks);
        ri_rest left = {.unit = rest, .count = count, .dealing = dealing, .owner = owner};
        for (ri_hand hand; (hand = ri_rest_take(&left, 1)).count > 0; taken += hand.count) {
            CHECK_EQUAL(all, hand.first, taken);
            CHECK(all, hand.count <= 5 && (hand.count >= 2 || taken + hand.count == count));
        }
        CHECK_EQUAL(all, taken, count);
        for (int u = 0; u < 50; u++)
            CHECK(all, owner[u] != RI_NOBODY);
    }
}

/* A part is kept back of many units, not of few: no rank begins with more of the cost than its part
 * and a unit, nobody is left out, the rest are the small ones, and hands become smaller. */
static void check_part(checks *all) {
    enum { UNITS = 500 };
    double cost[UNITS];
    int32_t owner[UNITS];
    int64_t order[UNITS], rest[UNITS];
    ri_error err;
    for (int ranks = 2; ranks <= 40; ranks += 19) {
        double load[40] = {0}, sum = 0, costliest = 0, begun = INFINITY;
        int64_t count = 0, taken = 0, before = UNITS;
        for (int u = 0; u < UNITS; u++) {
            cost[u] = 1 + (u * 37 % 11) * 0.5;
            sum += cost[u];
            costliest = fmax(costliest, cost[u]);
        }
        const ri_dealing dealing = ri_dealing_of(UNITS, UNITS, ranks, 1, ranks);
        const double part = dealing.part * sum / ranks;
        CHECK(all, dealing.part < 1 && dealing.least >= 1);
        CHECK_EQUAL(all, ri_units_deal(cost, UNITS, &dealing, owner, order, &err), RI_OK);
        for (int i = 0; i < UNITS; i++) {
            int64_t u = order[i];
            if (owner[u] == RI_NOBODY)
                rest[count++] = u;
            else
                load[owner[u]] += cost[u];
            if (owner[u] != RI_NOBODY)
                begun = cost[u];
            CHECK(all, owner[u] != RI_NOBODY || cost[u] <= begun);
        }
        for (int r = 0; r < ranks; r++)
            CHECK(all, load[r] >= part && load[r] < part + costliest);
        ri_rest left = {.unit = rest, .count = count, .dealing = dealing, .owner = owner};
        for (ri_hand hand; (hand = ri_rest_take(&left, 1)).count > 0; taken += hand.count) {
            CHECK(all, hand.count <= before);
            before = hand.count;
        }
        CHECK(all, count > 0 && taken == count && before <= dealing.least);
    }
    CHECK(all, ri_dealing_of(11, 1, 11, 1, 11).part == 1);
    CHECK(all, ri_dealing_of(60, 30, 2, 1, 1).part == 1); /* hands of 8 beside 30 */
    CHECK(all, ri_dealing_of(60, 30, 2, 1, 2).part < 1);
    CHECK(all, ri_dealing_of(60, 30, 2, 8, 2).part == 1); /* and threads to keep busy */
}

/* The same through a whole run: every unit is done once, by the rank that the record names, and the
 * accounts of earlier hands are kept. */
static void check_hands(ri_cluster *cluster, checks *all, int64_t units, int64_t hand) {
    scenario now = ordinary(cluster);
    ri_record *record;
    ri_error err;
    int64_t by[64] = {0};
    double points = 0;
    now.units = units;
    now.hand = hand;
    now.rounds = 3;
    CHECK_EQUAL(all, run(cluster, &now, NULL, &record, &err), RI_OK);
    if (!record)
        return;
    int ranks = ri_cluster_ranks(cluster);
    CHECK_EQUAL(all, record->run.units, units);
    for (int64_t u = 0; u < units; u++) {
        CHECK(all, record->run.unit[u].rank >= 0 && record->run.unit[u].rank < ranks);
        by[record->run.unit[u].rank]++;
    }
    for (int r = 0; r < ranks; r++) {
        CHECK_EQUAL(all, (int64_t)record->run.ledger[r].points, by[r]);
        CHECK(all, ranks == 1 || units < hand * ranks || by[r] >= hand);
        points += record->run.ledger[r].points;
    }
    CHECK_EQUAL(all, (int64_t)points, units);
    ri_record_free(record);
}

static void linger(ri_cluster *cluster) {
    scenario now = ordinary(cluster);
    ri_record *record;
    ri_error err;
    now.rounds = LONG_ROUNDS;
    printf("%ld\n", (long)getpid());
    fflush(stdout);
    (void)run(cluster, &now, NULL, &record, &err);
    ri_record_free(record);
}

static void check_all(ri_cluster *cluster, checks *all) {
    check_dealing(all);
    check_rest(all);
    check_part(all);
    for (int64_t hand = 1; hand <= 4; hand++)
        check_hands(cluster, all, 23, hand);
    for (int64_t units = 1; units <= 11; units += 2)
        check_complete(cluster, all, units, 10);
    check_complete(cluster, all, 4, 0);
    check_complete(cluster, all, 5, 1500000); /* up to 60 MB a unit */
    check_progress(cluster, all);
    check_failures(cluster, all, 0);
    check_failures(cluster, all, 1);
    check_interrupted(cluster, all, LONG_ROUNDS, 30);
    if (ri_cluster_ranks(cluster) > 1)
        check_interrupted(cluster, all, 10, 13);
    check_uncertified(cluster, all);
    check_complete(cluster, all, 7, 10);
}

int main(int argc, char **argv) {
    checks all;
    ri_cluster *cluster = checks_start(&all, &argc, &argv);
    if (argc > 1 && strcmp(argv[1], "linger") == 0)
        linger(cluster);
    else
        check_all(cluster, &all);
    return checks_stop(&all, cluster);
}
