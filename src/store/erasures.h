/* Reading a file of erasures that is not in the data directory (restore merges one). See
 * erasures.c for its lines. */
#ifndef VISAVIS_STORE_ERASURES_H
#define VISAVIS_STORE_ERASURES_H

#include "store/store.h"

/* As store_erasures_scan; STATUS_NOT_FOUND when the file is absent. */
enum status erasures_scan_file(const char *path, store_erasure_visitor *visitor, void *context,
                               struct diag *diag) MUST_CHECK;

#endif
