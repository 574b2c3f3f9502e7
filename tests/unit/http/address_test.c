/* Addresses, blocks, and the spoof matrix of X-Forwarded-For. */
#include "unit/test.h"

#include "http/address.h"

static void reads_and_writes_addresses(void **state)
{
    (void)state;
    static const struct {
        const char *text, *shown; /* NULL: not an address */
    } tried[] = {
        {"192.0.2.1", "192.0.2.1"},
        {" 192.0.2.1 ", "192.0.2.1"},
        {"192.0.2.1:80", "192.0.2.1"},
        {"2001:db8::1", "2001:db8::1"},
        {"[2001:db8::1]", "2001:db8::1"},
        {"[2001:db8::1]:443", "2001:db8::1"},
        {"::ffff:192.0.2.1", "192.0.2.1"},
        {"::1", "::1"},
        {"", NULL},
        {"unknown", NULL},
        {"192.0.2", NULL},
        {"192.0.2.256", NULL},
        {"[::1", NULL},
        {"1.2.3.4.5", NULL},
        {"_hidden", NULL},
        {"fe80::1%eth0", NULL},
        {"for=192.0.2.1", NULL},
    };
    for (size_t i = 0; i < sizeof tried / sizeof tried[0]; i++) {
        struct address address;
        char shown[ADDRESS_TEXT_SIZE];
        bool parsed = address_parse(slice_of(tried[i].text), &address);
        if (parsed != (tried[i].shown != NULL))
            fail_msg("%s", tried[i].text);
        if (!parsed)
            continue;
        address_format(address, shown);
        assert_string_equal(shown, tried[i].shown);
    }
}

static void knows_what_lies_in_a_block(void **state)
{
    (void)state;
    static const struct {
        const char *block, *address;
        bool inside;
    } tried[] = {
        {"10.0.0.0/8", "10.255.1.2", true},
        {"10.0.0.0/8", "11.0.0.1", false},
        {"192.0.2.128/25", "192.0.2.127", false},
        {"192.0.2.128/25", "192.0.2.200", true},
        {"192.0.2.1", "192.0.2.1", true},
        {"192.0.2.1", "192.0.2.2", false},
        {"0.0.0.0/0", "8.8.8.8", true},
        {"0.0.0.0/0", "2001:db8::1", false},
        {"::/0", "2001:db8::1", true},
        {"fd00::/8", "fd12::1", true},
        {"fd00::/8", "fe12::1", false},
        {"2001:db8::/33", "2001:db8:8000::1", false},
        {"10.0.0.0/8", "::ffff:10.1.1.1", true},
    };
    for (size_t i = 0; i < sizeof tried / sizeof tried[0]; i++) {
        struct address_block block;
        struct address address;
        assert_true(address_block_parse(slice_of(tried[i].block), &block));
        assert_true(address_parse(slice_of(tried[i].address), &address));
        if (address_in_block(address, &block) != tried[i].inside)
            fail_msg("%s in %s", tried[i].address, tried[i].block);
    }
}

static void refuses_blocks_that_are_none(void **state)
{
    (void)state;
    static const char *const tried[] = {"10.0.0.0/33", "10.0.0.0/-1", "10.0.0.0/", "10.0.0.0/x",
                                        "::/129",      "proxy",       "",          "/8"};
    for (size_t i = 0; i < sizeof tried / sizeof tried[0]; i++) {
        struct address_block block;
        assert_false(address_block_parse(slice_of(tried[i]), &block));
    }
}

static void believes_only_what_a_trusted_proxy_says(void **state)
{
    (void)state;
    struct address_block trusted[2];
    assert_true(address_block_parse(SLICE("10.0.0.0/8"), &trusted[0]));
    assert_true(address_block_parse(SLICE("fd00::/8"), &trusted[1]));
    static const struct {
        const char *peer, *forwarded_for, *client;
    } tried[] = {
        {"198.51.100.7", "203.0.113.9", "198.51.100.7"}, /* a stranger's header */
        {"198.51.100.7", "", "198.51.100.7"},
        {"10.0.0.1", "", "10.0.0.1"},
        {"10.0.0.1", "203.0.113.9", "203.0.113.9"},
        {"10.0.0.1", "1.1.1.1, 203.0.113.9", "203.0.113.9"}, /* the left one is made up */
        {"10.0.0.1", "203.0.113.9, 10.0.0.2", "203.0.113.9"},
        {"10.0.0.1", "1.1.1.1, 203.0.113.9, 10.0.0.2,10.0.0.3", "203.0.113.9"},
        {"10.0.0.1", "10.0.0.9, 10.0.0.2", "10.0.0.9"}, /* all trusted: the left-most */
        {"10.0.0.1", "203.0.113.9, unknown", "10.0.0.1"},
        {"10.0.0.1", "203.0.113.9, ", "10.0.0.1"},
        {"10.0.0.1", "203.0.113.9, garbage, 10.0.0.2", "10.0.0.2"},
        {"fd00::1", "2001:db8::5", "2001:db8::5"},
        {"fd00::1", "[2001:db8::5]:1234", "2001:db8::5"},
        {"10.0.0.1", "203.0.113.9:4711", "203.0.113.9"},
    };
    for (size_t i = 0; i < sizeof tried / sizeof tried[0]; i++) {
        struct address peer;
        char shown[ADDRESS_TEXT_SIZE];
        assert_true(address_parse(slice_of(tried[i].peer), &peer));
        address_format(address_forwarded(peer, slice_of(tried[i].forwarded_for), trusted, 2),
                       shown);
        assert_string_equal(shown, tried[i].client);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_and_writes_addresses),
        cmocka_unit_test(knows_what_lies_in_a_block),
        cmocka_unit_test(refuses_blocks_that_are_none),
        cmocka_unit_test(believes_only_what_a_trusted_proxy_says),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
