/* Conditions as sentences: a person reads the diff. */
#include "test.h"

#include "audience/condition_say.h"

static const struct {
    const char *text, *english, *french;
} cases[] = {
    {"profile.gender = \"F\" and profile.age between 25 and 35 and place.city = \"Paris\" and "
     "affinity.theme has \"mode éthique\" and count(order.item, category under \"bio\", last 6 "
     "months) >= 1",
     "Gender is “F” and age is between 25 and 35 and city is “Paris” and interests in “theme” "
     "include “mode éthique” and at least 1 item bought (category is in or below “bio”) in the "
     "last 6 months.",
     "Le sexe vaut «\u00a0F\u00a0» et l’âge se situe entre 25 et 35 et la ville vaut "
     "«\u00a0Paris\u00a0» et les goûts en «\u00a0theme\u00a0» comprennent «\u00a0mode "
     "éthique\u00a0» et au moins 1 article acheté (le rayon relève de «\u00a0bio\u00a0») ces 6 "
     "derniers mois."},
    {"count(order, last 90 days) = 0", "No order in the last 90 days.",
     "Aucune commande ces 90 derniers jours."},
    {"not (session.first or level < 2)", "Except: (it is the first visit or level is below 2).",
     "Sauf\u00a0: (c’est la première visite ou le niveau de connaissance reste sous 2)."},
    {"place.city = \"Paris\" and not session.first and robot is false",
     "City is “Paris”, except: it is the first visit and except: it is a robot.",
     "La ville vaut «\u00a0Paris\u00a0», sauf\u00a0: c’est la première visite et sauf\u00a0: c’est "
     "un robot."},
    {"place.city in (\"Paris\", \"Lyon\", \"Lille\") or profile.\"code client\" is known",
     "City is one of “Paris”, “Lyon” or “Lille” or there is a known value for “code client”.",
     "La ville figure parmi «\u00a0Paris\u00a0», «\u00a0Lyon\u00a0» ou «\u00a0Lille\u00a0» ou on "
     "connaît l’information «\u00a0code client\u00a0»."},
    {"consent.personalise and profile.age is unknown and identifier.email is unknown",
     "“personalise” is agreed to and there is no known value for age and it is not known whether "
     "an identifier “email” is there.",
     "L’accord pour «\u00a0personalise\u00a0» est donné et on ne connaît pas l’âge et on ne sait "
     "pas si un identifiant «\u00a0email\u00a0» est là."},
    {"sum(order.value, this month) > 1234.5",
     "The sum of amount over orders this month is above 1,234.5.",
     "La somme du montant pour les commandes ce mois-ci dépasse 1\u202f234,5."},
    {"distinct(view.category, since 2026-01-01) between 3 and 5",
     "The number of different values of category over items looked at since 1 January 2026 is "
     "between 3 and 5.",
     "Le nombre de valeurs différentes du rayon pour les articles regardés depuis le 1er janvier "
     "2026 se situe entre 3 et 5."},
    {"count(\"Quiz Completed\", answer = \"a\", last 1 week) < 3",
     "Fewer than 3 “Quiz Completed” (“answer” is “a”) in the last week.",
     "Moins de 3 «\u00a0Quiz Completed\u00a0» («\u00a0answer\u00a0» vaut «\u00a0a\u00a0») cette "
     "dernière semaine."},
    {"count(order, between 2025-12-01 and 2025-12-31) > 1",
     "More than 1 order from 1 December 2025 to 31 December 2025.",
     "Plus de 1 commande du 1er décembre 2025 au 31 décembre 2025."},
    {"count(view, since order) = 1", "Exactly 1 item looked at since the last order.",
     "Exactement 1 article regardé depuis la dernière commande."},
    {"count(order) != 3", "The number of orders is not 3.",
     "Le nombre de commandes ne vaut pas 3."},
    {"days_since(order) <= 30", "The number of days since the last order is at most 30.",
     "Le nombre de jours depuis la dernière commande ne dépasse pas 30."},
    {"last(order.value) >= 50", "The amount of the last order is at least 50.",
     "Le montant de la dernière commande atteint au moins 50."},
    {"sequence(view, category under \"Tentes\" then cart within 2 days then order within 1 week, "
     "last 30 days)",
     "Item looked at (category is in or below “Tentes”), then item put in the basket within 2 "
     "days, then order within 1 week, all in the last 30 days.",
     "Article regardé (le rayon relève de «\u00a0Tentes\u00a0»), puis article mis au panier en "
     "moins de 2 jours, puis commande en moins de 1 semaine, le tout ces 30 derniers jours."},
    {"page.category under \"Tentes\" and now.weekday in (\"saturday\", \"sunday\") and now.hour >= "
     "18",
     "Category of the page is in or below “Tentes” and day of the week is one of Saturday or "
     "Sunday and hour of the day is at least 18.",
     "Le rayon de la page relève de «\u00a0Tentes\u00a0» et le jour de la semaine figure parmi "
     "samedi ou dimanche et l’heure atteint au moins 18."},
    {"now.date >= 2026-12-01", "Date is at least 1 December 2026.",
     "La date atteint au moins 1er décembre 2026."},
};

static void a_condition_is_told_in_both_languages(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct arena arena;
        struct condition condition;
        arena_init(&arena);
        assert_int_equal(condition_parse(&arena, slice_of(cases[i].text), &condition, NULL),
                         STATUS_OK);
        for (int locale = 0; locale < LOCALE_COUNT; locale++) {
            const char *wanted = locale == LOCALE_FR ? cases[i].french : cases[i].english;
            struct buf buf;
            buf_init(&buf, CONDITION_TEXT_BYTES_MAX);
            condition_say(&condition, (enum locale)locale, &buf);
            if (!slice_is(buf_slice(&buf), wanted))
                fail_msg("%.*s\nis not\n%s", SLICE_ARG(buf_slice(&buf)), wanted);
            buf_done(&buf);
        }
        arena_done(&arena);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(a_condition_is_told_in_both_languages)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
