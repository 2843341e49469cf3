/* SPDX-License-Identifier: BSD-3-Clause
 * Reads a command line by its option tables. Values are read strictly: the whole text, in range. */
#include "cli/option.h"

#include <assert.h>
#include <errno.h>
#include <getopt.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/text.h"

enum { MOST_OPTIONS = 96, HELP = 1, FIRST = 256, MOST_FILE_BYTES = 1 << 24 };

typedef struct option_set {
    const ri_option *entry[MOST_OPTIONS];
    const char *name[MOST_OPTIONS + 1];
    int count;
} option_set;

static option_set flatten(const ri_option_group *groups) {
    option_set set = {0};
    for (; groups->title; groups++)
        for (const ri_option *option = groups->options; option->name; option++) {
            assert(set.count < MOST_OPTIONS);
            set.name[set.count] = option->name;
            set.entry[set.count++] = option;
        }
    return set;
}

static void describe_range(const ri_option *option, char *text, size_t size) {
    char low[RI_NUMBER_TEXT], high[RI_NUMBER_TEXT];
    const char *head = option->kind == RI_INTEGER  ? "a whole number,"
                       : option->kind == RI_NUMBER ? "a number"
                                                   : "numbers separated by commas, or @FILE, each";
    int used = snprintf(text, size, "%s %s %s", head, option->above_low ? "above" : "at least",
                        ri_format_number(option->low, low));
    if (option->high > 0 && used > 0 && (size_t)used < size)
        used += snprintf(text + used, size - (size_t)used, " and %s %s",
                         option->below_high ? "below" : "at most",
                         ri_format_number(option->high, high));
    if (option->word && used > 0 && (size_t)used < size)
        snprintf(text + used, size - (size_t)used, ", or %s", option->word);
}

char *ri_option_legal(const ri_option *option, char *text, size_t size) {
    text[0] = '\0';
    if (option->kind == RI_CHOICE) {
        size_t used = (size_t)snprintf(text, size, "one of ");
        for (const char *from = option->choices; *from && used + 2 < size; from++) {
            if (*from == '|')
                text[used++] = ',';
            text[used++] = *from == '|' ? ' ' : *from;
        }
        text[used] = '\0';
    } else if (option->kind == RI_INTEGER || option->kind == RI_NUMBER ||
               option->kind == RI_NUMBERS) {
        describe_range(option, text, size);
    } else if (option->kind == RI_TEXT) {
        snprintf(text, size, "a text that is not empty");
    }
    return text;
}

static bool in_range(const ri_option *option, double value) {
    bool low = option->above_low ? value > option->low : value >= option->low;
    bool high = option->high > 0
                    ? (option->below_high ? value < option->high : value <= option->high)
                    : isfinite(value);
    return low && high;
}

static ri_status refuse(const ri_option *option, const char *text, ri_error *err) {
    char legal[256];
    return ri_fail(err, RI_BAD_INPUT, "--%s: '%s' is not allowed; give %s", option->name, text,
                   ri_option_legal(option, legal, sizeof legal));
}

/* Index of `text` in "a|b|c", or -1. */
static int find_choice(const char *choices, const char *text) {
    size_t length = strlen(text);
    int index = 0;
    for (const char *from = choices;; index++) {
        size_t width = strcspn(from, "|");
        if (width == length && memcmp(from, text, width) == 0)
            return index;
        if (from[width] == '\0')
            return -1;
        from += width + 1;
    }
}

static ri_status add_number(const ri_option *option, const char *text, ri_number_list *list,
                            size_t *capacity, ri_error *err) {
    double value;
    if (!ri_parse_number(text, &value) || !in_range(option, value))
        return refuse(option, text, err);
    if (!ri_grow(&list->value, capacity, (size_t)list->count + 1, sizeof *list->value))
        return ri_fail_memory(err, "a list of numbers", *capacity * sizeof *list->value);
    list->value[list->count++] = value;
    return RI_OK;
}

