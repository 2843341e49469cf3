/* SPDX-License-Identifier: BSD-3-Clause
 * The roofline picture: speed against flops for each byte of X, under what bandwidth and peak
 * allow. */
#include <math.h>
#include <string.h>

#include "bench.h"

static void write_points(FILE *out, const char *table, const char *storage, const measured *line,
                         int lines) {
    fprintf(out, "$%s << END\n", storage);
    for (int k = 0; k < lines; k++)
        if (strcmp(line[k].storage, storage) == 0 && strcmp(line[k].table, table) == 0)
            fprintf(out, "%.4g %.4g\n", line[k].gflops / line[k].gbytes, line[k].gflops);
    fprintf(out, "END\n");
}

int draw_roofline(const char *path, const char *table, const measured *line, int lines,
                  limits roof) {
    FILE *out = popen("gnuplot -d", "w");
    if (out == NULL)
        return 1;
    fprintf(out, "set terminal svg size 720,440 font 'sans,12' background 'white'\n");
    fprintf(out, "set output '%s'\n", path);
    for (int s = 0; s < RI_DENSE_COUNT; s++)
        write_points(out, table, ri_storage_name((ri_storage)s), line, lines);
    fprintf(out,
            "set logscale xy\nset xrange [0.2:800]\nset yrange [1:100]\nset grid lc '#dddddd'\n");
    fprintf(out, "set xlabel 'flops for each byte of X read'\nset ylabel 'GFLOP/s, one core'\n");
    fprintf(out, "set key bottom right\n");
    fprintf(out,
            "roof(x) = x * %.4g < %.4g ? x * %.4g : %.4g\n"
            "plot roof(x) with lines lw 2 lc '#444444' title '%.1f GB/s, %.1f GFLOP/s'",
            roof.read, roof.peak, roof.read, roof.peak, roof.read, roof.peak);
    for (int s = 0; s < RI_DENSE_COUNT; s++) {
        const char *name = ri_storage_name((ri_storage)s);
        fprintf(out, ", $%s with points pt %d ps 0.8 lc %d title '%s'", name, 5 + 2 * s, s + 1,
                name);
    }
    fprintf(out, "\n");
    return pclose(out) == 0 ? 0 : 1;
}
