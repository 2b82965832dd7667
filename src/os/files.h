#ifndef ORGKEYS_OS_FILES_H
#define ORGKEYS_OS_FILES_H

#include "base/arena.h"
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

/*
 * Makes an empty file (0600) where there is nothing yet, and opens it. file_make_beside: under a
 * name that nobody has, which is `path`, a dot, six characters; with a NUL behind it, it goes into
 * the arena.
 */
struct result file_make(struct text path, int *ret_descriptor);
struct result file_make_beside(struct text path, struct arena *arena, struct text *ret_path,
                               int *ret_descriptor);
/*
 * Gives a file another name in its directory, at once and for all who look; when this returns, it
 * is so on disk. file_rename_new: a name that is taken by then is a failure; after any failure
 * `to` is not the file's name.
 */
struct result file_rename(struct text from, struct text to);
struct result file_rename_new(struct text from, struct text to);
/* Another name for the same file, where it is there. When this returns, it is so on disk. */
struct result file_link(struct text from, struct text to);
/* Takes a file away, where it is there. When this returns, it is so on disk. */
struct result file_remove(struct text path);

/* Makes the last part of `path` (0700) where it is not there yet, and keeps it there. */
struct result directory_make(struct text path);

#endif
