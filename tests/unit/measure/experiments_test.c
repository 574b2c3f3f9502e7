/* 78 real experiments (ASOS digital experiments, CC BY 4.0), looked at each time a snapshot was
 * taken: the intervals hold together on real counts and variances. Skipped visibly without them. */
#include "test.h"

#include "measure/effect.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char path[] = "../shared/data/asos-experiments/asos_digital_experiments_dataset.csv";

struct snapshot {
    char series[64]; /* experiment, variant, metric */
    struct estimate control, treatment;
};

static bool read_snapshot(FILE *file, struct snapshot *out_snapshot)
{
    char line[512];
    if (!fgets(line, sizeof line, file))
        return false;
    size_t commas = 0;
    char *at = line;
    while (*at && !(*at == ',' && ++commas == 3))
        at++;
    snprintf(out_snapshot->series, sizeof out_snapshot->series, "%.*s", (int)(at - line), line);
    double columns[7] = {0};
    for (size_t i = 0; i < 7 && *at; i++)
        columns[i] = strtod(at + 1, &at);
    out_snapshot->control = (struct estimate){columns[1], columns[3], columns[5], columns[3]};
    out_snapshot->treatment = (struct estimate){columns[2], columns[4], columns[6], columns[4]};
    return true;
}

struct tally {
    unsigned snapshots, series, naive, always_valid, last_fixed;
};

static void end_series(struct tally *tally, bool naive, bool always_valid, bool fixed)
{
    tally->naive += naive;
    tally->always_valid += always_valid;
    tally->last_fixed += fixed;
}

static void peeks_at_real_experiments_without_inventing_effects(void **state)
{
    (void)state;
    FILE *file = fopen(path, "r");
    if (!file) {
        print_message("SKIPPED: %s is not here\n", path);
        skip();
    }
    struct effect_question question = {EFFECT_ABSOLUTE, 0.05, 100000};
    struct snapshot snapshot;
    struct tally tally = {0};
    char series[64] = "";
    bool naive = false, always_valid = false, fixed = false;
    assert_non_null(fgets(series, sizeof series, file)); /* the head of the table begins so */
    while (strchr(series, '\n') == NULL && fgets(series, sizeof series, file))
        ;
    for (series[0] = '\0'; read_snapshot(file, &snapshot); tally.snapshots++) {
        if (strcmp(series, snapshot.series) != 0) {
            end_series(&tally, naive, always_valid, fixed);
            naive = always_valid = false;
            tally.series++;
            memcpy(series, snapshot.series, sizeof series);
        }
        struct effect once = effect_fixed(&snapshot.control, &snapshot.treatment, &question);
        struct effect always =
            effect_always_valid(&snapshot.control, &snapshot.treatment, &question);
        fixed = once.known && once.p < 0.05;
        naive |= fixed;
        always_valid |= always.known && always.p < 0.05;
        if (once.known) /* the price of looking: never narrower */
            assert_true(always.low <= once.low && always.high >= once.high);
    }
    end_series(&tally, naive, always_valid, fixed);
    fclose(file);
    print_message("# %u snapshots of %u series: significant at some look %u naively, %u always "
                  "valid; at the last look %u\n",
                  tally.snapshots, tally.series, tally.naive, tally.always_valid, tally.last_fixed);
    assert_true(tally.snapshots > 20000);
    assert_true(tally.always_valid < tally.naive);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(peeks_at_real_experiments_without_inventing_effects),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
