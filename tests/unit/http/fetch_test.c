#include "test.h"

#include "http/fetch.h"

#include <unistd.h>

static void only_public_addresses_are_reached(void **state)
{
    (void)state;
    static const char *const good[] = {"8.8.8.8",     "1.1.1.1",        "172.15.255.255",
                                       "172.32.0.0",  "100.128.0.1",    "9.255.255.255",
                                       "192.0.1.1",   "223.255.255.1",  "2606:4700::1",
                                       "2a01:e0a::1", "2001:4860::8888"};
    static const char *const bad[] = {"0.0.0.0",
                                      "10.0.0.1",
                                      "100.64.0.1",
                                      "127.0.0.1",
                                      "127.255.0.9",
                                      "169.254.169.254",
                                      "172.16.0.1",
                                      "172.31.255.255",
                                      "192.0.0.8",
                                      "192.0.2.1",
                                      "192.168.1.1",
                                      "198.19.0.1",
                                      "198.51.100.7",
                                      "203.0.113.9",
                                      "224.0.0.1",
                                      "255.255.255.255",
                                      "::",
                                      "::1",
                                      "::ffff:127.0.0.1",
                                      "::ffff:10.0.0.1",
                                      "64:ff9b::7f00:1",
                                      "64:ff9b:1::1",
                                      "100::1",
                                      "2001::1",
                                      "2001:db8::1",
                                      "2002:7f00:1::",
                                      "fc00::1",
                                      "fd12::1",
                                      "fe80::1",
                                      "fec0::1",
                                      "ff02::1"};
    struct address address;
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        assert_true(address_parse(slice_of(good[i]), &address));
        if (!fetch_address_public(address))
            fail_msg("%s is refused", good[i]);
    }
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        assert_true(address_parse(slice_of(bad[i]), &address));
        if (fetch_address_public(address))
            fail_msg("%s is taken", bad[i]);
    }
    assert_false(fetch_address_public((struct address){.known = false}));
}

/* Whatever way they are written: no packet leaves, so the test needs no network. */
static void odd_spellings_of_private_hosts_are_refused(void **state)
{
    (void)state;
    static const struct {
        const char *url;
        enum status status;
    } cases[] = {
        {"http://127.0.0.1/", STATUS_FORBIDDEN},
        {"http://127.1/", STATUS_FORBIDDEN},
        {"http://0x7f000001/", STATUS_FORBIDDEN},
        {"http://0177.0.0.1/", STATUS_FORBIDDEN},
        {"http://2130706433/", STATUS_FORBIDDEN},
        {"http://0/", STATUS_FORBIDDEN},
        {"http://[::1]/", STATUS_FORBIDDEN},
        {"http://[::ffff:127.0.0.1]/", STATUS_FORBIDDEN},
        {"http://[::ffff:7f00:1]:8080/", STATUS_FORBIDDEN},
        {"http://169.254.169.254/latest/meta-data", STATUS_FORBIDDEN},
        {"https://10.1.2.3/", STATUS_FORBIDDEN},
        {"http://localhost/", STATUS_FORBIDDEN},
        {"file:///etc/passwd", STATUS_INVALID},
        {"gopher://8.8.8.8/", STATUS_INVALID},
        {"dict://8.8.8.8/", STATUS_INVALID},
        {"ftp://8.8.8.8/", STATUS_INVALID},
        {"http://user:secret@8.8.8.8/", STATUS_INVALID},
        {"http://8.8.8.8:22/", STATUS_INVALID},
        {"http://8.8.8.8:6379/", STATUS_INVALID},
        {"//8.8.8.8/", STATUS_INVALID},
        {"/feed.xml", STATUS_INVALID},
        {"", STATUS_INVALID},
        {"http://a\r\nb/", STATUS_INVALID},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct fetch_options options = {
            .url = slice_of(cases[i].url), .bytes_max = 10, .seconds_max = 2, .fd = -1};
        struct fetch_result result;
        struct diag diag = {0};
        enum status status = fetch_get(&options, &result, &diag);
        if (status != cases[i].status || !diag.sentence[0])
            fail_msg("%s: %s %s", cases[i].url, status_name(status), diag.sentence);
    }
}

static void a_named_host_may_be_private_and_on_any_port(void **state)
{
    (void)state;
    const struct slice hosts[] = {SLICE_INIT("feeds.internal"), SLICE_INIT("127.0.0.1:9000")};
    struct diag diag;
    assert_int_equal(fetch_check_url(SLICE("http://feeds.internal:1234/x"), hosts, 2, &diag),
                     STATUS_OK);
    assert_int_equal(fetch_check_url(SLICE("http://FEEDS.internal/x"), hosts, 2, &diag), STATUS_OK);
    assert_int_equal(fetch_check_url(SLICE("http://127.0.0.1:9000/x"), hosts, 2, &diag), STATUS_OK);
    assert_int_equal(fetch_check_url(SLICE("http://127.0.0.1:9001/x"), hosts, 2, &diag),
                     STATUS_INVALID);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(only_public_addresses_are_reached),
        cmocka_unit_test(odd_spellings_of_private_hosts_are_refused),
        cmocka_unit_test(a_named_host_may_be_private_and_on_any_port),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
