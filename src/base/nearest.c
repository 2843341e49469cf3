/* SPDX-License-Identifier: BSD-3-Clause */
#include "base/nearest.h"

#include <ctype.h>
#include <string.h>

static int smaller(int a, int b) {
    return a < b ? a : b;
}

static int differ(char a, char b) {
    return tolower((unsigned char)a) != tolower((unsigned char)b);
}

int ri_edit_distance(const char *a, const char *b) {
    int row[RI_LONGEST_COMPARED + 1];
    int height = (int)strnlen(a, RI_LONGEST_COMPARED), width = (int)strnlen(b, RI_LONGEST_COMPARED);
    for (int j = 0; j <= width; j++)
        row[j] = j;
    for (int i = 1; i <= height; i++) {
        int diagonal = row[0];
        row[0] = i;
        for (int j = 1; j <= width; j++) {
            int replaced = diagonal + differ(a[i - 1], b[j - 1]);
            diagonal = row[j];
            row[j] = smaller(replaced, 1 + smaller(row[j], row[j - 1]));
        }
    }
    return row[width];
}
