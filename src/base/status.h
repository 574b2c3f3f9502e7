/* What can happen, in one word.
 *
 * Functions that can fail for a reason outside this program return an enum status; zero is
 * success and the caller must look. What a person wrote wrongly comes with a struct diag beside
 * it. Mistakes of ours are assertions. The table in status.c gives each its name, its HTTP code
 * and its exit code; nothing else in the tree repeats them. */
#ifndef VISAVIS_BASE_STATUS_H
#define VISAVIS_BASE_STATUS_H

#define MUST_CHECK __attribute__((warn_unused_result))

enum status {
    STATUS_OK,
    STATUS_INVALID,         /* the input breaks a rule that can be told to its author */
    STATUS_UNAUTHENTICATED, /* no credential, or one that is not ours */
    STATUS_FORBIDDEN,       /* a credential that does not reach this far */
    STATUS_NOT_FOUND,
    STATUS_CONFLICT,  /* the state does not allow it now */
    STATUS_TOO_LARGE, /* over a limit of base/limits.h */
    STATUS_RATE_LIMITED,
    STATUS_OVERLOADED, /* try again in a second */
    STATUS_NO_SPACE,   /* the disk's reserve is reached */
    STATUS_GONE,       /* was here and was erased */
    STATUS_CORRUPT,    /* stored bytes that are not what was written */
    STATUS_IO,         /* the disk or the network said no */
    STATUS_COUNT
};

/* Short name as used in problem+json and logs ("not_found"). */
const char *status_name(enum status status);
/* One English sentence without a full stop, for titles. */
const char *status_sentence(enum status status);
int status_http_code(enum status status);
/* sysexits-like exit code of a command: 0, 1 (not found, refused) or 2 (usage and input), 3
 * (corrupt), 4 (io). */
int status_exit_code(enum status status);

#endif
