/* Passwords at rest: argon2id in the PHC string format, through libsodium (crypto.c).
 *
 * One hash takes PASSWORD_MEMORY_KIB of memory and some 30 ms of one core, so who lets strangers
 * ask for one bounds how many run at once. Pure but for the salt; any thread. */
#ifndef VISAVIS_BASE_PASSWORD_H
#define VISAVIS_BASE_PASSWORD_H

#include "base/slice.h"

/* OWASP's and RFC 9106's second choice scaled down: m = 19 MiB, t = 2, p = 1. When they rise,
 * hashes made before are password_outdated. */
enum { PASSWORD_MEMORY_KIB = 19456, PASSWORD_PASSES = 2, PASSWORD_PHC_SIZE = 128 };

/* "$argon2id$v=19$m=…,t=…,p=1$SALT$HASH", NUL-terminated, the rest zeros. */
void password_hash(struct slice password, char out_phc[PASSWORD_PHC_SIZE]);
/* False also for a text that is no hash. Takes the time of the hash's own parameters. */
bool password_matches(const char phc[PASSWORD_PHC_SIZE], struct slice password);
/* Made with other parameters than those above? */
bool password_outdated(const char phc[PASSWORD_PHC_SIZE]);

#endif
