/* What every unit test includes first: cmocka, with the headers it wants in the order it wants
 * them. A test's name is a sentence; cases stand in tables, a new case is one line. */
#ifndef VISAVIS_TESTS_UNIT_TEST_H
#define VISAVIS_TESTS_UNIT_TEST_H

/* cmocka.h does not include what it needs: the order matters. */
/* clang-format off */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
/* clang-format on */

#endif
