/* open(2) under all its names, for a library that is preloaded: each calls open_at(folder, path, flags, mode). */
#include <fcntl.h>
#include <stdarg.h>

static int open_at(int folder, const char *path, int flags, mode_t mode);

/* The mode is there only where a file may be created. */
#define OPEN_AT(folder) ({ \
  va_list list; \
  va_start(list, flags); \
  mode_t mode = flags & O_CREAT ? va_arg(list, mode_t) : 0; \
  va_end(list); \
  open_at(folder, path, flags, mode); })
int open(const char *path, int flags, ...) { return OPEN_AT(AT_FDCWD); }
int open64(const char *path, int flags, ...) { return OPEN_AT(AT_FDCWD); }
int openat(int folder, const char *path, int flags, ...) { return OPEN_AT(folder); }
int openat64(int folder, const char *path, int flags, ...) { return OPEN_AT(folder); }