/* Splits at commas and white space; `text` is cut up. */
static ri_status split_numbers(const ri_option *option, char *text, ri_number_list *list,
                               ri_error *err) {
    size_t capacity = 0;
    char *rest;
    for (char *word = strtok_r(text, ", \t\r\n", &rest); word;
         word = strtok_r(NULL, ", \t\r\n", &rest)) {
        ri_status status = add_number(option, word, list, &capacity, err);
        if (status != RI_OK) {
            free(list->value);
            *list = (ri_number_list){0};
            return status;
        }
    }
    if (list->count == 0)
        return refuse(option, "", err);
    return RI_OK;
}

static ri_status read_file(const ri_option *option, const char *path, char **text, ri_error *err) {
    ri_status status = RI_OK;
    FILE *file = fopen(path, "r");
    char *bytes = file ? malloc(MOST_FILE_BYTES + 1) : NULL;
    *text = NULL;
    if (!file)
        return ri_fail(err, RI_BAD_INPUT, "--%s: %s: %s", option->name, path, strerror(errno));
    if (!bytes) {
        status = ri_fail_memory(err, path, MOST_FILE_BYTES);
        goto done;
    }
    size_t length = fread(bytes, 1, MOST_FILE_BYTES, file);
    if (ferror(file) || !feof(file)) {
        status = ri_fail(err, RI_BAD_INPUT, "--%s: %s: cannot be read as a list of numbers",
                         option->name, path);
        goto done;
    }
    bytes[length] = '\0';
    *text = bytes;
    bytes = NULL;
done:
    free(bytes);
    fclose(file);
    return status;
}

static ri_status read_numbers(const ri_option *option, const char *text, ri_number_list *list,
                              ri_error *err) {
    char *copy = NULL;
    ri_status status;
    if (text[0] == '@')
        RI_TRY(read_file(option, text + 1, &copy, err));
    else if (!(copy = strdup(text)))
        return ri_fail_memory(err, "an option", strlen(text));
    free(list->value);
    *list = (ri_number_list){0};
    status = split_numbers(option, copy, list, err);
    free(copy);
    return status;
}

static ri_status set_value(const ri_option *option, const char *text, void *fields, ri_error *err) {
    void *field = (char *)fields + option->field;
    int64_t integer;
    double number;
    switch (option->kind) {
    case RI_SWITCH:
        *(bool *)field = true;
        return RI_OK;
    case RI_TEXT:
        if (text[0] == '\0')
            return refuse(option, text, err);
        *(const char **)field = text;
        return RI_OK;
    case RI_INTEGER:
        if (option->word && strcmp(text, option->word) == 0)
            integer = RI_WORD;
        else if (!ri_parse_integer(text, &integer) || !in_range(option, (double)integer))
            return refuse(option, text, err);
        *(int64_t *)field = integer;
        return RI_OK;
    case RI_NUMBER:
        if (!ri_parse_number(text, &number) || !in_range(option, number))
            return refuse(option, text, err);
        *(double *)field = number;
        return RI_OK;
    case RI_NUMBERS:
        return read_numbers(option, text, field, err);
    case RI_CHOICE:
        *(int *)field = find_choice(option->choices, text);
        return *(int *)field < 0 ? refuse(option, text, err) : RI_OK;
    }
    return RI_OK;
}

