/* The report of a measured placement, for the API and the command line alike. */
#ifndef VISAVIS_API_REPORTING_H
#define VISAVIS_API_REPORTING_H

#include "api/engine.h"

struct reporting {
    const struct workspace *workspace;
    struct slice placement;
    enum locale locale;
};
/* One JSON object (spec/openapi.yaml: PlacementReport). STATUS_NOT_FOUND: no such placement. */
enum status report_placement(struct engine *engine, const struct reporting *reporting,
                             struct buf *buf) MUST_CHECK;

/* The same in one line: {"verdict", "visitorsMissing", "splitOk", "relative", "absolute",
 * "currency", "since"}; costs as much. out_verdict: REPORT_VERDICT_COUNT where nothing is
 * measured. */
enum status report_brief(struct engine *engine, const struct reporting *reporting, struct buf *buf,
                         enum report_verdict *out_verdict) MUST_CHECK;

/* What is told in sentences; amounts in the currency's main unit. */
struct told {
    const struct objective *objective;
    const struct report *report;
    bool measured; /* the placement has an objective */
    double unit;   /* minor units in one; 1 where outcomes are counted */
    struct slice currency;
    enum locale locale;
};
void report_sentences(const struct told *told, struct json_out *out);

#endif
