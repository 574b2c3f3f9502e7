#include "test.h"

#include "base/random.h"
#include "learn/logarithm.h"

#include <math.h>

static void powers_of_two_are_exact(void **state)
{
    (void)state;
    for (int n = -1022; n <= 1023; n++) {
        assert_true(logarithm2(ldexp(1, n)) == n);
        assert_true(power2(n) == ldexp(1, n));
    }
    assert_true(power2(-1023) == 0);
    assert_true(power2(1e300) == ldexp(1, 1023));
}

static void the_logarithm_is_libms_within_its_bound(void **state)
{
    (void)state;
    struct random_stream stream = random_stream(7);
    for (int i = 0; i < 200000; i++) {
        double x = ldexp(1 + random_unit(&stream), (int)random_below(&stream, 400) - 200);
        double mine = logarithm2(x), right = log2(x);
        double scale = fabs(right) > 1 ? fabs(right) : 1;
        assert_true(fabs(mine - right) <= 4e-16 * scale);
    }
}

static void the_power_is_libms_within_its_bound(void **state)
{
    (void)state;
    struct random_stream stream = random_stream(8);
    for (int i = 0; i < 200000; i++) {
        double x = (random_unit(&stream) - 0.5) * 600;
        assert_true(fabs(power2(x) / exp2(x) - 1) <= 1e-15);
    }
}

static void both_undo_each_other_and_rise(void **state)
{
    (void)state;
    double before = -INFINITY;
    for (double x = 1e-6; x < 1e6; x *= 1.37) {
        double y = logarithm2(x);
        assert_true(y > before);
        assert_true(fabs(power2(y) / x - 1) < 1e-14);
        before = y;
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(powers_of_two_are_exact),
        cmocka_unit_test(the_logarithm_is_libms_within_its_bound),
        cmocka_unit_test(the_power_is_libms_within_its_bound),
        cmocka_unit_test(both_undo_each_other_and_rise),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
