/* SPDX-License-Identifier: BSD-3-Clause
 * The names of the files of a run. */
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/memory.h"
#include "base/output.h"
#include "cli/names.h"
#include "cli/resume.h"
#include "cli/running.h"

static bool same_file(const char *a, const char *b) {
    struct stat first, second;
    return stat(a, &first) == 0 && stat(b, &second) == 0 && first.st_dev == second.st_dev &&
           first.st_ino == second.st_ino;
}

int64_t ri_running_responses(const ri_running *run) {
    return run->setup.responses.count > 1 ? run->setup.responses.count : 1;
}

/* PREFIX, or of several responses PREFIX.NAME. */
static char *response_prefix(const ri_running *run, int64_t k) {
    if (ri_running_responses(run) == 1)
        return strdup(run->prefix);
    const char *name = ri_names_get(&run->setup.responses, k);
    size_t room = strlen(run->prefix) + strlen(name) + 2;
    char *text = ri_alloc(room, 1);
    if (text)
        snprintf(text, room, "%s.%s", run->prefix, name);
    for (char *at = text ? text + strlen(run->prefix) : NULL; at && *at; at++)
        *at = *at == '/' ? '_' : *at;
    return text;
}

ri_status ri_running_name_result(const ri_session *session, ri_running *run, int64_t k,
                                 ri_error *err) {
    const char *dataset = run->setup.dataset->path;
    free(run->result_prefix);
    free(run->result_path);
    run->result_prefix = response_prefix(run, k);
    run->result_path = run->result_prefix
                           ? ri_name_join(run->result_prefix, strlen(run->result_prefix), ".h5")
                           : NULL;
    if (!run->result_path)
        return ri_fail_memory(err, "file names", strlen(dataset));
    if (same_file(run->result_path, dataset))
        return ri_fail(err, RI_BAD_INPUT,
                       "--output: '%s' would replace the dataset %s; choose another prefix",
                       run->result_prefix, dataset);
    return ri_cluster_rank(session->cluster) == 0 ? ri_output_prepare(run->result_path, err)
                                                  : RI_OK;
}

char *ri_running_checkpoint(const ri_session *session, const ri_running *run, int64_t k) {
    bool several = ri_running_responses(run) > 1;
    return ri_resume_folder(session, run->prefix,
                            several ? ri_names_get(&run->setup.responses, k) : NULL);
}

ri_status ri_running_name(const ri_session *session, ri_running *run, ri_error *err) {
    const char *dataset = run->setup.dataset->path;
    run->prefix = session->arguments.output ? strdup(session->arguments.output)
                                            : ri_name_default(dataset, session->command);
    if (run->prefix)
        run->log_path = ri_name_join(run->prefix, strlen(run->prefix), ".log");
    if (!run->log_path)
        return ri_fail_memory(err, "file names", strlen(dataset));
    return ri_running_name_result(session, run, 0, err);
}
