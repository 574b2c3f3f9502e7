#include "base/diag.h"

#include <stdarg.h>
#include <stdio.h>

enum status diag_set(struct diag *diag, enum status status, const char *field, const char *format,
                     ...)
{
    if (!diag)
        return status;
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(diag->sentence, sizeof diag->sentence, format, arguments);
    va_end(arguments);
    snprintf(diag->field, sizeof diag->field, "%s", field ? field : "");
    return status;
}
