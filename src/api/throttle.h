/* How fast passwords may be tried: for each account, for each address and in all.
 *
 * LOGIN_TRIES_FREE tries, then each waits twice as long as the one before, LOGIN_WAIT_S_MAX at
 * most: some 70 an hour, and nobody waits longer because of somebody else. An address from which
 * an account was entered before has a count of its own with it, so guesses from elsewhere never
 * delay that user. Accounts that do not exist are counted as those that do. In memory; tables of
 * fixed size, indexed by a hash under a key of this process, where a newcomer takes the place of
 * who was there. Any thread. */
#ifndef VISAVIS_API_THROTTLE_H
#define VISAVIS_API_THROTTLE_H

#include "base/slice.h"

struct throttle;
struct throttle *throttle_new(void);
void throttle_free(struct throttle *throttle);

/* 0: go on, and the try is counted; else the seconds to wait, and it is not. */
unsigned throttle_take(struct throttle *throttle, struct slice account, struct slice address,
                       int64_t now_ms);
/* The try that was taken had the right password. */
void throttle_succeeded(struct throttle *throttle, struct slice account, struct slice address);

#endif
