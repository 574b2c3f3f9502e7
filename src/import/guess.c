/* Which column of a file of people, events or orders is which of our fields. */
#include "import/reading.h"

#include "catalog/feed_guess.h"

/* Whom a row names, and where they live: the same in every kind but for the address's names. */
#define WHO                                                                                        \
    {"email",                                                                                      \
     SHAPE_EMAIL,                                                                                  \
     80,                                                                                           \
     {"email", "e_mail", "mail", "adresse_e_mail", "adresse_email", "adresse_mail", "courriel",    \
      "email_address", "customer_email", "email_client"}},                                         \
        {"user",                                                                                   \
         SHAPE_ID,                                                                                 \
         0,                                                                                        \
         {"user", "user_id", "userid", "customer", "customer_id", "customerid", "id_client",       \
          "client", "client_id", "numero_client", "no_client", "n_client", "code_client",          \
          "customer_number"}},                                                                     \
        {"anonymous_id", SHAPE_ID, 0, {"anonymous_id", "anonymousid", "visitor_id", "cookie_id"}}, \
        {"phone",                                                                                  \
         SHAPE_FILLED,                                                                             \
         0,                                                                                        \
         {"phone", "telephone", "tel", "mobile", "portable", "numero_de_telephone",                \
          "phone_number", "gsm"}},                                                                 \
    {                                                                                              \
        "message_id", SHAPE_ID, 0,                                                                 \
        {                                                                                          \
            "message_id", "messageid"                                                              \
        }                                                                                          \
    }

#define COUNTRY_NAMES                                                                              \
    {                                                                                              \
        "country", "pays", "country_code", "code_pays"                                             \
    }
#define REGION_NAMES                                                                               \
    {                                                                                              \
        "region", "state", "province", "departement"                                               \
    }
#define CITY_NAMES                                                                                 \
    {                                                                                              \
        "city", "ville", "town", "commune", "localite"                                             \
    }
#define POSTCODE_NAMES                                                                             \
    {                                                                                              \
        "postcode", "postal_code", "zip", "code_postal", "cp", "codepostal", "zip_code", "zipcode" \
    }

static const struct guess_meaning of_people[] = {
    WHO,
    {"first_name", SHAPE_TITLE, 0, {"first_name", "firstname", "prenom", "given_name", "forename"}},
    {"last_name",
     SHAPE_TITLE,
     0,
     {"last_name", "lastname", "nom", "nom_de_famille", "family_name", "surname"}},
    {"birthday",
     SHAPE_TIME,
     0,
     {"birthday", "birth_date", "birthdate", "date_of_birth", "date_de_naissance", "naissance",
      "date_naissance", "anniversaire", "dob"}},
    {"gender", SHAPE_FILLED, 0, {"gender", "sexe", "genre", "civilite", "title"}},
    {"address.country", SHAPE_FILLED, 0, COUNTRY_NAMES},
    {"address.region", SHAPE_FILLED, 0, REGION_NAMES},
    {"address.city", SHAPE_FILLED, 0, CITY_NAMES},
    {"address.postcode", SHAPE_FILLED, 0, POSTCODE_NAMES},
    {"address.street",
     SHAPE_FILLED,
     0,
     {"street", "address", "adresse", "rue", "address_1", "address1", "adresse_1"}},
    {"time",
     SHAPE_TIME,
     0,
     {"time", "timestamp", "date", "updated_at", "created_at", "date_creation", "date_inscription",
      "date_modification", "modifie_le", "inscrit_le"}},
};

static const struct guess_meaning of_events[] = {
    WHO,
    {"time",
     SHAPE_TIME,
     80,
     {"time", "timestamp", "date", "datetime", "date_heure", "order_date", "date_commande",
      "date_de_commande", "invoice_date", "invoicedate", "date_facture", "created_at", "event_time",
      "commande_le"}},
    {"order",
     SHAPE_ID,
     0,
     {"order", "order_id", "orderid", "commande", "numero_commande", "no_commande", "id_commande",
      "order_number", "invoice", "invoice_no", "invoiceno", "facture", "numero_facture",
      "numero_de_commande"}},
    {"item",
     SHAPE_ID,
     0,
     {"item", "item_id", "product_id", "sku", "stockcode", "stock_code", "reference", "ref",
      "article", "code_article", "id_produit", "code_produit", "produit", "product_code"}},
    {"variant", SHAPE_ID, 0, {"variant", "variant_id", "variante", "declinaison"}},
    {"quantity", SHAPE_FILLED, 0, {"quantity", "qty", "quantite", "qte", "nombre", "units"}},
    {"price",
     SHAPE_MONEY,
     0,
     {"price", "unit_price", "unitprice", "prix", "prix_unitaire", "pu", "pu_ttc", "prix_ttc",
      "price_ttc", "prix_unitaire_ttc"}},
    {"currency", SHAPE_CURRENCY, 0, {"currency", "devise", "monnaie"}},
    {"event", SHAPE_TITLE, 0, {"event", "event_name", "evenement", "action"}},
    {"type", SHAPE_TITLE, 0, {"type", "event_type"}},
    {"title",
     SHAPE_TITLE,
     0,
     {"title", "name", "product_name", "libelle", "designation", "nom_produit", "description",
      "intitule"}},
    {"brand", SHAPE_FILLED, 0, {"brand", "marque"}},
    {"category", SHAPE_FILLED, 0, {"category", "categorie", "rayon", "famille"}},
    {"url", SHAPE_URL, 0, {"url", "page", "page_url"}},
    {"query", SHAPE_TITLE, 0, {"query", "search", "recherche", "requete"}},
    {"country", SHAPE_FILLED, 0, COUNTRY_NAMES},
    {"region", SHAPE_FILLED, 0, REGION_NAMES},
    {"city", SHAPE_FILLED, 0, CITY_NAMES},
    {"postcode", SHAPE_FILLED, 0, POSTCODE_NAMES},
};

static const struct guess_table people_table = {of_people, sizeof of_people / sizeof *of_people},
                                events_table = {of_events, sizeof of_events / sizeof *of_events};

enum status import_guess(struct import *import, struct guesses *out_guesses, struct diag *diag)
{
    enum import_kind kind = import->options.kind;
    const struct guess_table *table = kind == IMPORT_PEOPLE ? &people_table : &events_table;
    return kind == IMPORT_CATALOG
               ? feed_guess(import->feed, &import->arena, out_guesses, diag)
               : feed_guess_by(import->feed, table, &import->arena, out_guesses, diag);
}
