/* A workspace as a stored row: JSON, so that it can be read without us; key hashes sealed under
 * the store's secret.
 *
 * Pure but for the seal's nonce. What is read lives in the arena. */
#ifndef VISAVIS_API_WORKSPACE_ROW_H
#define VISAVIS_API_WORKSPACE_ROW_H

#include "api/workspaces.h"
#include "base/json_out.h"

/* policy is left alone. STATUS_CORRUPT when a row is not what we wrote. */
enum status workspace_read(struct slice row, const uint8_t secret[32], struct arena *arena,
                           struct workspace *out_workspace) MUST_CHECK;
void workspace_write(const struct workspace *workspace, const uint8_t secret[32], struct buf *buf);

/* The settings among its members, within an object. */
void workspace_write_settings(const struct workspace *workspace, struct json_out *out);

/* Takes over the members that are there; STATUS_INVALID names the one that is wrong. Text
 * borrows from the tree. */
enum status workspace_take_settings(struct workspace *workspace, const struct json *settings,
                                    struct arena *arena, struct diag *diag) MUST_CHECK;

#endif
