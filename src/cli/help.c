/* SPDX-License-Identifier: BSD-3-Clause */
#include "cli/help.h"

#include <stdbool.h>
#include <string.h>

enum { WIDTH = 80, INDENT = 6, TEXT = 1024 };

static const char FORMULA[] =
    "minimise  1/(2n) sum_i w_i (y_i - b0 - x_i'b)^2 + alpha (r |b|_1 + (1-r)/2 |b|_2^2)";
static const char WORDS[] =
    "alpha is the strength of the penalty and l1_ratio (r) its mix, on standardised features. "
    "glmnet's lambda is alpha, glmnet's alpha is l1_ratio; the textbook RSS + lambda |b|_1 has "
    "lambda = 2 n alpha. --family binomial (classes) and poisson (counts) have half the mean "
    "deviance "
    "in place of the squares: alpha is glmnet's lambda there too, and scikit-learn's C is "
    "1 / (n alpha).";
static const struct {
    int status;
    const char *meaning;
} EXIT_STATUS[] = {
    {RI_OK, "done"},
    {RI_BAD_INPUT, "bad input or usage, found before expensive work"},
    {RI_UNCERTIFIED, "results written, but some points are not certified to --tol"},
    {RI_SYSTEM, "no memory, a disk error or a lost rank"},
    {RI_INTERRUPTED, "stopped by a signal; nothing is half-written, and --resume goes on"},
};
enum { EXIT_STATUSES = sizeof EXIT_STATUS / sizeof *EXIT_STATUS };

static void print_wrapped(FILE *out, int indent, const char *text) {
    int column = 0;
    for (const char *word = text; *word;) {
        int length = (int)strcspn(word, " ");
        if (column > 0 && column + 1 + length > WIDTH) {
            fputc('\n', out);
            column = 0;
        }
        column += column ? fprintf(out, " %.*s", length, word)
                         : fprintf(out, "%*s%.*s", indent, "", length, word);
        word += length;
        word += *word == ' ';
    }
    fputc('\n', out);
}

/* Help, unit, legal values and default of an option as one run of text. */
static const char *describe(const ri_option *option, char *text, size_t size) {
    char legal[256];
    size_t used = (size_t)snprintf(text, size, "%s", option->help);
    if (option->kind == RI_SWITCH)
        used += (size_t)snprintf(text + used, size - used, " Default: off.");
    else if (option->kind != RI_TEXT)
        used += (size_t)snprintf(text + used, size - used, " Legal: %s.",
                                 ri_option_legal(option, legal, sizeof legal));
    if (option->unit)
        used += (size_t)snprintf(text + used, size - used, " Unit: %s.", option->unit);
    const char *initial = option->shown     ? option->shown
                          : option->initial ? option->initial
                                            : "none";
    size_t length = strlen(initial);
    bool dotted = length > 0 && initial[length - 1] == '.'; /* such as "1, 2, ..." */
    if (option->required)
        snprintf(text + used, size - used, " Needed.");
    else if (option->kind != RI_SWITCH)
        snprintf(text + used, size - used, " Default: %s%s", initial, dotted ? "" : ".");
    return text;
}

static void print_option(FILE *out, const ri_option *option) {
    char text[TEXT];
    fprintf(out, "  ");
    if (option->letter)
        fprintf(out, "-%c, ", option->letter);
    fprintf(out, "--%s%s%s\n", option->name, option->argument ? " " : "",
            option->argument ? option->argument : "");
    print_wrapped(out, INDENT, describe(option, text, sizeof text));
}

static void print_exit_status(FILE *out) {
    fprintf(out, "\nExit status\n");
    for (int i = 0; i < EXIT_STATUSES; i++)
        fprintf(out, "  %2d  %s\n", EXIT_STATUS[i].status, EXIT_STATUS[i].meaning);
}

void ri_help_command(FILE *out, const ri_command *command) {
    fprintf(out, "riata %s - ", command->name);
    fprintf(out, "%s\n\nUsage\n  riata %s %s%s[OPTIONS]\n\nExample\n  %s\n", command->purpose,
            command->name, command->operands, *command->operands ? " " : "", command->example);
    if (command->detail) {
        fputc('\n', out);
        print_wrapped(out, 0, command->detail);
    }
    for (const ri_option_group *group = command->groups; group->title; group++) {
        fprintf(out, "\n%s\n", group->title);
        for (const ri_option *option = group->options; option->name; option++)
            print_option(out, option);
    }
    fprintf(out, "\nAnd everywhere\n  -h, --help\n      Print this.\n");
    print_exit_status(out);
}

