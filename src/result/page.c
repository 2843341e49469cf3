/* SPDX-License-Identifier: BSD-3-Clause */
#include "result/page.h"

#include <math.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "base/output.h"
#include "result/result.h"
#include "result/view.h"

void ri_page_text(FILE *out, const char *text) {
    char *clean = ri_text_clean(text);
    for (const char *at = clean ? clean : "?"; *at; at++) {
        switch (*at) {
        case '&':
            fputs("&amp;", out);
            break;
        case '<':
            fputs("&lt;", out);
            break;
        case '>':
            fputs("&gt;", out);
            break;
        case '"':
            fputs("&quot;", out);
            break;
        default:
            fputc(*at, out);
        }
    }
    free(clean);
}

static void say(FILE *out, const char *format, va_list args) {
    char text[4096];
    vsnprintf(text, sizeof text, format, args);
    ri_page_text(out, text);
}

void ri_page_say(FILE *out, const char *format, ...) {
    va_list args;
    va_start(args, format);
    say(out, format, args);
    va_end(args);
}

void ri_page_name(FILE *out, const char *name) {
    char shortened[RI_SHORT_TEXT];
    fputs("<bdi>", out);
    ri_page_text(out, ri_text_shorten(name, RI_PAGE_NAME, shortened));
    fputs("</bdi>", out);
}

void ri_page_number(FILE *out, double value, int digits) {
    char exact[RI_NUMBER_TEXT];
    if (!isfinite(value))
        fputs("<span class=\"none\">&#8211;</span>", out);
    else
        fprintf(out, "<data value=\"%s\">%s%.*g</data>", ri_format_number(value, exact),
                value < 0 ? "&#8722;" : "", digits, fabs(value));
}

void ri_page_cell(FILE *out, double value, int digits) {
    fputs("<td class=\"n\">", out);
    ri_page_number(out, value, digits);
    fputs("</td>", out);
}

void ri_page_key(FILE *out, const char *style) {
    bool area = strcmp(style, "band") == 0;
    fprintf(out,
            "<li><svg viewBox=\"0 0 30 10\" aria-hidden=\"true\"><path class=\"%s\" d=\"%s\"/>"
            "</svg>",
            style, area ? "M0 0L30 0L30 10L0 10Z" : "M0 5L30 5");
}

void ri_page_fact(FILE *out, const char *what, const char *format, ...) {
    va_list args;
    fputs("<tr><th scope=\"row\">", out);
    ri_page_text(out, what);
    fputs("</th><td>", out);
    va_start(args, format);
    say(out, format, args);
    va_end(args);
    fputs("</td></tr>\n", out);
}

void ri_page_section(FILE *out, const char *id, const char *title) {
    fprintf(out, "<section aria-labelledby=\"%s\"><h2 id=\"%s\">%s</h2>\n", id, id, title);
}

void ri_page_table(FILE *out, const char *caption, const char *heads) {
    fprintf(out,
            "<div class=\"scroll\" role=\"region\" tabindex=\"0\" aria-label=\"%s\"><table>"
            "<caption>%s</caption>\n",
            caption, caption);
    if (*heads)
        fputs("<thead><tr>", out);
    for (const char *at = heads; *at;) {
        size_t length = strcspn(at, "|");
        bool number = *at == '#';
        fprintf(out, "<th scope=\"col\"%s>%.*s</th>", number ? " class=\"n\"" : "",
                (int)length - number, at + number);
        at += length + (at[length] == '|');
    }
    fputs(*heads ? "</tr></thead>\n<tbody>\n" : "<tbody>\n", out);
}

void ri_page_table_end(FILE *out) {
    fputs("</tbody></table></div>\n", out);
}

static void put_start(const ri_record *record, FILE *out) {
    fputs("<!DOCTYPE html>\n<html lang=\"en\" xmlns=\"http://www.w3.org/1999/xhtml\">\n<head>\n"
          "<meta charset=\"utf-8\"/>\n"
          "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"/>\n"
          "<meta name=\"color-scheme\" content=\"light dark\"/>\n<title>",
          out);
    ri_page_say(out, "riata report: %s", record->response);
    fprintf(out, "</title>\n<style>%s</style>\n</head>\n<body>\n<main>\n", ri_page_style);
}

typedef ri_status section(const ri_record *record, FILE *out, ri_error *err);

static ri_status put_sections(section *const *put, const ri_record *record, FILE *out,
                              ri_error *err) {
    for (; *put; put++)
        RI_TRY((*put)(record, out, err));
    return RI_OK;
}

static ri_status put_page(const ri_record *record, const ri_comparison *comparison, FILE *out,
                          ri_error *err) {
    static section *const found[] = {
        ri_page_put_head,  ri_page_put_features, ri_page_put_proxies, ri_page_put_covariates,
        ri_page_put_error, ri_page_put_alpha,    ri_page_put_path,    NULL};
    static section *const basis[] = {ri_page_put_facts, ri_page_put_certificates, ri_page_put_run,
                                     ri_page_put_summary, NULL};
    put_start(record, out);
    RI_TRY(put_sections(found, record, out, err));
    if (comparison)
        RI_TRY(ri_page_put_comparison(comparison, out, err));
    RI_TRY(put_sections(basis, record, out, err));
    fprintf(out,
            "</main>\n<footer><p>Drawn by riata %s from the result file%s alone.</p></footer>\n"
            "</body>\n</html>\n",
            RIATA_VERSION, comparison ? "s" : "");
    return RI_OK;
}

ri_status ri_export_page(const ri_record *record, const ri_comparison *comparison, const char *path,
                         ri_error *err) {
    ri_output out;
    RI_TRY(ri_output_prepare(path, err));
    RI_TRY(ri_output_open(path, &out, err));
    ri_status status = put_page(record, comparison, out.file, err);
    ri_status closed = ri_output_close(&out, status == RI_OK, err);
    return status == RI_OK ? closed : status;
}
