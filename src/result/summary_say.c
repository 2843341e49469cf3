/* SPDX-License-Identifier: BSD-3-Clause
 * A paragraph of the summary under its label, broken between words. */
#include "result/summary.h"

#include <stdarg.h>
#include <string.h>

enum { LINE_COLUMNS = 98 };

size_t ri_summary_columns(const char *text, size_t bytes) {
    size_t columns = 0;
    for (size_t i = 0; i < bytes; i++)
        columns += ((unsigned char)text[i] & 0xc0) != 0x80;
    return columns;
}

void ri_summary_say(FILE *out, const char *label, const char *format, ...) {
    char text[2048];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    size_t column = RI_SUMMARY_LABEL;
    fprintf(out, "%-*s", RI_SUMMARY_LABEL, label);
    for (const char *word = text; *word;) {
        size_t bytes = strcspn(word, " "), columns = ri_summary_columns(word, bytes);
        if (column > RI_SUMMARY_LABEL && column + 1 + columns > LINE_COLUMNS) {
            fprintf(out, "\n%*s", RI_SUMMARY_LABEL, "");
            column = RI_SUMMARY_LABEL;
        } else if (column > RI_SUMMARY_LABEL) {
            fputc(' ', out);
            column++;
        }
        fwrite(word, 1, bytes, out);
        column += columns;
        word += bytes + (word[bytes] == ' ');
    }
    fputc('\n', out);
}