void ri_help_program(FILE *out, const ri_command *const *commands) {
    fprintf(out, "riata - certified cross-validated lasso and elastic net, from a laptop to a "
                 "cluster\n\nUsage\n  riata SUBCOMMAND [OPTIONS]\n"
                 "  mpirun -n RANKS riata cv DATA [OPTIONS]\n\nSubcommands\n");
    for (; *commands; commands++)
        fprintf(out, "  %-9s %s\n", (*commands)->name, (*commands)->purpose);
    fprintf(out, "\nOptions\n  --help      Print this; after a subcommand, its options.\n"
                 "  --version   Print the versions of riata and of what it runs on.\n"
                 "  --man       Print the manual page, riata(1).\n"
                 "\nThe model\n");
    print_wrapped(out, 2, FORMULA);
    fputc('\n', out);
    print_wrapped(out, 2, WORDS);
    fprintf(out, "\nExample\n"
                 "  riata import table.csv --response target -o data.h5\n"
                 "  mpirun -n 2 riata cv data.h5 --folds 10 -o out/first\n");
    print_exit_status(out);
}

/* Text with what roff would take for markup made harmless. */
static void print_roff(FILE *out, const char *text) {
    if (*text == '.' || *text == '\'')
        fputs("\\&", out);
    for (; *text; text++) {
        if (*text == '\\')
            fputs("\\e", out);
        else if (*text == '-')
            fputs("\\-", out);
        else
            fputc(*text, out);
    }
    fputc('\n', out);
}

static void print_manual_option(FILE *out, const ri_option *option) {
    char text[TEXT];
    fprintf(out, ".TP\n");
    if (option->letter)
        fprintf(out, ".BR \\-%c \", \" ", option->letter);
    else
        fprintf(out, ".B ");
    fprintf(out, "\\-\\-");
    for (const char *at = option->name; *at; at++)
        fprintf(out, *at == '-' ? "\\-" : "%c", *at);
    if (option->argument)
        fprintf(out, "%s%s", option->letter ? " \" " : " ", option->argument);
    fprintf(out, "%s\n", option->argument && option->letter ? "\"" : "");
    print_roff(out, describe(option, text, sizeof text));
}

static void print_manual_command(FILE *out, const ri_command *command) {
    fprintf(out, ".SS riata %s %s\n", command->name, command->operands);
    print_roff(out, command->purpose);
    if (command->detail) {
        fprintf(out, ".PP\n");
        print_roff(out, command->detail);
    }
    fprintf(out, ".PP\n.EX\n");
    print_roff(out, command->example);
    fprintf(out, ".EE\n");
    for (const ri_option_group *group = command->groups; group->title; group++)
        for (const ri_option *option = group->options; option->name; option++)
            print_manual_option(out, option);
}

void ri_help_manual(FILE *out, const ri_command *const *commands) {
    fprintf(out, ".TH RIATA 1 \"\" \"riata %s\" \"User commands\"\n", RIATA_VERSION);
    fprintf(out, ".SH NAME\nriata \\- certified cross\\-validated lasso and elastic net\n"
                 ".SH SYNOPSIS\n.B riata\n.I SUBCOMMAND\n[\\fIOPTIONS\\fR]\n.br\n.B mpirun\n"
                 "\\-n \\fIRANKS\\fR\n.B riata cv\n.I DATA\n[\\fIOPTIONS\\fR]\n"
                 ".SH DESCRIPTION\n");
    print_roff(out, FORMULA);
    fprintf(out, ".PP\n");
    print_roff(out, WORDS);
    fprintf(out, ".SH SUBCOMMANDS\n");
    for (; *commands; commands++)
        print_manual_command(out, *commands);
    fprintf(out, ".SH EXIT STATUS\n");
    for (int i = 0; i < EXIT_STATUSES; i++) {
        fprintf(out, ".TP\n.B %d\n", EXIT_STATUS[i].status);
        print_roff(out, EXIT_STATUS[i].meaning);
    }
    fprintf(out, ".SH SEE ALSO\n.BR mpirun (1),\n.BR gnuplot (1),\n.BR h5dump (1)\n");
}