/* What getopt_long could not use: unknown, ambiguous, or a switch that was given a value. */
static ri_status explain(const option_set *set, const char *command, const char *word,
                         ri_error *err) {
    char name[64];
    if (strncmp(word, "--", 2) != 0)
        return ri_fail(err, RI_BAD_INPUT,
                       "unknown option '%s'; 'riata %s --help' lists all options", word, command);
    snprintf(name, sizeof name, "%.*s", (int)strcspn(word + 2, "="), word + 2);
    const char *match[2] = {NULL, NULL};
    int matches = 0;
    for (int i = 0; i < set->count; i++) {
        if (strcmp(set->name[i], name) == 0)
            return ri_fail(err, RI_BAD_INPUT, "--%s takes no value", name);
        if (strncmp(set->name[i], name, strlen(name)) == 0) {
            match[matches > 0] = set->name[i];
            matches++;
        }
    }
    if (matches > 1)
        return ri_fail(err, RI_BAD_INPUT, "'--%s' is short for both --%s and --%s; write it out",
                       name, match[0], match[1]);
    const char *nearest = ri_nearest(name, set->name);
    if (nearest)
        return ri_fail(err, RI_BAD_INPUT, "unknown option '--%s'; did you mean --%s?", name,
                       nearest);
    return ri_fail(err, RI_BAD_INPUT, "unknown option '--%s'; 'riata %s --help' lists all options",
                   name, command);
}

static ri_status set_defaults(const option_set *set, void *fields, ri_error *err) {
    for (int i = 0; i < set->count; i++) {
        const ri_option *option = set->entry[i];
        void *field = (char *)fields + option->field;
        if (option->initial)
            RI_TRY(set_value(option, option->initial, fields, err));
        else if (option->kind == RI_INTEGER)
            *(int64_t *)field = -1;
        else if (option->kind == RI_CHOICE)
            *(int *)field = -1;
        else if (option->kind == RI_NUMBER)
            *(double *)field = NAN;
    }
    return RI_OK;
}

static ri_status check_required(const option_set *set, const bool *given, const char *command,
                                ri_error *err) {
    for (int i = 0; i < set->count; i++)
        if (set->entry[i]->required && !given[i])
            return ri_fail(err, RI_BAD_INPUT, "%s: --%s %s is needed", command, set->name[i],
                           set->entry[i]->argument);
    return RI_OK;
}

/* getopt's description of the set: `names` with its terminator, `letters` with theirs. */
static void describe_set(const option_set *set, struct option *names, char *letters) {
    *letters++ = ':'; /* missing arguments are told from unknown options */
    *letters++ = 'h';
    for (int i = 0; i < set->count; i++) {
        const ri_option *entry = set->entry[i];
        int takes = entry->kind == RI_SWITCH ? no_argument : required_argument;
        names[i] = (struct option){entry->name, takes, NULL, FIRST + i};
        if (entry->letter)
            *letters++ = entry->letter;
        if (entry->letter && takes == required_argument)
            *letters++ = ':';
    }
    *letters = '\0';
    names[set->count] = (struct option){"help", no_argument, NULL, HELP};
    names[set->count + 1] = (struct option){0};
}

/* Index of the option that getopt found, or -1. */
static int find_index(const option_set *set, int found) {
    if (found >= FIRST)
        return found - FIRST;
    for (int i = 0; i < set->count; i++)
        if (set->entry[i]->letter == found)
            return i;
    return -1;
}

ri_status ri_options_parse(const ri_option_group *groups, int argc, char **argv, void *fields,
                           int *first_operand, bool *help, ri_error *err) {
    option_set set = flatten(groups);
    struct option names[MOST_OPTIONS + 2];
    char letters[2 * MOST_OPTIONS + 3];
    bool given[MOST_OPTIONS] = {false};
    describe_set(&set, names, letters);
    RI_TRY(set_defaults(&set, fields, err));
    *help = false;
    opterr = 0;
    optind = 0; /* glibc: start afresh */
    for (int found; (found = getopt_long(argc, argv, letters, names, NULL)) != -1;) {
        if (found == HELP || found == 'h') {
            *help = true;
            return RI_OK;
        }
        int index = find_index(&set, found);
        if (found == ':')
            return ri_fail(err, RI_BAD_INPUT, "option '%s' needs a value", argv[optind - 1]);
        if (index < 0)
            return explain(&set, argv[0], argv[optind - 1], err);
        given[index] = true;
        RI_TRY(set_value(set.entry[index], optarg, fields, err));
    }
    RI_TRY(check_required(&set, given, argv[0], err));
    *first_operand = optind;
    return RI_OK;
}
