/* SPDX-License-Identifier: BSD-3-Clause
 * The report as one page: well-formed (X)HTML without scripts, fonts or anything else from
 * elsewhere, for screens of any width and for paper. A section is a function of the record; exact
 * numbers stand beside the rounded ones, in the value attribute of <data>. Private to this room. */
#ifndef RI_RESULT_PAGE_H
#define RI_RESULT_PAGE_H

#include <stdio.h>

#include "base/status.h"
#include "cv/record.h"
#include "result/comparison.h"

enum { RI_PAGE_FEATURES = 100, RI_PAGE_NAME = 48 };

/* Text with markup escaped, control characters and broken UTF-8 replaced. */
void ri_page_text(FILE *out, const char *text);

/* A sentence, escaped after formatting. */
void ri_page_say(FILE *out, const char *format, ...) RI_PRINTF(2, 3);

/* A name, isolated from the direction of the text around it, with at most RI_PAGE_NAME characters.
 */
void ri_page_name(FILE *out, const char *name);

/* A number rounded to `digits`, with its exact value; a dash where it is not finite. */
void ri_page_number(FILE *out, double value, int digits);

/* A cell of a table with such a number. */
void ri_page_cell(FILE *out, double value, int digits);

/* Opens an entry of a legend, which the caller ends with "</li>": a piece of the line. */
void ri_page_key(FILE *out, const char *style);

/* A row of a table of facts: what, and a sentence. */
void ri_page_fact(FILE *out, const char *what, const char *format, ...) RI_PRINTF(3, 4);

/* Opens <section><h2>, and a table that may be scrolled sideways; `heads` is a list of column heads
 * separated by '|', numbers marked by a leading '#'. */
void ri_page_section(FILE *out, const char *id, const char *title);
void ri_page_table(FILE *out, const char *caption, const char *heads);
void ri_page_table_end(FILE *out);

extern const char ri_page_style[];

/* The sections. */
RI_MUST_USE ri_status ri_page_put_head(const ri_record *record, FILE *out, ri_error *err);
RI_MUST_USE ri_status ri_page_put_error(const ri_record *record, FILE *out, ri_error *err);
RI_MUST_USE ri_status ri_page_put_alpha(const ri_record *record, FILE *out, ri_error *err);
RI_MUST_USE ri_status ri_page_put_features(const ri_record *record, FILE *out, ri_error *err);
RI_MUST_USE ri_status ri_page_put_proxies(const ri_record *record, FILE *out, ri_error *err);
RI_MUST_USE ri_status ri_page_put_covariates(const ri_record *record, FILE *out, ri_error *err);
RI_MUST_USE ri_status ri_page_put_path(const ri_record *record, FILE *out, ri_error *err);
RI_MUST_USE ri_status ri_page_put_facts(const ri_record *record, FILE *out, ri_error *err);
RI_MUST_USE ri_status ri_page_put_certificates(const ri_record *record, FILE *out, ri_error *err);
RI_MUST_USE ri_status ri_page_put_run(const ri_record *record, FILE *out, ri_error *err);
RI_MUST_USE ri_status ri_page_put_summary(const ri_record *record, FILE *out, ri_error *err);

/* Models side by side, from a file of their own. */
RI_MUST_USE ri_status ri_page_put_comparison(const ri_comparison *comparison, FILE *out,
                                             ri_error *err);

#endif
