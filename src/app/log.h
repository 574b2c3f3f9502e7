/* Structured logs: one JSON object a line on stderr, no personal data. Any thread. */
#ifndef VISAVIS_APP_LOG_H
#define VISAVIS_APP_LOG_H

#include <stdint.h>

void log_line(const char *level, const char *event, const char *name, const char *value);
void log_number(const char *level, const char *event, const char *name, uint64_t value);

#endif
