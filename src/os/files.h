#ifndef ORGKEYS_OS_FILES_H
#define ORGKEYS_OS_FILES_H

#include "base/buffer.h"
#include "base/result.h"
#include "base/text.h"

/*
 * Small files, whole. A failed call is a fault whose text names the path, and leaves the reason in
 * errno, for callers that have a better text for people.
 */

/*
 * Appends the content of `path` to `content`, whose maximum is the largest file that is read
 * (errno EFBIG beyond). On failure `content` is empty. Reads what is no regular file too, so that
 * a secret can come through a pipe.
 */
struct result file_read(struct text path, struct buffer *content);

/*
 * Puts a file at `path` that only its owner may read (0600). After a crash there is the old file or
 * the new one, whole; when this returns, the new one is on disk.
 */
struct result file_replace(struct text path, struct text content);

/* Makes the last part of `path` (0700) where it is not there yet, and keeps it there. */
struct result directory_make(struct text path);

#endif
