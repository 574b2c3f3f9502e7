/* Users as stored rows, their names, and what their roles may do. */
#include "test.h"

#include "api/user_row.h"

static const uint8_t secret[32] = {1, 2, 3};

static const struct user ada = {
    .id = 42,
    .name = "ada@example.org",
    .role = USER_ROLE_PRIVACY,
    .locale = LOCALE_EN,
    .disabled = true,
    .workspaces = {1, 7},
    .workspace_count = 2,
    .phc = "$argon2id$v=19$m=256,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR",
    .created_ms = 1700000000000,
    .epoch = 43,
};

static enum status read(struct slice row, const uint8_t key[32], struct user *out_user)
{
    struct arena arena;
    arena_init(&arena);
    enum status status = user_row_read(row, key, &arena, out_user);
    arena_done(&arena);
    return status;
}

static void a_row_reads_back_as_it_was_written(void **state)
{
    (void)state;
    struct buf row;
    struct user user;
    buf_init(&row, 4096);
    user_row_write(&ada, secret, &row);
    assert_int_equal(read(buf_slice(&row), secret, &user), STATUS_OK);
    assert_int_equal(user.id, ada.id);
    assert_string_equal(user.name, ada.name);
    assert_int_equal(user.role, ada.role);
    assert_int_equal(user.locale, ada.locale);
    assert_true(user.disabled);
    assert_int_equal(user.workspace_count, 2);
    assert_memory_equal(user.workspaces, ada.workspaces, sizeof ada.workspaces);
    assert_string_equal(user.phc, ada.phc);
    assert_int_equal(user.created_ms, ada.created_ms);
    assert_int_equal(user.epoch, ada.epoch);
    assert_null(memmem(row.data, row.size, "argon2", 6));
    buf_done(&row);
}

static void a_damaged_row_is_refused(void **state)
{
    (void)state;
    const uint8_t another[32] = {0};
    struct buf row;
    struct user user;
    buf_init(&row, 4096);
    user_row_write(&ada, secret, &row);
    assert_int_equal(read(buf_slice(&row), another, &user), STATUS_CORRUPT);
    for (size_t size = 0; size < row.size; size++)
        assert_int_equal(read(slice_first(buf_slice(&row), size), secret, &user), STATUS_CORRUPT);
    static const char *const rows[] = {
        "{}",
        "[]",
        "{\"id\":1,\"name\":\"a b\",\"role\":\"owner\",\"workspaces\":[],\"password\":\"\"}",
        "{\"id\":1,\"name\":\"ada\",\"role\":\"king\",\"workspaces\":[],\"password\":\"\"}",
        "{\"id\":1,\"name\":\"ada\",\"role\":\"owner\",\"workspaces\":[0],\"password\":\"\"}",
        "{\"id\":1,\"name\":\"ada\",\"role\":\"owner\",\"workspaces\":[],\"password\":\"00\"}",
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        assert_int_equal(read(slice_of(rows[i]), secret, &user), STATUS_CORRUPT);
    buf_done(&row);
}

static void a_name_is_a_word_or_an_address(void **state)
{
    (void)state;
    static const struct {
        const char *text, *name; /* NULL: refused */
    } cases[] = {
        {"ada", "ada"},
        {"Ada.L+shop@Example.org", "ada.l+shop@example.org"},
        {"7of9", "7of9"},
        {"", NULL},
        {"-rf", NULL},
        {"a b", NULL},
        {"a\"b", NULL},
        {"é", NULL},
        {"a/b", NULL},
        {"0123456789012345678901234567890123456789012345678901234567",
         "0123456789012345678901234567890123456789012345678901234567"},
        {"01234567890123456789012345678901234567890123456789012345678", NULL},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char name[USER_NAME_BYTES_MAX + 1] = "";
        assert_int_equal(user_name_read(slice_of(cases[i].text), name), cases[i].name != NULL);
        assert_string_equal(name, cases[i].name ? cases[i].name : "");
    }
    char name[USER_NAME_BYTES_MAX + 1];
    assert_false(user_name_read(SLICE("a\0b"), name));
}

static void nobody_sends_events_and_only_owners_make_users(void **state)
{
    (void)state;
    for (int role = 0; role < USER_ROLE_COUNT; role++) {
        uint32_t scopes = role_scopes((enum user_role)role);
        enum user_role named;
        assert_true(role_from_name(slice_of(role_name((enum user_role)role)), &named));
        assert_int_equal(named, role);
        assert_false(scopes >> SCOPE_EVENTS_WRITE & 1);
        assert_int_equal(scopes >> SCOPE_USERS_WRITE & 1, role == USER_ROLE_OWNER);
        assert_true(scopes >> SCOPE_DECISIONS_READ & 1);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_row_reads_back_as_it_was_written),
        cmocka_unit_test(a_damaged_row_is_refused),
        cmocka_unit_test(a_name_is_a_word_or_an_address),
        cmocka_unit_test(nobody_sends_events_and_only_owners_make_users),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
