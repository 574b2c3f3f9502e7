/* Sorting and selecting short lists of values where each comparison counts: made for a type and an
 * order, so that the compiler sees both.
 *
 *     static bool is_better(const struct rank *left, const struct rank *right);
 *     SORT_OF(ranks, struct rank, is_better)
 *
 * defines ranks_sort(list, count) and ranks_select(list, count, wanted), which brings the first
 * `wanted` to the front in no order. is_before must be a total order. In place, no memory; meant
 * for lists up to some hundreds, since a list made to hurt takes quadratic time. */
#ifndef VISAVIS_BASE_SORT_H
#define VISAVIS_BASE_SORT_H

#include <stddef.h>

enum { SORT_BY_INSERTION_MAX = 12 };

/* NOLINTBEGIN(bugprone-macro-parentheses): a type cannot stand in parentheses */

/* cut (Hoare): all up to the answer come before all beyond it; low ≤ answer < high. */
#define SORT_OF(name, type, is_before)                                                             \
    __attribute__((unused)) static inline size_t name##_cut(type *list, size_t low, size_t high)   \
    {                                                                                              \
        type pivot = list[low + (high - low) / 2];                                                 \
        for (;; low++, high--) {                                                                   \
            while (is_before(&list[low], &pivot))                                                  \
                low++;                                                                             \
            while (is_before(&pivot, &list[high]))                                                 \
                high--;                                                                            \
            if (low >= high)                                                                       \
                return high;                                                                       \
            type kept = list[low];                                                                 \
            list[low] = list[high];                                                                \
            list[high] = kept;                                                                     \
        }                                                                                          \
    }                                                                                              \
    __attribute__((unused)) static inline void name##_insert(type *list, size_t count)             \
    {                                                                                              \
        for (size_t i = 1; i < count; i++) {                                                       \
            type moved = list[i];                                                                  \
            size_t at = i;                                                                         \
            for (; at > 0 && is_before(&moved, &list[at - 1]); at--)                               \
                list[at] = list[at - 1];                                                           \
            list[at] = moved;                                                                      \
        }                                                                                          \
    }                                                                                              \
    __attribute__((unused)) static inline void name##_select(type *list, size_t count,             \
                                                             size_t wanted)                        \
    {                                                                                              \
        size_t low = 0, high = count;                                                              \
        while (wanted > low && wanted < high && high - low > 1) {                                  \
            size_t middle = name##_cut(list, low, high - 1) + 1;                                   \
            if (wanted <= middle)                                                                  \
                high = middle;                                                                     \
            else                                                                                   \
                low = middle;                                                                      \
        }                                                                                          \
    }                                                                                              \
    __attribute__((unused)) static inline void name##_sort(type *list, size_t count)               \
    {                                                                                              \
        while (count > SORT_BY_INSERTION_MAX) {                                                    \
            size_t middle = name##_cut(list, 0, count - 1) + 1;                                    \
            name##_sort(list + middle, count - middle);                                            \
            count = middle;                                                                        \
        }                                                                                          \
        name##_insert(list, count);                                                                \
    }

/* NOLINTEND(bugprone-macro-parentheses) */

#endif
