/* SPDX-License-Identifier: BSD-3-Clause
 * Options as data: one table entry holds an option's name, legal values, default, unit and help.
 * Parsing, --help, the man page and every message about a wrong value come from that entry. */
#ifndef RI_CLI_OPTION_H
#define RI_CLI_OPTION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/status.h"

typedef enum ri_option_kind {
    RI_SWITCH,  /* bool, no argument */
    RI_TEXT,    /* const char *, borrowed from the command line */
    RI_INTEGER, /* int64_t in [low, high] */
    RI_NUMBER,  /* double in [low, high] */
    RI_NUMBERS, /* ri_number_list: a,b,c or @FILE, each in [low, high] */
    RI_CHOICE,  /* int: index into `choices` */
} ri_option_kind;

enum { RI_WORD = -2 }; /* of an integer that was given as the option's word */

typedef struct ri_option {
    const char *name; /* long name, without dashes; NULL ends a table */
    char letter;      /* short form, or 0 */
    ri_option_kind kind;
    size_t field;         /* offset of the value in ri_arguments */
    const char *argument; /* its name in the help; NULL for switches */
    const char *initial;  /* default as a user would type it; NULL: -1 for integers and choices,
                             NaN for numbers, else zero */
    const char *shown;    /* default in words, where `initial` cannot say it */
    const char *unit;     /* NULL: none */
    const char *choices;  /* "auto|shooting|newton" */
    const char *word;     /* RI_INTEGER: legal in place of a number, stored as RI_WORD; or NULL */
    double low, high;     /* legal range; high = 0 means no upper limit */
    bool above_low;       /* low itself is not legal */
    bool below_high;      /* high itself is not legal */
    bool required;
    const char *help; /* one or two sentences */
} ri_option;

typedef struct ri_option_group {
    const char *title; /* NULL ends a list of groups */
    const ri_option *options;
} ri_option_group;

typedef struct ri_number_list {
    double *value; /* [count], owned */
    int64_t count;
} ri_number_list;

/* Sets every field of `fields` (the struct that the offsets refer to) to its default, then reads
 * argv[1 ..]: the command's own arguments, argv[0] being its name. Operands are moved to the end;
 * `*first_operand` is their index. `*help` is set by --help and ends parsing. */
RI_MUST_USE ri_status ri_options_parse(const ri_option_group *groups, int argc, char **argv,
                                       void *fields, int *first_operand, bool *help, ri_error *err);

/* "a number above 0 and at most 1", "one of auto, shooting, newton", ... into `text`. */
char *ri_option_legal(const ri_option *option, char *text, size_t size);

/* The entry of `names` (NULL-terminated) nearest to `text` by edit distance, or NULL where none is
 * near enough to be meant. */
const char *ri_nearest(const char *text, const char *const *names);

#endif
